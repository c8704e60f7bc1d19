namespace Pipeline.Importing;

/// <summary>A stream with what was read of it already put back in front.</summary>
internal sealed class Rewound(byte[] start, Stream rest) : Stream
{
    private int given;

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
        if (given == start.Length) return rest.Read(buffer, offset, count);
        var put = Math.Min(count, start.Length - given);
        start.AsSpan(given, put).CopyTo(buffer.AsSpan(offset));
        given += put;
        return put;
    }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
