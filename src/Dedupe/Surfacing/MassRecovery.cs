using Dedupe.Deciding;

namespace Dedupe.Surfacing;

/// <summary>Mass recovery: half the members of an incident end within two minutes.</summary>
internal static class MassRecovery
{
    /// <summary>An incident of fewer members has no mass that could recover; the same bound as for survivors.</summary>
    public const int Least = 5;
    public const long WithinMs = 2 * 60_000;

    /// <summary>True where half the members, each counted once, ended within <see cref="WithinMs"/> up to <paramref name="at"/>.</summary>
    public static bool Is(IncidentState incident, long at)
    {
        // Cheap first: members are looked through only where that many ends were seen.
        if (incident.Endings.Within(at) * 2 < incident.Total) return false;
        var ended = incident.Members.Count(m => m.Incident == incident && m.Phase == Phase.Resolved && m.EndedAt != Clock.Never && at - m.EndedAt <= WithinMs);
        return ended * 2 >= incident.Total;
    }
}

/// <summary>How many members ended lately, in steps of five seconds, a step more than <see cref="MassRecovery.WithinMs"/>.</summary>
internal sealed class Endings
{
    private const long StepMs = 5_000;
    private const int Steps = (int)(MassRecovery.WithinMs / StepMs) + 1;
    private readonly List<(long Step, int Count)> steps = [];

    public IReadOnlyList<(long Step, int Count)> All => steps;

    public void Add(long at)
    {
        var step = at / StepMs;
        steps.RemoveAll(s => step - s.Step >= Steps);
        if (steps.Count > 0 && steps[^1].Step == step) steps[^1] = (step, steps[^1].Count + 1);
        else steps.Add((step, 1));
    }

    public int Within(long at)
    {
        var sum = 0;
        foreach (var (step, count) in steps)
            if (at / StepMs - step < Steps) sum += count;
        return sum;
    }

    public void Clear() => steps.Clear();

    public void Restore(long step, int count) => steps.Add((step, count));
}
