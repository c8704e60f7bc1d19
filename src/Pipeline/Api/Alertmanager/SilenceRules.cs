using Dedupe.Vocabulary;
using Projections;

namespace Pipeline.Api.Alertmanager;

/// <summary>What makes a silence good, and when one may be changed in place.</summary>
internal static class SilenceRules
{
    /// <summary>No silence outlives this.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    private const int MostMatchers = 100;

    /// <summary>Null with the silence (its id empty), or what is wrong with it.</summary>
    public static string? Read(PostableSilence? asked, DateTimeOffset now, out Silence silence)
    {
        silence = null!;
        if (asked is null) return "the body is null; give a silence";
        if (asked.Matchers is not { Count: > 0 } given) return "invalid silence: at least one matcher required";
        if (given.Count > MostMatchers) return $"invalid silence: at most {MostMatchers} matchers";
        var matchers = new List<LabelMatcher>();
        for (var i = 0; i < given.Count; i++)
        {
            if (given[i] is not { Name: { Length: > 0 } name, Value: { } value } m)
                return $"invalid silence: matchers[{i}] needs a name and a value";
            var matcher = new LabelMatcher(name, value, m.IsRegex ?? false, m.IsEqual ?? true);
            if (matcher.Problem() is { } problem) return $"invalid silence: matchers[{i}]: {problem}";
            matchers.Add(matcher);
        }
        if (matchers.All(m => new LabelMatcher("x", m.Value, m.IsRegex, m.IsEqual).Matches(LabelSet.Empty, Severity.Ok)))
            return "invalid silence: at least one matcher must not match the empty string";
        if (string.IsNullOrWhiteSpace(asked.Comment)) return "invalid silence: a comment is required; say why";
        if (asked.EndsAt is not { Year: > 1 } end) return "invalid silence: endsAt is required";
        var start = asked.StartsAt is { } wanted && wanted > now ? wanted.ToUniversalTime() : now;
        if (end <= now) return "end time can't be in the past";
        if (end <= start) return "start time must be before end time";
        if (end - start > Longest) return $"invalid silence: {Longest.TotalDays:0} days at most";
        silence = new("", matchers, start, end.ToUniversalTime(), asked.CreatedBy ?? "", asked.Comment, now);
        return null;
    }

    /// <summary>Alertmanager's canUpdate: same matchers; an active one keeps its start, a pending one still lies ahead, an expired one is
    /// over.</summary>
    public static bool CanChange(Silence known, Silence wanted, DateTimeOffset? wantedStart, DateTimeOffset now) =>
        known.Matchers.Select(Content).SequenceEqual(wanted.Matchers.Select(Content))
        && Silences.StateOf(known, now) switch
        {
            SilenceState.Active => wantedStart == known.StartsAt,
            SilenceState.Pending => wantedStart >= now,
            SilenceState.Expired => false,
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    public static DateTimeOffset StartOf(Silence known, Silence wanted, DateTimeOffset now) =>
        Silences.StateOf(known, now) == SilenceState.Active ? known.StartsAt : wanted.StartsAt;

    // A matcher caches its pattern, so the records themselves may differ.
    private static (string, string, bool, bool) Content(LabelMatcher m) => (m.Name, m.Value, m.IsRegex, m.IsEqual);
}
