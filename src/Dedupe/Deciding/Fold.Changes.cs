using Dedupe.Surfacing;

namespace Dedupe.Deciding;

/// <summary>What people did, and what it has to show for it.</summary>
internal sealed partial class Fold
{
    private const int MostChanges = 1_000, MostSettling = 100, MostKinds = 100;

    /// <summary>A change so long before an incident came before it.</summary>
    private const long Before = 2 * 3600_000;

    /// <summary>Half the members within this time, five at least, is a mass recovery.</summary>
    private const long Together = 2 * 60_000;
    private const int Mass = 5;

    private void Recorded(RecordedChange change)
    {
        var cures = StillFiring.Cures(change.Change) || GoesBack(change.Change);
        // Told again, with how it went for one, it is the same change still.
        var known = state.Changes.FindIndex(c => c.Change.Id == change.Change.Id);
        if (known >= 0) state.Changes[known] = change with { At = state.Changes[known].At, HadIncident = state.Changes[known].HadIncident };
        else
        {
            state.Changes.Add(change);
            if (state.Changes.Count > MostChanges) state.Changes.RemoveAt(0);
            Count(change.Change.Kind, changes: 1, incidents: 0);
        }
        if (!cures) return;
        // Told again it begins again.
        state.Settling.RemoveAll(w => w.Change.Id == change.Change.Id);
        state.Settling.Add(new(change.Change, change.At));
        if (state.Settling.Count > MostSettling) state.Settling.RemoveAt(0);
    }

    /// <summary>A version that ran before the last one, of the same services by the same kind of change: a way back, whatever it is called.</summary>
    private bool GoesBack(Vocabulary.Change change)
    {
        if (change.Version is null) return false;
        var another = false;
        for (var i = state.Changes.Count - 1; i >= 0; i--)
        {
            var earlier = state.Changes[i].Change;
            if (earlier.Version is null || earlier.Id == change.Id || earlier.Kind != change.Kind || !earlier.Services.Intersect(change.Services).Any()) continue;
            if (earlier.Version == change.Version) return another;
            another = true;
        }
        return false;
    }

    /// <summary>An incident opens: the kinds of change shortly before it had one behind them.</summary>
    private void Preceded(long at)
    {
        for (var i = state.Changes.Count - 1; i >= 0 && state.Changes[i].At >= at - Before; i--)
        {
            if (state.Changes[i].HadIncident) continue;
            state.Changes[i] = state.Changes[i] with { HadIncident = true };
            Count(state.Changes[i].Change.Kind, changes: 0, incidents: 1);
        }
    }

    private void Count(string kind, int changes, int incidents)
    {
        if (!state.Preceded.TryGetValue(kind, out var known) && state.Preceded.Count >= MostKinds) return;
        (known.Changes, known.Incidents) = (known.Changes + changes, known.Incidents + incidents);
        // What happened long ago counts less.
        if (known.Changes > 200) known = (known.Changes / 2, known.Incidents / 2);
        state.Preceded[kind] = known;
    }

    private static void LookForRecovery(IncidentState incident, long at)
    {
        if (incident.EndingSince == Clock.Never || at - incident.EndingSince > Together) (incident.EndingSince, incident.Endings) = (at, 0);
        incident.Endings++;
        if (incident.RecoveredAt == Clock.Never && incident.Firing > 0 && incident.Endings >= Mass && incident.Endings * 2 >= incident.Total) incident.RecoveredAt = at;
    }
}
