using Dedupe.Deciding;
using Dedupe.Rules;
using Dedupe.Vocabulary;

namespace Dedupe.Grouping;

/// <summary>Which open incident an alert belongs to: one that shares a telling label with it, near enough in time.</summary>
/// <remarks>Derived from the incidents' members; rebuilt with them, never stored.</remarks>
internal sealed class IncidentIndex
{
    private readonly Dictionary<(string Name, string Value), Sighting> sightings = [];
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

    /// <summary>One incident in which a label value was seen, and what is to be known of the members that carry it.</summary>
    /// <remarks>A chain and not a list: nearly every value is seen in one incident only, and a list would take 80 bytes more an identity.</remarks>
    private sealed class Sighting(IncidentState incident, IdentityState latest, Sighting? next)
    {
        public Sighting? Next { get; set; } = next;
        public IncidentState Incident { get; } = incident;

        /// <summary>The one that joined last.</summary>
        public IdentityState Latest { get; set; } = latest;
        public int Members { get; set; }
        public int Firing { get; set; }

        /// <summary>Unheard for long, and nobody said that they ended.</summary>
        public int Expired { get; set; }

        /// <summary>When one of them ended last; -1 where none did.</summary>
        public long EndedAt { get; set; } = -1;

        public long HeardAt => Math.Max(Latest.LastSeen, EndedAt);
    }

    public void Add(IncidentState incident, IdentityState member)
    {
        foreach (var label in Telling(member.Labels))
        {
            var first = sightings.GetValueOrDefault(label);
            if (Of(incident, first) is not { } known) sightings[label] = known = new(incident, member, first);
            (known.Latest, known.Members) = (member, known.Members + 1);
            if (member.IsFiring) known.Firing++;
            if (member.Phase == Phase.Expired) known.Expired++;
            if (member.EndedAt != Clock.Never) known.EndedAt = Math.Max(known.EndedAt, member.EndedAt);
        }
    }

    /// <summary>Notes that a member began to fire or stopped, or that it is unheard for long.</summary>
    public void Moved(IncidentState incident, IdentityState member, int firing, int expired, long? endedAt)
    {
        foreach (var label in Telling(member.Labels))
        {
            if (Of(incident, sightings.GetValueOrDefault(label)) is not { } known) continue;
            known.Firing += firing;
            known.Expired += expired;
            if (endedAt is { } at) known.EndedAt = Math.Max(known.EndedAt, at);
        }
    }

    /// <summary>Forgets a member that its incident no longer has: whoever carried the label before it is the latest again.</summary>
    public void Forget(IncidentState incident, IdentityState member)
    {
        foreach (var label in Telling(member.Labels))
        {
            if (Of(incident, sightings.GetValueOrDefault(label)) is not { } known) continue;
            // Counted, so that a label nobody shares costs no search.
            if (member.IsFiring) known.Firing--;
            if (member.Phase == Phase.Expired) known.Expired--;
            if (--known.Members == 0)
            {
                Remove(incident, label);
                continue;
            }
            if (known.Latest == member) known.Latest = incident.Members.FindLast(m => Carries(m, incident, label)) ?? known.Latest;
            if (member.EndedAt != Clock.Never && member.EndedAt == known.EndedAt)
                known.EndedAt = incident.Members.Where(m => m.EndedAt != Clock.Never && Carries(m, incident, label)).Max(m => (long?)m.EndedAt) ?? -1;
        }
    }

    /// <summary>Forgets a closed incident.</summary>
    public void Remove(IncidentState incident)
    {
        foreach (var member in incident.Members)
            foreach (var label in Telling(member.Labels)) Remove(incident, label);
    }

    private void Remove(IncidentState incident, (string Name, string Value) label)
    {
        Sighting? before = null;
        for (var s = sightings.GetValueOrDefault(label); s is not null; (before, s) = (s, s.Next))
        {
            if (s.Incident != incident) continue;
            if (before is not null) before.Next = s.Next;
            else if (s.Next is { } next) sightings[label] = next;
            else sightings.Remove(label);
            return;
        }
    }

    private static Sighting? Of(IncidentState incident, Sighting? first)
    {
        for (var s = first; s is not null; s = s.Next)
            if (s.Incident == incident) return s;
        return null;
    }

    /// <summary>The incident to join and why, or null to open one. What goes on now comes first, however it is near; then what fires still.</summary>
    public (IncidentState Incident, string Because)? Find(LabelSet labels, long now, Neighbours neighbours, FiresTogether together, Func<IncidentState, bool> skip)
    {
        if (FindActive(labels, now, neighbours, together, skip) is { } active) return active;
        foreach (var name in rules.By)
            if (Latest(labels, name, s => !skip(s.Incident) && (s.Firing > 0 || s.Expired > 0)) is { } strong) return Joined(strong, name, labels, now);
        var within = rules.Within.Ms();
        foreach (var label in Telling(labels))
        {
            if (rules.By.Contains(label.Name)) continue;
            var line = label.Name == "alertname" && AlikeLines.IsLine(labels);
            if (Latest(labels, label.Name, s => !skip(s.Incident) && now - s.Incident.LastNews <= within && (!line || AlikeLines.In(s.Incident, labels) is not null)) is not { } near) continue;
            return line && AlikeLines.In(near.Incident, labels) is { } alike
                ? (near.Incident, $"joined: says much the same as {Say.Name(alike.Labels)}, heard {Say.Span(Math.Max(0, now - alike.LastSeen))} before")
                : Joined(near, label.Name, labels, now);
        }
        // Of a declared component the topology says what is near.
        return Topology.ComponentOf(labels, rules.ComponentLabels) is { } own && neighbours.Topology.Find(own) is not null ? null : FindSpread(labels, now, together, skip);
    }

