namespace Tideway.Testing.Chaos;

/// <summary>What a gate does to the bytes that go one way, in the order in which it was said.</summary>
public sealed class GateDirection
{
    private readonly List<GateStep> _steps = [];

    internal GateDirection()
    {
    }

    /// <summary>Passes the bytes in pieces of random sizes.</summary>
    /// <param name="most">How many bytes a piece has at most; 1 for byte by byte.</param>
    /// <returns>This direction.</returns>
    public GateDirection SplitBytes(int most = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        return Add((input, random, _) => ByteSteps.Split(input, random, most));
    }

    /// <summary>Keeps each piece for a random time.</summary>
    /// <param name="most">How long at most.</param>
    /// <returns>This direction.</returns>
    public GateDirection Delay(TimeSpan most) => Add((input, random, end) => ByteSteps.Delay(input, random, most, end));

    /// <summary>Gathers what comes, until nothing has come for a while, and passes it as one piece.</summary>
    /// <param name="quiet">For how long.</param>
    /// <returns>This direction.</returns>
    public GateDirection Coalesce(TimeSpan quiet) => Add((input, _, _) => ByteSteps.Coalesce(input, quiet));

    /// <summary>Turns over a random bit in some pieces.</summary>
    /// <param name="share">In how many of them: 1 for all.</param>
    /// <param name="after">How many bytes are left alone before, the handshake's for example.</param>
    /// <returns>This direction.</returns>
    public GateDirection Corrupt(double share = 1, int after = 0) =>
        Add((input, random, _) => ByteSteps.Corrupt(input, random, share, after));

    /// <summary>Passes only the first bytes, and drops the others without a word.</summary>
    /// <param name="bytes">How many pass.</param>
    /// <returns>This direction.</returns>
    public GateDirection Truncate(int bytes) => Add((input, _, _) => ByteSteps.Truncate(input, bytes));

    /// <summary>Passes only the first bytes, and then reads no more: who sends finds the way full.</summary>
    /// <param name="bytes">How many pass.</param>
    /// <returns>This direction.</returns>
    public GateDirection StopAfter(int bytes) => Add((input, _, end) => ByteSteps.StopAfter(input, bytes, end));

    /// <summary>Passes only the first bytes, and then ends the connection.</summary>
    /// <param name="bytes">How many pass.</param>
    /// <returns>This direction.</returns>
    public GateDirection CloseAfter(int bytes) =>
        Add((input, _, _) => ByteSteps.EndAfter(input, bytes, isReset: false));

    /// <summary>Passes only the first bytes, and then resets the connection.</summary>
    /// <param name="bytes">How many pass.</param>
    /// <returns>This direction.</returns>
    public GateDirection ResetAfter(int bytes) => Add((input, _, _) => ByteSteps.EndAfter(input, bytes, isReset: true));

    /// <summary>Passes each WebSocket frame in two pieces, the second a little later.</summary>
    /// <param name="at">Behind how many of its bytes it is cut, counted from the end if that is below zero; null for
    /// anywhere.</param>
    /// <returns>This direction.</returns>
    public GateDirection CutFrames(int? at = null) => Add((input, random, _) => FrameSteps.Cut(input, random, at));

    /// <summary>Lets some data frames overtake pings and pongs, as the protocol allows.</summary>
    /// <remarks>None overtakes a close frame.</remarks>
    /// <param name="most">How many overtake one at most.</param>
    /// <returns>This direction.</returns>
    public GateDirection ReorderControls(int most = 3) =>
        Add((input, random, _) => FrameSteps.ReorderControls(input, random, most));

    internal IAsyncEnumerable<ReadOnlyMemory<byte>> Apply(
        IAsyncEnumerable<ReadOnlyMemory<byte>> input, Random random, CancellationToken end)
    {
        foreach (GateStep step in _steps) input = step(input, random, end);
        return input;
    }

    private GateDirection Add(GateStep step)
    {
        _steps.Add(step);
        return this;
    }
}
