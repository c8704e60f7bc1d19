namespace Pipeline.Replaying;

/// <summary>How a line of a replay file is read: our JSON Lines, or a monitoring system's own log.</summary>
internal interface ILineFormat
{
    /// <summary>Fills <paramref name="entry"/>, whose line is set. Never throws on bad input; false where the line is none of ours to count, such as a comment.</summary>
    bool Read(ReadOnlyMemory<byte> line, ref ReplayEntry entry);
}
