using Dedupe.Surfacing;
using Dedupe.Vocabulary;

namespace Dedupe.Deciding;

/// <summary>What people did, and what it has to show for it.</summary>
internal sealed partial class Fold
{
    private const int MostChanges = 1_000, MostSettling = 100, MostServices = 20;

    private void Recorded(Decision.ChangeRecorded d, long at)
    {
        var known = state.Changes.FindIndex(c => c.Change.Id == d.Change.Id);
        if (known >= 0)
        {
            var earlier = state.Changes[known];
            // What is told of its end must not make it later than what it broke.
            var change = d.Change with { At = d.Change.At < earlier.Change.At ? d.Change.At : earlier.Change.At };
            state.Changes[known] = earlier with { Change = change, Cure = d.Cure };
            // The same words again, as a sender that tries twice sends them, are nothing new; other words are how it went on.
            if (earlier.Change.SaysTheSameAs(d.Change)) return;
        }
        else
        {
            state.Changes.Add(new(d.Change, at, d.Cure, OfServices(d.Change, at), state.Precedents.At(d.Change.Kind, "", at)));
            if (state.Changes.Count > MostChanges) state.Changes.RemoveAt(0);
            Learn(d.Change, Precedent.Change, at);
        }
        if (d.Cure is null) return;
        // How it went on begins it again: a rollback that is through shows effect from then on.
        state.Settling.RemoveAll(w => w.Change.Id == d.Change.Id);
        state.Settling.Add(new(d.Change, at, d.Cure));
        if (state.Settling.Count > MostSettling) state.Settling.RemoveAt(0);
    }

    /// <summary>An incident suspects them: each has had one behind it now.</summary>
    private void Suspected(Decision.SuspectsNamed d, long at)
    {
        Incident(d.Incident).Suspects = d.Suspects;
        foreach (var suspect in d.Suspects)
        {
            var known = state.Changes.FindIndex(c => c.Change.Id == suspect.Change && !c.HadIncident);
            if (known < 0) continue;
            state.Changes[known] = state.Changes[known] with { HadIncident = true };
            Learn(state.Changes[known].Change, Precedent.Incident, at);
        }
    }

    /// <summary>By the service of which most is known.</summary>
    private Precedent OfServices(Change change, long at) =>
        change.Services.Take(MostServices).Select(service => state.Precedents.At(change.Kind, service, at)).DefaultIfEmpty().MaxBy(p => p.Changes);

    private void Learn(Change change, Precedent more, long at)
    {
        state.Precedents.Add(change.Kind, "", more, at);
        foreach (var service in change.Services.Take(MostServices)) state.Precedents.Add(change.Kind, service, more, at);
    }

    private static void LookForRecovery(IncidentState incident, IdentityState member, long at)
    {
        if (member.FlapSaid) return;
        incident.Endings.Add(at);
        if (incident.RecoveredAt == Clock.Never && incident is { Firing: > 0, Total: >= MassRecovery.Least } && MassRecovery.Is(incident, at)) incident.RecoveredAt = at;
    }
}
