using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace Tideway.Testing.Mocks;

/// <summary>What a mock server answers on a path, and what it was asked.</summary>
/// <remarks>Safe from any thread.</remarks>
public sealed class MockHandler
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);
    private readonly Func<MockRequest, HttpContext, Task> _answer;
    private readonly Channel<MockRequest> _requests = Channel.CreateUnbounded<MockRequest>();
    private int _calls;

    internal MockHandler(string path, Func<MockRequest, HttpContext, Task> answer) => (Path, _answer) = (path, answer);

    /// <summary>The path; with a star at its end, all that begin so.</summary>
    public string Path { get; }

    /// <summary>How many requests there were.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Waits for the next request that nothing else has waited for.</summary>
    /// <exception cref="TimeoutException">There was none within a minute.</exception>
    public async Task<MockRequest> WaitAsync()
    {
        using var timeout = new CancellationTokenSource(_patience);
        try
        {
            return await _requests.Reader.ReadAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The service has not asked for {Path} within a minute.");
        }
    }

    internal bool Takes(string path) => Path.EndsWith('*')
        ? path.StartsWith(Path[..^1], StringComparison.Ordinal)
        : path == Path;

    internal Task ServeAsync(MockRequest request, HttpContext http)
    {
        Interlocked.Increment(ref _calls);
        _requests.Writer.TryWrite(request);
        return _answer(request, http);
    }
}
