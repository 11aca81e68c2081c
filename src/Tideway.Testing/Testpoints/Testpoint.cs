using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Tideway.Testing.Testpoints;

/// <summary>A testpoint that a test has subscribed to.</summary>
/// <remarks>Safe from any thread.</remarks>
public sealed class Testpoint
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);
    private readonly Func<JsonNode?, Task<JsonNode?>> _handler;
    private readonly Channel<JsonNode?> _calls = Channel.CreateUnbounded<JsonNode?>();
    private readonly TaskCompletionSource<JsonNode?>? _held;
    private int _count;

    internal Testpoint(string name, Func<JsonNode?, JsonNode?> handler) =>
        (Name, _handler) = (name, data => Task.FromResult(handler(data)));

    /// <summary>Makes one that holds whoever comes by.</summary>
    internal Testpoint(string name)
    {
        _held = new TaskCompletionSource<JsonNode?>(TaskCreationOptions.RunContinuationsAsynchronously);
        (Name, _handler) = (name, _ => _held.Task);
    }

    /// <summary>The name of the testpoint in the code of the service.</summary>
    public string Name { get; }

    /// <summary>How often the service came by.</summary>
    public int Calls => Volatile.Read(ref _count);

    /// <summary>Waits until the service comes by; each time is waited for once.</summary>
    /// <returns>What the service tells there.</returns>
    /// <exception cref="TimeoutException">It did not come by within a minute.</exception>
    public async Task<JsonNode?> WaitAsync()
    {
        using var timeout = new CancellationTokenSource(_patience);
        try
        {
            return await _calls.Reader.ReadAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The service has not come by the testpoint '{Name}' within a minute.");
        }
    }

    /// <summary>Lets go whoever is held here, and holds nobody any more.</summary>
    /// <param name="answer">What the service gets.</param>
    public void Release(JsonNode? answer = null) => _held?.TrySetResult(answer);

    internal Task<JsonNode?> CallAsync(JsonNode? data)
    {
        Interlocked.Increment(ref _count);
        _calls.Writer.TryWrite(data?.DeepClone());
        return _handler(data);
    }
}