    /// <summary>Where an alert of the same name was heard a short while ago, in an incident in which something goes on, and why; null where there is none.</summary>
    public (IncidentState Incident, string Because)? FindNamesake(LabelSet labels, long now, Func<IncidentState, bool> skip) =>
        Latest(labels, "alertname", s => !skip(s.Incident) && now - s.HeardAt <= rules.Within.Ms() && IsActive(s.Incident, now)) is { } alike
            ? Joined(alike, "alertname", labels, now) : null;

    /// <summary>The incident of a failure that goes through many components at once, which have no label in common, and why; null where there is none.</summary>
    public (IncidentState Incident, string Because)? FindSpread(LabelSet labels, long now, FiresTogether together, Func<IncidentState, bool> skip) =>
        Spread.Find(this, Topology.ComponentOf(labels, rules.ComponentLabels), labels, now, together, skip);

    /// <summary>Something goes on in it: news, or members that begin.</summary>
    public bool IsActive(IncidentState incident, long now) => now - Math.Max(incident.LastNews, incident.Wave.LastBegin) <= rules.Within.Ms();

    /// <summary>The same among the incidents in which something goes on: by a label that says so, by what is declared to be near, by what is learned to fire together.</summary>
    /// <param name="skip">Incidents that are none of it.</param>
    public (IncidentState Incident, string Because)? FindActive(LabelSet labels, long now, Neighbours neighbours, FiresTogether together, Func<IncidentState, bool> skip)
    {
        var within = rules.Within.Ms();
        foreach (var name in rules.By)
            if (Latest(labels, name, s => !skip(s.Incident) && (now - s.HeardAt <= within || IsActive(s.Incident, now))) is { } strong) return Joined(strong, name, labels, now);
        if (Topology.ComponentOf(labels, rules.ComponentLabels) is not { } component) return null;
        foreach (var near in neighbours.Of(component))
            if (OfPlace(near.Name, now, skip) is { } there) return (there.Incident, $"joined: {component} {near.How} {near.Name}, {Since(there, now)} after it");
        foreach (var (place, times, of) in together.With(component))
            if (OfPlace(place, now, skip) is { } there)
                return (there.Incident, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"joined: {component} fired together with {place} {times} of {of} times before, {Since(there, now)} after it"));
        return null;
    }

    /// <summary>Where a component alerts, in an open incident in which something goes on.</summary>
    private Sighting? OfPlace(string component, long now, Func<IncidentState, bool> skip)
    {
        foreach (var name in rules.ComponentLabels)
        {
            Sighting? best = null;
            for (var s = sightings.GetValueOrDefault((name, component)); s is not null; s = s.Next)
                if (s.Incident.IsOpen && !skip(s.Incident) && IsActive(s.Incident, now) && (best is null || (s.HeardAt, s.Incident.Order).CompareTo((best.HeardAt, best.Incident.Order)) > 0)) best = s;
            if (best is not null) return best;
        }
        return null;
    }

    /// <summary>The member that alerts there, where its incident is open and something goes on in it.</summary>
    public (IncidentState Incident, IdentityState Member)? At(string component, long now, Func<IncidentState, bool> skip) =>
        OfPlace(component, now, skip) is { } there ? (there.Incident, there.Latest) : null;

    private static string Since(Sighting sighting, long now) => Say.Span(Math.Max(0, now - sighting.HeardAt));

    private Sighting? Latest(LabelSet labels, string name, Func<Sighting, bool> related)
    {
        if (labels[name] is not { } value || !sightings.TryGetValue((name, value), out var first)) return null;
        Sighting? best = null;
        for (var sighting = first; sighting is not null; sighting = sighting.Next)
            if (sighting.Incident.IsOpen && related(sighting) && (best is null || sighting.Incident.LastNews > best.Incident.LastNews
                || (sighting.Incident.LastNews == best.Incident.LastNews && sighting.Incident.Order > best.Incident.Order)))
                best = sighting;
        return best;
    }

    private (IncidentState, string) Joined(Sighting sighting, string name, LabelSet labels, long now)
    {
        var (incident, with) = (sighting.Incident, sighting.Latest);
        // The one that relates them is named. Who joins is the latest then, so that this search is rare.
        if (!with.IsFiring && sighting.Firing > 0) with = incident.Members.FindLast(m => m.IsFiring && Carries(m, incident, (name, labels[name]!))) ?? with;
        return (incident, $"joined: same {name} {labels[name]} as {Say.Name(with.Labels)}, heard {Say.Span(Math.Max(0, now - with.LastSeen))} before");
    }

    private bool Carries(IdentityState member, IncidentState incident, (string Name, string Value) label) =>
        member.Incident == incident && Telling(member.Labels).Contains(label);

    /// <summary>The labels by which this set can be related; all of them where it has none that the rules name, save the alert's own name.</summary>
    public IEnumerable<(string Name, string Value)> Telling(LabelSet labels)
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
