using Dedupe.Vocabulary;
using Pipeline.Replaying;

namespace Pipeline.Labelling;

/// <summary>Something that a person knows to have been news: what a pager should have been told, and when it was there to be told.</summary>
/// <param name="From">When it began; null where only its lines are known.</param>
/// <param name="To">Until when naming it counts.</param>
internal sealed record News(string Name, DateTimeOffset? From, DateTimeOffset? To)
{
    /// <summary>How long after it began naming it counts, where nobody said: as long as anything may wait unsaid by default.</summary>
    public static readonly TimeSpan Within = TimeSpan.FromMinutes(5);

    /// <summary>Labels that an alert of it carries; * in a value stands for anything. None: any alert in its time.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Match { get; init; } = [];

    /// <summary>The lines that hold its alerts, where they are known: then nothing else is it.</summary>
    public IReadOnlySet<long>? Lines { get; init; }

    /// <summary>The file that it is in, by its name without endings; null for any.</summary>
    public string? File { get; init; }

    /// <summary>True where this change names it.</summary>
    public bool IsNamedBy(PagedChange change)
    {
        if (Lines is not null && (change.Line is not { } line || !Lines.Contains(line))) return false;
        if (change.Surfaced < From || change.Surfaced > To) return false;
        if (Match.Count == 0 || Carries(change.Labels)) return true;
        return change.Members?.Any(Carries) == true;
    }

    /// <summary>True where some of its time is of this one, or where its time is not known.</summary>
    public bool Overlaps(DateTimeOffset? first, DateTimeOffset? last) => !(From > last) && !(To < first);

    private bool Carries(LabelSet labels)
    {
        foreach (var (name, pattern) in Match)
            if (labels[name] is not { } value || !Fits(value, pattern)) return false;
        return true;
    }

    private static bool Fits(ReadOnlySpan<char> value, ReadOnlySpan<char> pattern)
    {
        var star = pattern.IndexOf('*');
        if (star < 0) return value.SequenceEqual(pattern);
        if (!value.StartsWith(pattern[..star])) return false;
        value = value[star..];
        pattern = pattern[(star + 1)..];
        for (var rest = 0; rest <= value.Length; rest++)
            if (Fits(value[rest..], pattern)) return true;
        return false;
    }
}
