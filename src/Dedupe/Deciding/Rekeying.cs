using Dedupe.Rules;
using Dedupe.Vocabulary;

namespace Dedupe.Deciding;

/// <summary>Other identity rules re-key what is known, and surface nothing: what was heard of before is no news under another name.</summary>
internal static class Rekeying
{
    /// <summary>So many that one decision stays well under the 85,000 bytes from which on memory is collected late.</summary>
    private const int ItemsAtMost = 500;

    /// <summary>Rules come into force under which other labels make an identity.</summary>
    public static void Decide(World world, IdentityRules was, IdentityRules now)
    {
        string[] without = [.. now.Volatile.Except(was.Volatile).Order(StringComparer.Ordinal)];
        string[] lacking = [.. was.Volatile.Except(now.Volatile).Order(StringComparer.Ordinal)];
        if ((without.Length == 0 && lacking.Length == 0) || world.State.Identities.Count == 0) return;
        // What was counted was counted under the old names.
        Due.CountRepeats(world);
        var items = Changed(world, without);
        var first = true;
        foreach (var chunk in items.Chunk(ItemsAtMost).DefaultIfEmpty([]))
        {
            if (chunk.Length == 0 && lacking.Length == 0) return;
            world.Emit(new Decision.IdentitiesRekeyed(chunk, without.Length > 0 ? without : null, first && lacking.Length > 0 ? lacking : null));
            first = false;
        }
    }

    /// <summary>An alert brings labels that older identities lack: the one that it can only be takes its name.</summary>
    public static void Match(World world, Alert alert, int index)
    {
        if (Candidates(world.State, alert) is not { Count: > 0 } candidates) return;
        var old = candidates.Where(i => i.Labels.Count < alert.Identity.Labels.Count && alert.Identity.Labels.Matches(i.Labels))
            .OrderByDescending(i => i.Labels.Count).ThenByDescending(i => i.IsFiring).ThenBy(i => i.Order).FirstOrDefault();
        if (old is not null) world.Emit(new Decision.IdentitiesRekeyed([new(old.Fingerprint, alert.Identity.Fingerprint, alert.Identity.Labels)], Alert: index));
    }

    /// <summary>One that fires and was one with this until the rules counted them apart; null where this is more than was known of both.</summary>
    /// <remarks>What an identity lacks was noted on it as its observers: a value that is among them was heard of before.</remarks>
    public static IdentityState? TwinOf(World world, IdentityState identity, Alert alert)
    {
        if (identity.Recorded || identity.Observations > 0 || Candidates(world.State, alert, known: true) is not { Count: > 0 } candidates) return null;
        var values = world.State.Lacking.Select(name => alert.Identity.Labels[name]).OfType<string>().ToList();
        return candidates.Where(i => i != identity && i is { IsFiring: true, Incident.IsOpen: true } && !alert.Severity.IsRiseFrom(i.Severity) && values.TrueForAll(i.Observers.Contains))
            .MinBy(i => i.Order);
    }

    private static List<IdentityState>? Candidates(State state, Alert alert, bool known = false)
    {
        var identity = alert.Identity;
        // A key of the source's own never had these labels in it.
        if (state.Lacking.Count == 0 || alert.LogMessage is not null || !identity.Key.Equals(identity.Labels)) return null;
        if (!known && state.Identities.ContainsKey(identity.Fingerprint)) return null;
        var stem = identity.Labels.Without(state.Lacking);
        return stem.Count == identity.Labels.Count ? null : state.OfStem(Fingerprint.Of(stem));
    }

    private static List<Rekeyed> Changed(World world, string[] without)
    {
        var state = world.State;
        var groups = new Dictionary<Fingerprint, List<IdentityState>>();
        if (without.Length > 0)
            foreach (var identity in state.Identities.Values.OrderBy(i => i.Order))
            {
                var labels = identity.Labels.Without(without);
                if (labels.Count == identity.Labels.Count) continue;
                // A key of the source's own is not made of the labels, which are only shown.
                var to = identity.IsKeyedByLabels ? Fingerprint.Of(labels) : identity.Fingerprint;
                if (!groups.TryGetValue(to, out var group)) groups[to] = group = [];
                group.Add(identity);
            }
        var items = new List<Rekeyed>();
        foreach (var (to, group) in groups)
        {
            var together = state.Identities.TryGetValue(to, out var there) && !group.Contains(there) ? group.Append(there) : group;
            var home = together.Skip(1).Any() ? HomeOf(world, together) : null;
            // One that goes by this name already may have to move as well.
            items.AddRange((home is null ? group : together).Select(i => new Rekeyed(i.Fingerprint, to, null, home)));
        }
        return items;
    }

    /// <summary>Where those that fall together count from now on: where one fires, else where it is not over, the oldest first.</summary>
    private static IncidentId? HomeOf(World world, IEnumerable<IdentityState> together)
    {
        var speaks = together.OrderByDescending(i => i.IsFiring).ThenByDescending(i => i.Incident is { IsOpen: true }).ThenByDescending(i => i.Phase.Rank())
            .ThenBy(i => i.Incident?.Order ?? long.MaxValue).ThenBy(i => i.Order).First();
        // One that is over for long is none to come home to; when exactly it leaves memory must change nothing.
        return speaks.Incident is { } incident && (speaks.IsFiring || Due.RememberedUntil(world, incident) > world.Now) ? incident.Id : null;
    }
}
