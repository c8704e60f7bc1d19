using Dedupe.Deciding;

namespace Pipeline.Importing;

/// <summary>Another system's own record of an outage, read as what it would have sent us. One file an importer, one line in <see cref="Importers"/>.</summary>
internal interface IImporter
{
    /// <summary>The word for <c>--format</c>.</summary>
    string Name { get; }

    /// <summary>What it reads, in a few words.</summary>
    string Reads { get; }

    /// <summary>The entries in the order of the file; what cannot be read is one of them and stops nothing.</summary>
    /// <exception cref="Replaying.ReplayInputException">The file as a whole is of another kind.</exception>
    IEnumerable<Imported> Read(Stream content, ImportOptions options);
}

/// <summary>What a person said about the file.</summary>
/// <param name="Map">Which column is what; null where nobody said.</param>
/// <param name="Tell">Takes a line for the person, such as what was guessed.</param>
internal sealed record ImportOptions(ColumnMap? Map = null, Action<string>? Tell = null);

/// <summary>One entry of a foreign record.</summary>
/// <param name="Line">Where it begins in the file, from 1.</param>
internal abstract record Imported(long Line)
{
    /// <summary>A body as the named source reads it: one JSON value.</summary>
    public sealed record Delivery(long Line, DateTimeOffset At, string Source, byte[] Body) : Imported(Line);

    public sealed record Acted(long Line, DateTimeOffset At, Act Act) : Imported(Line);

    /// <param name="Field">The field or column at fault; empty where it is the whole.</param>
    public sealed record Unread(long Line, string Field, string Problem) : Imported(Line);
}
