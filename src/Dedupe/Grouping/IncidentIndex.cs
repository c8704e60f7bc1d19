using Dedupe.Deciding;
using Dedupe.Rules;
using Dedupe.Vocabulary;

namespace Dedupe.Grouping;

/// <summary>Which open incident an alert belongs to: one that shares a telling label with it, near enough in time.</summary>
/// <remarks>Derived from the incidents' members; rebuilt with them, never stored.</remarks>
internal sealed class IncidentIndex
{
    private readonly Dictionary<(string Name, string Value), List<Sighting>> sightings = [];
    private GroupRules rules;
    private HashSet<string> telling;

    public IncidentIndex(GroupRules rules)
    {
        this.rules = rules;
        telling = [.. rules.By, .. rules.Near];
    }

    /// <summary>Other rules: the open incidents are looked at anew.</summary>
    public void Adopt(GroupRules other, IEnumerable<IncidentState> incidents)
    {
        rules = other;
        telling = [.. rules.By, .. rules.Near];
        sightings.Clear();
        foreach (var incident in incidents.Where(i => i.IsOpen).OrderBy(i => i.Order))
            foreach (var member in incident.Members)
                if (member.Incident == incident) Add(incident, member);
    }

    /// <summary>One incident in which a label value was seen, and the member that carried it last.</summary>
    private sealed class Sighting(IncidentState incident, IdentityState latest)
    {
        public IncidentState Incident { get; } = incident;
        public IdentityState Latest { get; set; } = latest;
        public int Members { get; set; } = 1;
    }

    public void Add(IncidentState incident, IdentityState member)
    {
        foreach (var label in Telling(member.Labels))
        {
            if (!sightings.TryGetValue(label, out var list)) sightings[label] = list = [];
            var known = list.Find(s => s.Incident == incident);
            if (known is null) list.Add(new(incident, member));
            else (known.Latest, known.Members) = (member, known.Members + 1);
        }
    }

    /// <summary>Forgets a member that its incident no longer has: whoever carried the label before it is the latest again.</summary>
    public void Forget(IncidentState incident, IdentityState member)
    {
        foreach (var label in Telling(member.Labels))
        {
            if (!sightings.TryGetValue(label, out var list) || list.Find(s => s.Incident == incident) is not { } known) continue;
            // Counted, so that a label nobody shares costs no search.
            var before = --known.Members == 0 ? null
                : known.Latest != member ? known.Latest
                : incident.Members.FindLast(m => m.Incident == incident && Telling(m.Labels).Contains(label));
            if (before is not null) known.Latest = before;
            else if (list.Remove(known) && list.Count == 0) sightings.Remove(label);
        }
    }

    /// <summary>Forgets a closed incident.</summary>
    public void Remove(IncidentState incident)
    {
        foreach (var member in incident.Members)
            foreach (var label in Telling(member.Labels))
                if (sightings.TryGetValue(label, out var list) && list.RemoveAll(s => s.Incident == incident) > 0 && list.Count == 0)
                    sightings.Remove(label);
    }

    /// <summary>The incident to join and why, or null to open one.</summary>
    public (IncidentState Incident, string Because)? Find(LabelSet labels, long now)
    {
        var within = rules.Within.Ms();
        foreach (var name in rules.By)
            if (Latest(labels, name, s => s.Latest.IsFiring || now - s.Latest.LastSeen <= within || now - s.Incident.LastNews <= within) is { } strong)
                return Joined(strong, name, labels, now);
        foreach (var label in Telling(labels))
            if (!rules.By.Contains(label.Name) && Latest(labels, label.Name, s => now - s.Incident.LastNews <= within) is { } near)
                return Joined(near, label.Name, labels, now);
        return null;
    }

    private Sighting? Latest(LabelSet labels, string name, Func<Sighting, bool> related)
    {
        if (labels[name] is not { } value || !sightings.TryGetValue((name, value), out var list)) return null;
        Sighting? best = null;
        foreach (var sighting in list)
            if (sighting.Incident.IsOpen && related(sighting) && (best is null || sighting.Incident.LastNews > best.Incident.LastNews
                || (sighting.Incident.LastNews == best.Incident.LastNews && sighting.Incident.Order > best.Incident.Order)))
                best = sighting;
        return best;
    }

    private static (IncidentState, string) Joined(Sighting sighting, string name, LabelSet labels, long now)
    {
        var after = Say.Span(Math.Max(0, now - sighting.Latest.LastSeen));
        return (sighting.Incident, $"joined: same {name} {labels[name]} as {Say.Name(sighting.Latest.Labels)}, heard {after} before");
    }

    /// <summary>The labels by which this set can be related; all of them where it has none that the rules name, save the alert's own name.</summary>
    private IEnumerable<(string Name, string Value)> Telling(LabelSet labels)
    {
        var named = false;
        foreach (var (name, value) in labels)
        {
            if (!telling.Contains(name)) continue;
            named |= name != "alertname";
            yield return (name, value);
        }
        if (named) yield break;
        foreach (var (name, value) in labels)
            if (!telling.Contains(name)) yield return (name, value);
    }
}
