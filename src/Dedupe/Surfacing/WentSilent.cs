using System.Globalization;
using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>It used to be re-sent and is not any more, and nobody said that it ended.</summary>
internal sealed class WentSilent : ReasonRule
{
    private const int ReSends = 3;
    private const long Least = 2 * 60_000;

    /// <summary>So many of one observer or source at once are one change: the observer is what fell silent.</summary>
    private const int Together = 5;

    private const long AtOnce = 10_000;

    /// <summary>Re-sent for so long at least, in milliseconds.</summary>
    private const long Habitual = 60_000;

    public override Reason Reason => Reason.WentSilent;

    public override long DueOf(World world, IdentityState identity)
    {
        if (!identity.IsFiring || Events.Is(identity) || identity.Silent || identity.Incident is not { IsOpen: true } || identity.SilencedBy is not null) return Clock.Never;
        var blind = world.State.BlindSince(identity.LastSeen);
        // Its sender said for how long to take it as firing, and has not said so again.
        if (identity.EndsAt != Clock.Never) return identity.Resends >= 1 ? identity.EndsAt + blind : Clock.Never;
        // Copies of one sending, from another server or to another contact, are no re-sends: its gaps do not count them.
        if (identity.Habit.Count < ReSends) return Clock.Never;
        var (median, regular) = identity.Habit.Read();
        if (!regular) return Clock.Never;
        var silence = Math.Max(4L * median, Least);
        // What has come when it likes is re-sent only where it keeps time since, and not just for a burst.
        if (identity.Habit.Broken && (identity.Habit.KeptMs < Habitual || !identity.Habit.IsSteady())) return Clock.Never;
        return identity.LastSeen + silence + blind;
    }

    public override void OnDue(World world, IdentityState identity)
    {
        var key = Key(identity);
        List<IdentityState> group = [identity, .. AlsoSilent(world, identity, key)];
        if (group.Count >= Together)
        {
            var many = Rarity.Capped(world, new(Reason, 0.6, string.Create(CultureInfo.InvariantCulture,
                $"{group.Count} alerts from {key} stopped being sent at once; nobody said they ended"), Urgent: false)
            { Labels = Shared(group) });
            world.Surface(identity.Incident!, identity, many, all: group);
        }
        else
        {
            var (median, _) = identity.Habit.Read();
            var habit = identity.EndsAt == Clock.Never ? $"; it used to come every {Say.Span(median)}" : "; its end time passed";
            world.Surface(identity.Incident!, identity, Rarity.Capped(world,
                new(Reason, 0.4, $"unheard for {Say.Span(world.Now - identity.LastSeen)}{habit}; nobody said it ended", Urgent: false)));
        }
        foreach (var member in group) world.Arm(member);
    }

    /// <summary>The others of its observer or source that fall due at once, whatever incident they are of: the observer knows nothing of incidents.</summary>
    private List<IdentityState> AlsoSilent(World world, IdentityState identity, string key)
    {
        var others = new List<IdentityState>();
        foreach (var incident in world.State.Incidents.Values)
            if (incident.IsOpen && incident.Firing > 0)
                foreach (var other in incident.Members)
                    if (other != identity && other.Incident == incident && other.IsFiring && Key(other) == key && DueOf(world, other) <= world.Now + AtOnce) others.Add(other);
        return [.. others.OrderBy(o => o.Order)];
    }

    private static string Key(IdentityState identity) => identity.LastObservers.Count > 0 ? identity.LastObservers[0] : identity.Source;

    internal static LabelSet Shared(IReadOnlyList<IdentityState> group) =>
        LabelSet.From(group[0].Labels.Where(l => group.All(i => i.Labels[l.Key] == l.Value)));
}
