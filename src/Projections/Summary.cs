using System.Diagnostics;
using Dedupe.Vocabulary;

namespace Projections;

/// <summary>How many stand how; of those that are not ok, how many somebody has taken and how many nobody has.</summary>
public sealed record LevelCounts(int Ok, int Warning, int Critical, int Unknown, int Unhandled, int Acknowledged);

/// <summary>The world at a glance, a level each.</summary>
/// <remarks>
/// Counted is a declared component, as bad as the worst alert that belongs to it or to its parts; a system and a business also as what they need
/// (<see cref="Above"/>). An alert of none that was declared counts by itself, as a service.
/// </remarks>
public sealed record Summary(LevelCounts Host, LevelCounts Service, LevelCounts System, LevelCounts Business)
{
    public static Summary Of(Views views, IReadOnlyList<string> componentLabels, Func<LabelSet, Severity, bool, string?> silencing)
    {
        var levels = Enum.GetValues<Level>().ToDictionary(l => l, _ => new Tally());
        var declared = views.Components.Topology.Components.DistinctBy(c => c.Name)
            .ToDictionary(c => c.Name, c => (c.Level, Standing: new Standing()));
        var acknowledged = new Dictionary<IncidentId, bool>();
        views.Alerts.Each((labels, severity, state, incident, brokeSilence) =>
        {
            var problem = state is AlertState.Firing or AlertState.Silent && severity is not (Severity.Ok or Severity.Info);
            var taken = problem && (silencing(labels, severity, brokeSilence) is not null || (incident is { } id && IsAcknowledged(id)));
            if (Topology.ComponentOf(labels, componentLabels) is { } name && declared.TryGetValue(name, out var component))
            {
                if (problem) component.Standing.Note(severity, taken);
                return;
            }
            var alone = new Standing();
            if (problem) alone.Note(severity, taken);
            if (state != AlertState.Expired) levels[Level.Service].Count(alone);
        });
        var wholes = new Above(views.Components.Topology);
        foreach (var (how, alike) in declared.Where(c => c.Value.Standing.Problem).GroupBy(c => (c.Value.Standing.Worst, c.Value.Standing.Untaken), c => c.Key).ToDictionary(g => g.Key, g => g.ToList()))
            foreach (var above in wholes.From(alike))
                if (declared.TryGetValue(above, out var component)) component.Standing.Note(how.Worst, !how.Untaken);
        foreach (var (level, standing) in declared.Values) levels[level].Count(standing);
        return new(levels[Level.Host].Counts, levels[Level.Service].Counts, levels[Level.System].Counts, levels[Level.Business].Counts);

        bool IsAcknowledged(IncidentId id) =>
            acknowledged.TryGetValue(id, out var known)
                ? known
                : acknowledged[id] = views.Incidents.Find(id)?.State == IncidentState.Acknowledged;
    }

    private sealed class Standing
    {
        public Severity Worst;
        public bool Problem, Untaken;

        public void Note(Severity severity, bool taken)
        {
            if (!Problem || severity.ForPaging() > Worst.ForPaging() || (severity, Worst) == (Severity.Warning, Severity.Unknown))
                Worst = severity;
            Problem = true;
            Untaken |= !taken;
        }
    }

    private sealed class Tally
    {
        private int ok, warning, critical, unknown, unhandled, acknowledged;

        public LevelCounts Counts => new(ok, warning, critical, unknown, unhandled, acknowledged);

        public void Count(Standing standing)
        {
            if (!standing.Problem)
            {
                ok++;
                return;
            }
            switch (standing.Worst)
            {
                case Severity.Unknown: unknown++; break;
                case Severity.Warning: warning++; break;
                case Severity.Critical: critical++; break;
                default: throw new UnreachableException();
            }
            if (standing.Untaken) unhandled++;
            else acknowledged++;
        }
    }
}
