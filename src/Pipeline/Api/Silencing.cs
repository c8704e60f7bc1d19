using Dedupe.Vocabulary;
using Projections;

namespace Pipeline.Api;

/// <summary>Which silences cover an alert at a moment.</summary>
internal sealed class Silencing(IReadOnlyList<Silence> active)
{
    public static Silencing At(Views views, DateTimeOffset now) => new(views.Silences.ActiveAt(now));

    /// <param name="broke">The alert rose to critical aloud: only a silence that names critical covers it.</param>
    public string? By(LabelSet labels, Severity severity, bool broke)
    {
        foreach (var silence in active)
            if ((!broke || silence.NamesCritical) && silence.Covers(labels, severity)) return silence.Id;
        return null;
    }

    public IReadOnlyList<string> AllBy(LabelSet labels, Severity severity) =>
        [.. active.Where(s => s.Covers(labels, severity)).Select(s => s.Id)];
}
