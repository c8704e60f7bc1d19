using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Projections;

/// <summary>Other identity rules: an identity goes by another name, and several may turn out to be one.</summary>
public sealed partial class Alerts
{
    private readonly Dictionary<(int Scope, Fingerprint), Entry> formerly = [];

    /// <summary>The identity of this name, or the one that once had it.</summary>
    private Entry? Named(int scope, Fingerprint fingerprint) =>
        byFingerprint.GetValueOrDefault((scope, fingerprint)) ?? formerly.GetValueOrDefault((scope, fingerprint));

    private void Rekey(int scope, Rekeyed item, IReadOnlyList<string>? without)
    {
        if (!byFingerprint.Remove((scope, item.From), out var entry)) return;
        entry.Labels = item.Labels ?? entry.Labels.Without(without ?? []);
        entry.Fingerprint = item.To;
        if (item.From != item.To) (entry.Formerly ??= []).Add(item.From);
        if (byFingerprint.TryGetValue((scope, item.To), out var there)) entry = Merge(there, entry);
        else byFingerprint[(scope, item.To)] = entry;
        entry.Incident = item.Incident?.Value ?? entry.Incident;
        foreach (var name in entry.Formerly ?? []) formerly[(scope, name)] = entry;
    }

    private Entry Merge(Entry there, Entry came)
    {
        var (thereFires, cameFires) = (IsFiring(there), IsFiring(came));
        var cameSpeaks = cameFires && !thereFires;
        if (thereFires && cameFires)
        {
            if (came.State == AlertState.Firing) there.State = AlertState.Firing;
            if (came.Severity.ForPaging() > there.Severity.ForPaging()) there.Severity = came.Severity;
            if (!came.StartsAt.IsNone && came.StartsAt.Ticks < there.StartsAt.Ticks) there.StartsAt = came.StartsAt;
        }
        else if (cameSpeaks || (!thereFires && came.State == AlertState.Expired))
        {
            (there.State, there.Severity, there.Incident) = (came.State, came.Severity, came.Incident);
            (there.StartsAt, there.EndsAt, there.Summary, there.Url) = (came.StartsAt, came.EndsAt, came.Summary, came.Url);
        }
        there.BrokeSilence |= came.BrokeSilence;
        there.Repeats += came.Repeats;
        if (came.FirstSeen.Ticks < there.FirstSeen.Ticks) there.FirstSeen = came.FirstSeen;
        if (came.LastSeen.Ticks > there.LastSeen.Ticks) there.LastSeen = came.LastSeen;
        if (came.UpdatedAt.Ticks > there.UpdatedAt.Ticks) there.UpdatedAt = came.UpdatedAt;
        Note(there, came.Observers);
        (there.Formerly ??= []).AddRange(came.Formerly ?? []);
        inOrder.Remove(came.Place);
        return there;
    }

    private static bool IsFiring(Entry entry) => entry.State is AlertState.Firing or AlertState.Silent;
}
