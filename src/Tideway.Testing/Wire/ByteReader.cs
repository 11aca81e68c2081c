using System.Net.Sockets;
using System.Text;

namespace Tideway.Testing.Wire;

/// <summary>Reads the bytes of one side: exact counts, heads of HTTP, and the end.</summary>
internal sealed class ByteReader(Stream stream, Transcript transcript)
{
    private byte[] _buffer = new byte[16384];
    private int _start;
    private int _end;

    /// <summary>How long a read waits before it has failed.</summary>
    public TimeSpan Patience { get; set; }

    /// <summary>Whether the other side ended the transport by a reset.</summary>
    public bool WasReset { get; private set; }

    /// <summary>Reads so many bytes; null when the transport ends before the first of them.</summary>
    public async Task<byte[]?> ReadAsync(int count)
    {
        if (count == 0) return [];
        if (!await HaveAsync(count))
        {
            if (_end == _start) return null;
            throw new WireException($"The transport ended {_end - _start} bytes into {count}.");
        }

        byte[] bytes = _buffer[_start..(_start + count)];
        _start += count;
        return bytes;
    }

    /// <summary>Reads a head of HTTP, to the empty line; null when the transport ends before it.</summary>
    public async Task<string?> ReadHeadAsync()
    {
        for (int have = 1; await HaveAsync(have); have++)
        {
            if (!_buffer.AsSpan(_start, have).EndsWith("\r\n\r\n"u8)) continue;
            string head = Encoding.Latin1.GetString(_buffer, _start, have);
            _start += have;
            return head;
        }

        return null;
    }

    private async Task<bool> HaveAsync(int count)
    {
        while (_end - _start < count)
        {
            if (_start + count > _buffer.Length) MakeRoom(count);
            int length = await ReceiveAsync();
            if (length == 0) return false;
            _end += length;
        }

        return true;
    }

    private void MakeRoom(int count)
    {
        byte[] buffer = count > _buffer.Length ? new byte[count] : _buffer;
        _buffer.AsSpan(_start, _end - _start).CopyTo(buffer);
        (_buffer, _start, _end) = (buffer, 0, _end - _start);
    }

    private async Task<int> ReceiveAsync()
    {
        if (WasReset) return 0;
        using var timeout = new CancellationTokenSource(Patience);
        try
        {
            int length = await stream.ReadAsync(_buffer.AsMemory(_end), timeout.Token);
            transcript.Received(_buffer.AsSpan(_end, length));
            return length;
        }
        catch (OperationCanceledException)
        {
            throw new WireException($"Nothing came within {Patience.TotalSeconds} s.");
        }
        catch (IOException exception) when (exception.InnerException is SocketException)
        {
            WasReset = true;
            return 0;
        }
    }
}
