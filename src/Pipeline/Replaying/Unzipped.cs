using System.IO.Compression;

namespace Pipeline.Replaying;

/// <summary>What a gzip file holds; an exception where it ends in the middle, which <see cref="GZipStream"/> takes for the end.</summary>
/// <remarks>
/// A file may be several members in a row. So one of ours is put behind the last: where that comes out whole, what was before it was whole too; where
/// the file was cut off, its bytes are taken for the rest of what is missing. It is taken off again here.
/// </remarks>
internal sealed class Unzipped : Stream
{
    private const string CutOff = "the gzip file ends in the middle, or something that is no gzip follows it; fetch or pack it again";

    private static readonly byte[] Mark = [.. "end of the file, 5e0c9d1b7a"u8];

    private readonly GZipStream unpacked;

    /// <summary>What came out last: it may be the mark's beginning.</summary>
    private readonly byte[] kept = new byte[Mark.Length];
    private int held;
    private bool ended;

    public Unzipped(Stream packed) => unpacked = new(new Followed(packed, Packed()), CompressionMode.Decompress);

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var chunk = new byte[count];
        while (!ended)
        {
            var read = unpacked.Read(chunk, 0, count);
            if (Give(chunk.AsSpan(0, read), buffer.AsSpan(offset)) is > 0 and var given) return given;
        }
        return 0;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var chunk = System.Buffers.ArrayPool<byte>.Shared.Rent(buffer.Length);
        try
        {
            while (!ended)
            {
                var read = await unpacked.ReadAsync(chunk.AsMemory(0, buffer.Length), cancellationToken);
                if (Give(chunk.AsSpan(0, read), buffer.Span) is > 0 and var given) return given;
            }
            return 0;
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Puts what is surely no mark into the buffer, and keeps as much as might be one.</summary>
    /// <exception cref="InvalidDataException">It ended and the mark did not come.</exception>
    private int Give(ReadOnlySpan<byte> came, Span<byte> to)
    {
        if (came.IsEmpty)
        {
            ended = true;
            return held == Mark.Length && kept.AsSpan().SequenceEqual(Mark) ? 0 : throw new InvalidDataException(CutOff);
        }
        var give = Math.Max(0, held + came.Length - Mark.Length);
        var ofKept = Math.Min(give, held);
        kept.AsSpan(0, ofKept).CopyTo(to);
        came[..(give - ofKept)].CopyTo(to[ofKept..]);
        kept.AsSpan(ofKept, held - ofKept).CopyTo(kept);
        came[(give - ofKept)..].CopyTo(kept.AsSpan(held - ofKept));
        held = held + came.Length - give;
        return give;
    }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) unpacked.Dispose();
        base.Dispose(disposing);
    }

    private static byte[] Packed()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(Mark);
        return packed.ToArray();
    }

    /// <summary>A stream, and some bytes behind its end.</summary>
    private sealed class Followed(Stream first, byte[] then) : Stream
    {
        private int given = -1;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) =>
            given < 0 && first.Read(buffer, offset, count) is > 0 and var read ? read : Behind(buffer.AsSpan(offset, count));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            given < 0 && await first.ReadAsync(buffer, cancellationToken) is > 0 and var read ? read : Behind(buffer.Span);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) first.Dispose();
            base.Dispose(disposing);
        }

        private int Behind(Span<byte> to)
        {
            given = Math.Max(given, 0);
            var put = Math.Min(to.Length, then.Length - given);
            then.AsSpan(given, put).CopyTo(to);
            given += put;
            return put;
        }
    }
}
