namespace Tideway.Testing.Chaos;

/// <summary>What a gate does to the connections that go through it. Without a word it passes all as it comes.</summary>
/// <remarks>What is said here holds for both directions; <see cref="ToService"/> and <see cref="ToClient"/> say it for
/// one of them.</remarks>
public sealed class GateOptions
{
    internal GateOptions()
    {
    }

    /// <summary>What is done to what clients send.</summary>
    public GateDirection ToService { get; } = new();

    /// <summary>What is done to what the service sends.</summary>
    public GateDirection ToClient { get; } = new();

    /// <summary>What chance begins with: the same seed does the same. A test that fails tells it.</summary>
    /// <remarks>Defaults to another one each time.</remarks>
    public int Seed { get; set; } = Random.Shared.Next();

    /// <inheritdoc cref="GateDirection.SplitBytes"/>
    public GateOptions SplitBytes(int most = 1) => Both(way => way.SplitBytes(most));

    /// <inheritdoc cref="GateDirection.Delay"/>
    public GateOptions Delay(TimeSpan most) => Both(way => way.Delay(most));

    /// <inheritdoc cref="GateDirection.Coalesce"/>
    public GateOptions Coalesce(TimeSpan quiet) => Both(way => way.Coalesce(quiet));

    /// <inheritdoc cref="GateDirection.CutFrames"/>
    public GateOptions CutFrames(int? at = null) => Both(way => way.CutFrames(at));

    /// <inheritdoc cref="GateDirection.ReorderControls"/>
    public GateOptions ReorderControls(int most = 3) => Both(way => way.ReorderControls(most));

    private GateOptions Both(Action<GateDirection> say)
    {
        say(ToService);
        say(ToClient);
        return this;
    }
}
