namespace Compare.Peers;

/// <summary>One way to serve the echo: how its process is started, and what can be asked of it.</summary>
/// <param name="Key">How the command line and the results call it.</param>
/// <param name="Title">How tables call it.</param>
/// <param name="Description">What it is, in a sentence.</param>
/// <param name="Command">The program and its arguments; <c>{port}</c> stands for the port.</param>
public sealed record Peer(string Key, string Title, string Description, params string[] Command)
{
    /// <summary>The key of the peer that every other one is compared with.</summary>
    public const string Stock = "aspnetcore";

    /// <summary>The key of the peer that no server can be cheaper than by much.</summary>
    public const string Floor = "floor";

    /// <summary>The key of the peer that the whole framework should cost no more than.</summary>
    public const string Engine = "engine";

    /// <summary>Variables of its environment; <c>{port}</c> stands for the port.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether it collects its garbage at SIGUSR2, and prints <c>collected</c> then.</summary>
    public bool Collects { get; init; } = true;

    /// <summary>Whether it takes part only where plain HTTP is measured.</summary>
    public bool HttpOnly { get; init; }
}
