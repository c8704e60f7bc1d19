using Dedupe.Vocabulary;

namespace Dedupe.Deciding;

/// <summary>What is known goes by another name, and several may turn out to be one.</summary>
internal sealed partial class Fold
{
    private void Rekeyed(Decision.IdentitiesRekeyed d)
    {
        var gone = new HashSet<IdentityState>();
        var left = new HashSet<IncidentState>();
        foreach (var item in d.Items)
        {
            if (!state.Identities.Remove(item.From, out var identity)) continue;
            if (item.Labels is { } labels) Rename(identity, item.To, labels);
            else
            {
                // Which labels relate incidents is looked at anew once, when the rules are in force.
                identity.Rekey(item.To, identity.Labels.Without(d.Without ?? []));
                Renamed(identity);
            }
            if (!state.Identities.Remove(item.To, out var there)) there = identity;
            state.Identities[item.To] = there == identity ? identity : Merge(there, identity, HomeOf(item, there), gone, left);
        }
        foreach (var incident in left) incident.Members.RemoveAll(gone.Contains);
        if (d.Without is not null || d.Lacking is not null)
        {
            state.Lack(d.Without ?? [], d.Lacking ?? []);
            // Companions are known by fingerprint; whoever is called otherwise now would be missed.
            foreach (var identity in state.Identities.Values) identity.Companions = null;
        }
        if (d.Without?.Contains("service") == true) state.Logs.OfOneService();
    }

    private IncidentState? HomeOf(Rekeyed item, IdentityState there) =>
        item.Incident is { } id && state.Incidents.TryGetValue(id.Value, out var home) ? home : there.Incident;

    /// <summary>An alert has said how one is called: its incident is related by its new labels at once, as its latest member.</summary>
    private void Rename(IdentityState identity, Fingerprint to, LabelSet labels)
    {
        var open = identity.Incident is { IsOpen: true } incident && incident.Members.Remove(identity) ? incident : null;
        if (open is not null) state.Index.Forget(open, identity);
        PartFromCompanions(identity);
        identity.Rekey(to, labels);
        Renamed(identity);
        if (open is null) return;
        open.Members.Add(identity);
        state.Index.Add(open, identity);
    }

    /// <summary>Its companions would miss it under its old name.</summary>
    private void PartFromCompanions(IdentityState identity)
    {
        foreach (var companion in identity.Companions is { } own ? own.Known : [])
            if (state.Identities.TryGetValue(companion.Other, out var other)) other.Companions?.Forget(identity.Fingerprint);
        identity.Companions = null;
    }

    /// <summary>Where the alert's own name does not count any more, what was known of it goes with it.</summary>
    private void Renamed(IdentityState identity)
    {
        var (was, now) = (identity.Name, identity.Labels["alertname"] ?? "");
        if (was.Name == now) return;
        if (!state.Names.TryGetValue(now, out var name)) state.Names[now] = name = was.As(now);
        identity.Name = name;
        name.Identities++;
        if (--was.Identities == 0) state.Names.Remove(was.Name);
    }

    /// <summary>Two that are one now. Firing outweighs ended, and what nobody said had ended outweighs what somebody did.</summary>
    private IdentityState Merge(IdentityState there, IdentityState came, IncidentState? home, HashSet<IdentityState> gone, HashSet<IncidentState> left)
    {
        var (kept, other) = there.Incident == home && (home is not null || came.Incident is null) ? (there, came) : (came, there);
        foreach (var one in (ReadOnlySpan<IdentityState>)[kept, other])
            if (one.Incident is { } counted) Count(counted, one, -1);
        if (other.Incident is { } leaves)
        {
            Left(leaves, other);
            left.Add(leaves);
        }
        gone.Add(other);
        PartFromCompanions(other);
        kept.Take(other);
        if (kept.Incident is { } stays) Count(stays, kept, +1);
        if (other.Uncounted > 0)
        {
            state.Uncounted.Remove(other);
            if (kept.Uncounted == 0) state.Uncounted.Add(kept);
            kept.Uncounted += other.Uncounted;
        }
        if (--other.Name.Identities == 0) state.Names.Remove(other.Name.Name);
        state.LastBegun.Forget(other);
        state.Together.Left(other.Place);
        // Whatever still holds it sees that it neither fires nor falls due.
        (other.Phase, other.Incident) = (Phase.Quiet, null);
        return kept;
    }
}
