using System.Buffers;
using System.IO.Pipelines;

namespace Tideway.AspNetCore.Transport;

/// <summary>What the pipes of all connections of a listener are made from. Immutable.</summary>
/// <param name="Pool">Where their buffers come from.</param>
/// <param name="Input">The pipe from the socket to the server: filled on a loop, read on the thread pool or the
/// loop.</param>
/// <param name="Output">The pipe from the server to the socket: emptied by the thread that fills it.</param>
internal sealed record ConnectionPipes(MemoryPool<byte> Pool, PipeOptions Input, PipeOptions Output)
{
    public static ConnectionPipes Create(MemoryPool<byte> pool, TransportOptions options) => new(
        pool,
        new PipeOptions(
            pool,
            readerScheduler: options.RunsRequestsOnLoops ? PipeScheduler.Inline : PipeScheduler.ThreadPool,
            writerScheduler: PipeScheduler.Inline,
            pauseWriterThreshold: options.MaxReadBufferSize,
            resumeWriterThreshold: options.MaxReadBufferSize / 2,
            useSynchronizationContext: false),
        new PipeOptions(
            pool,
            readerScheduler: PipeScheduler.Inline,
            writerScheduler: PipeScheduler.ThreadPool,
            pauseWriterThreshold: options.MaxWriteBufferSize,
            resumeWriterThreshold: options.MaxWriteBufferSize / 2,
            useSynchronizationContext: false));
}
