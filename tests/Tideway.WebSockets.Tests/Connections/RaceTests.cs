using Tideway.WebSockets.Framing;

namespace Tideway.WebSockets.Tests.Connections;

/// <summary>What happens when two things happen at once: the peer, the handler and other threads against each other.</summary>
public sealed class RaceTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Reading_pauses_again_after_a_pause_that_ended_in_its_own_turn()
    {
        await using RawPeer peer = await RawPeer.ConnectAsync();
        var begun = new TaskCompletionSource();
        var goOn = new SemaphoreSlim(0);
        var lengths = new List<int>();
        Task handler = peer.Connection.RunAsync(async connection =>
        {
            begun.SetResult();
            while (await connection.ReceiveAsync() is { IsClose: false } message)
            {
                lengths.Add(message.Data.Length);
                if (message.Data.Length == 3) await goOn.WaitAsync();
                else await Task.Yield();
            }
        });
        await begun.Task;
        for (int round = 0; round < 50; round++)
        {
            // The first pair has reading pause and resume in one turn. Behind the second, it has to stay paused.
            await peer.SendBytesAsync(Messages(1, 2));
            await peer.SendBytesAsync(Messages(3, 1000));
            await peer.SendBytesAsync(Messages(5));
            await Task.Yield();
            goOn.Release();
        }

        await peer.AnswerCloseAsync();
        await handler.WaitAsync(_patience);
        Assert.Equal(Enumerable.Repeat<int[]>([1, 2, 3, 1000, 5], 50).SelectMany(lengths => lengths), lengths);
    }

    private static byte[] Messages(params int[] lengths) =>
        [.. lengths.SelectMany(length => RawPeer.Frame(Opcode.Binary, new byte[length]))];
}
