namespace Tideway.Testing.Wire;

/// <summary>In how many bits a header tells the length of its payload (RFC 6455 §5.2).</summary>
public enum LengthForm
{
    /// <summary>In as few as the length takes, as the RFC demands.</summary>
    Shortest,

    /// <summary>In the 7 bits of the second byte.</summary>
    SevenBits,

    /// <summary>In 16 bits behind it.</summary>
    SixteenBits,

    /// <summary>In 64 bits behind it.</summary>
    SixtyFourBits,
}
