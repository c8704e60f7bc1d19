using Dedupe.Rules;
using Dedupe.Surfacing;
using Dedupe.Vocabulary;

namespace Dedupe.Deciding;

/// <summary>What is learned from inputs, whatever was decided about them. Looks at no fact.</summary>
internal sealed class Statistics(State state)
{
    private const int MostSources = 1_000;

    /// <summary>Unheard for this long, or for twice its usual gap, an observer no longer sets the pace, in milliseconds.</summary>
    private const long OthersPace = 10 * 60_000;

    /// <summary>Notes an observation, after it was judged by what was known before it.</summary>
    /// <param name="index">Which alert of which input it is.</param>
    /// <param name="repeat">No decision of its own tells of it, so it is to be counted.</param>
    public void Observe(IdentityState identity, Alert alert, long at, (long Input, int Alert) index, RuleSet all, bool repeat)
    {
        var rules = all.Surface;
        var firing = alert.Status == AlertStatus.Firing;
        var late = firing && repeat && IsLateCopy(identity, alert, at, rules);
        var name = identity.Name;
        if (firing && !late)
        {
            var quiet = rules.Episode.Ms();
            var newEpisode = identity.LastSeen < 0 || at - identity.LastSeen >= quiet;
            if (newEpisode)
            {
                if (identity.LastSeen >= 0) identity.LongestQuiet = Math.Max(identity.LongestQuiet, at - identity.LastSeen);
                identity.Episodes.Begin(at);
                identity.BegunBy = index;
                state.LastBegun.Begin(identity, at);
                if (identity.Episodes.Ever == 1) state.Together.Has(identity.Place = Topology.ComponentOf(identity.Labels, all.Group.ComponentLabels));
                if (identity.Place is { } place) state.Together.Begin(place, at);
            }
            if (identity.Incident is { } home && (identity.LastSeen < 0 || at - identity.LastSeen >= all.Group.Within.Ms())) home.Wave.Begin(at, index.Input, all.Group.Within.Ms());
            identity.Burst.Add(at, newEpisode, quiet);
            identity.Rate.Add(at);
            if (name.LastSeen < 0 || at - name.LastSeen >= quiet) name.Episodes.Begin(at);
            Paces(identity, alert.Identity.Observers, at);
            identity.Resends++;
            identity.EndsAt = alert.EndsAt is { } ends ? ends.Ms() : Clock.Never;
            Drifts(identity, alert, at);
            identity.Mask = TextMask.Of(alert.Summary, identity);
            identity.Value = alert.Value ?? identity.Value;
            identity.Summary = alert.Summary;
            identity.Url = alert.Url ?? identity.Url;
            name.LastSeen = at;
        }
        else if (!firing)
        {
            identity.Resends = -1;
            identity.Habit.Clear();
            identity.EndsAt = Clock.Never;
            name.TellsEnds = true;
            if (identity.Source.Length > 0 && state.TellingEnds.Count < MostSources) state.TellingEnds.Add(identity.Source);
        }
        if (!late) identity.Flaps.Add(firing, at);
        if (identity.FirstSeen < 0) identity.FirstSeen = at;
        if (name.FirstSeen < 0) name.FirstSeen = at;
        identity.LastSeen = at;
        identity.Observations++;
        Noted(identity, alert.Identity.Observers);
        identity.Incident?.Storm.Add(at);
        if (!repeat) return;
        if (identity.Uncounted++ > 0) return;
        state.Uncounted.Add(identity);
        if (state.UncountedSince == Clock.Never) state.UncountedSince = at;
    }

    /// <summary>A copy, from another server or to another contact or within a second, is no re-send. Once it is only others that are heard, the habit is theirs.</summary>
    private static void Paces(IdentityState identity, IReadOnlyList<string> observers, long at)
    {
        var gap = at - identity.PacedAt;
        if (identity.Resends < 0 || (!observers.SequenceEqual(identity.PacedBy) && gap >= Math.Max(OthersPace, 2L * identity.Habit.Read().MedianMs)))
        {
            if (identity.Resends >= 0) identity.Habit.Clear();
            (identity.PacedBy, identity.PacedAt) = (observers, at);
        }
        else if (observers.SequenceEqual(identity.PacedBy))
        {
            if (gap >= 1_000) identity.Habit.Add(gap);
            identity.PacedAt = at;
        }
    }

    private static void Drifts(IdentityState identity, Alert alert, long at)
    {
        if (Creeping.NumberOf(alert, identity) is not { } number) return;
        if (identity.Drift is { } drifts)
        {
            if (drifts.Drift.Leaves(number, at, out _)) identity.OutOfRangeAt = at;
            drifts.Drift.Add(number, at, alert, out _);
        }
        else if (identity.Number is { } before && before != number)
        {
            var drift = Drift.Begin(before, identity.LastSeen);
            drift.Add(number, at, alert, out _);
            identity.Drift = new(drift);
        }
        identity.Number = number;
    }

    /// <summary>Another observer still saw it fire when one had seen its end: its clock, and no state of the identity's.</summary>
    private static bool IsLateCopy(IdentityState identity, Alert alert, long at, SurfaceRules rules) =>
        identity.Flaps is { Any: true, LastFiring: false } && at - identity.Flaps.LastAt <= rules.ObserverSkew.Ms() && identity.HeardByAnother(alert);

    /// <summary>Observers noted so far, at most so many of one identity.</summary>
    private static void Noted(IdentityState identity, IReadOnlyList<string> observers)
    {
        identity.LastObservers = observers;
        foreach (var observer in observers)
        {
            if (identity.Observers.Contains(observer) || identity.Observers.Count >= IdentityState.MostObservers) continue;
            identity.Observers = [.. identity.Observers, observer];
            identity.UncountedObservers++;
        }
    }
}

/// <summary>A text without what varies from one re-send to the next: digits and the letters stuck to them.</summary>
internal static class TextMask
{
    /// <summary>Hash of the masked text; the one known where the text has not changed.</summary>
    public static ulong Of(string text, IdentityState known) =>
        ReferenceEquals(text, known.Summary) || text == known.Summary ? known.Mask : Of(text);

    public static ulong Of(string text)
    {
        var hash = 14695981039346656037UL;
        var word = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && (char.IsLetterOrDigit(text[i]) || IsInNumber(text, i))) continue;
            var span = text.AsSpan(word, i - word);
            // A word with a digit in it says which one or how much: all such words are alike.
            if (span.IndexOfAnyInRange('0', '9') >= 0) hash = (hash ^ 1) * 1099511628211;
            else
                foreach (var c in span) hash = (hash ^ c) * 1099511628211;
            hash = (hash ^ 2) * 1099511628211;
            word = i + 1;
        }
        return hash | 1;
    }

    /// <summary>19.9 is as much one number as 20.</summary>
    private static bool IsInNumber(string text, int at) =>
        text[at] is '.' or ',' && at > 0 && at + 1 < text.Length && char.IsAsciiDigit(text[at - 1]) && char.IsAsciiDigit(text[at + 1]);
}
