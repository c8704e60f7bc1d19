namespace Dedupe.Templates;

/// <summary>Room for one masked line; used again for the next.</summary>
internal ref struct LineBuffer(Span<char> room)
{
    private readonly Span<char> room = room;

    public int Length { get; set; }

    public readonly char this[int index] => room[index];

    public readonly ReadOnlySpan<char> this[Range range] => room[..Length][range];

    public void Add(char c)
    {
        if (Length < room.Length) room[Length++] = c;
    }

    /// <summary>Adds as much as there is room for.</summary>
    public void Add(ReadOnlySpan<char> text)
    {
        if (text.Length > room.Length - Length) text = text[..(room.Length - Length)];
        text.CopyTo(room[Length..]);
        Length += text.Length;
    }
}
