using System.Buffers;
using System.Threading.Channels;

namespace Pipeline.Replaying;

/// <summary>A rented buffer of whole lines; whoever reads it gives it back.</summary>
internal readonly record struct LineBlock(byte[] Buffer, int Length)
{
    public ReadOnlySpan<byte> Lines => Buffer.AsSpan(0, Length);

    public void Return() => ArrayPool<byte>.Shared.Return(Buffer);
}

/// <summary>Cuts input streams, one after another, into blocks of whole lines.</summary>
internal sealed class LineBlocks(IReadOnlyList<ReplayInput> inputs, Action<long>? progress)
{
    /// <summary>About a thousand lines of 230 bytes: large enough that handing on costs nothing, small enough to stay in cache.</summary>
    private const int BlockBytes = 256 * 1024;

    /// <summary>A body may be 4 MiB, and each of its bytes six in an escaped string; more is no line of ours.</summary>
    private const int LineBytes = 32 * 1024 * 1024;

    /// <summary>What is kept of a line that is too long: enough to be shown, too little to parse.</summary>
    private const int KeptBytes = 1024;

    private long doneBefore;

    public async Task WriteAsync(ChannelWriter<LineBlock> to, CancellationToken cancel)
    {
        foreach (var input in inputs)
        {
            try
            {
                await using var raw = input.Open();
                await using var unpacked = await ReplayInput.UnpackedAsync(raw, cancel);
                await WriteAsync(unpacked, raw, to, cancel);
            }
            catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
            {
                throw new ReplayInputException($"{input.Name}: cannot be read: {e.Message}");
            }
            doneBefore += input.Size;
        }
    }

    private async Task WriteAsync(Stream stream, Stream raw, ChannelWriter<LineBlock> to, CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BlockBytes);
        int filled = 0, withoutEnd = 0;
        var skipping = false;
        while (true)
        {
            if (filled == buffer.Length) buffer = Grown(buffer, filled);
            var read = await stream.ReadAsync(buffer.AsMemory(filled), cancel);
            if (read == 0) break;
            if (skipping) (read, skipping) = SkipLine(buffer, filled, read);
            filled += read;
            if (filled < BlockBytes) continue;

            var end = buffer.AsSpan(withoutEnd, filled - withoutEnd).LastIndexOf((byte)'\n');
            if (end >= 0)
            {
                end += withoutEnd + 1;
                var rest = filled - end;
                var next = ArrayPool<byte>.Shared.Rent(Math.Max(BlockBytes, rest * 2));
                buffer.AsSpan(end, rest).CopyTo(next);
                await to.WriteAsync(new(buffer, end), cancel);
                (buffer, filled, withoutEnd) = (next, rest, rest);
                Report(raw);
            }
            else if (filled < LineBytes)
            {
                withoutEnd = filled;
            }
            else
            {
                // Cut short, the line does not parse and becomes a rejected row like any other bad one.
                buffer[KeptBytes] = (byte)'\n';
                (filled, withoutEnd, skipping) = (KeptBytes + 1, 0, true);
            }
        }
        if (filled > 0) await to.WriteAsync(new(buffer, filled), cancel);
        else ArrayPool<byte>.Shared.Return(buffer);
        Report(raw);
    }

    private void Report(Stream raw)
    {
        if (progress is not null && ReplayInput.Done(raw) is { } done) progress(doneBefore + done);
    }

    /// <summary>Drops what belongs to the line being skipped; says how many bytes stay and whether it goes on.</summary>
    private static (int Read, bool Skipping) SkipLine(byte[] buffer, int at, int read)
    {
        var end = buffer.AsSpan(at, read).IndexOf((byte)'\n');
        if (end < 0) return (0, true);
        buffer.AsSpan(at + end + 1, read - end - 1).CopyTo(buffer.AsSpan(at));
        return (read - end - 1, false);
    }

    private static byte[] Grown(byte[] buffer, int filled)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.AsSpan(0, filled).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
