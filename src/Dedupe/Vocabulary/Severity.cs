namespace Dedupe.Vocabulary;

/// <summary>How bad. <c>ok &lt; info &lt; warning &lt; critical</c>; <see cref="Unknown"/> stands apart and counts as a warning for paging.</summary>
public enum Severity : byte
{
    Unknown,
    Ok,
    Info,
    Warning,
    Critical,
}

public static class Severities
{
    /// <summary>The rank by which paging compares: unknown counts as a warning.</summary>
    public static Severity ForPaging(this Severity severity) => severity == Severity.Unknown ? Severity.Warning : severity;

    /// <summary>A rise is a higher known severity; leaving <see cref="Severity.Unknown"/> is a rise only to critical.</summary>
    public static bool IsRiseFrom(this Severity now, Severity was) =>
        was == Severity.Unknown ? now == Severity.Critical : now != Severity.Unknown && now > was;

    /// <summary>A fall between two known severities.</summary>
    public static bool IsFallFrom(this Severity now, Severity was) => now != Severity.Unknown && was != Severity.Unknown && now < was;

    public static string Word(this Severity severity) => severity switch
    {
        Severity.Unknown => "unknown",
        Severity.Ok => "ok",
        Severity.Info => "info",
        Severity.Warning => "warning",
        Severity.Critical => "critical",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
