namespace Tideway.Conformance.Wire;

/// <summary>In how many bits a header tells the length of its payload (RFC 6455 §5.2).</summary>
internal enum LengthForm
{
    Shortest,
    SevenBits,
    SixteenBits,
    SixtyFourBits,
}
