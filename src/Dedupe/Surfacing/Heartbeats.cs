using System.Globalization;
using Dedupe.Deciding;
using Dedupe.Paging;
using Dedupe.Rules;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>A declared heartbeat that does not come: <c>went-silent</c>, as an incident of its own. Its return ends that.</summary>
internal static class Heartbeats
{
    /// <summary>So many of one heartbeat within so many milliseconds are one change: what they came through is what fell silent.</summary>
    private const int Together = 5;
    private const long AtOnce = 10_000;

    /// <summary>Unheard for its time and its grace. Time in which we did not listen does not count.</summary>
    public static long DueOf(World world, Heart heart) =>
        heart.IsGone || world.Rules.Heartbeats.Named(heart.Name) is not { } rule || heart.IsMissing ? Clock.Never
            : heart.At + rule.Every.Ms() + rule.Grace.Ms() + world.State.BlindSince(heart.At);

    /// <summary>It is missing now.</summary>
    public static void Miss(World world, Heart heart)
    {
        if (DueOf(world, heart) > world.Now) return;
        var rule = world.Rules.Heartbeats.Named(heart.Name)!;
        List<Heart> missing = [heart, .. world.State.Hearts.Of(heart.Name).Where(h => h != heart && DueOf(world, h) <= world.Now + AtOnce)];
        if (missing.Count < Together) missing = [heart];
        var told = new List<IdentityState>();
        IncidentState? incident = null;
        Verdict? flaps = null;
        foreach (var one in missing)
        {
            var identity = world.State.Identity(one.MissingFingerprint, one.MissingLabels);
            incident ??= Home(world, heart.Name, identity) ?? Open(world, rule);
            if (missing.Count == 1) flaps = Flapping.OnMissing(world, identity, incident);
            if (Decide(world, one, rule, identity, incident, flaps is not null)) told.Add(identity);
            world.Arm(identity);
        }
        if (told.Count == 0) return;
        Suspects.Name(world, incident!);
        world.Surface(incident!, told[0], (flaps ?? new(Reason.WentSilent, 0.9, Why(world, heart, rule, told.Count), Urgent: true)) with
        {
            Severity = rule.Severity, Summary = Summary(heart, rule, told.Count), Labels = told.Count > 1 ? WentSilent.Shared(told) : null,
        }, all: told);
    }

    /// <summary>It has come again, or for the first time.</summary>
    /// <param name="silence">For how long it was waited for, in milliseconds.</param>
    public static void Return(World world, Heart heart, long silence)
    {
        if (heart.IsMissing)
        {
            // It may have been forgotten meanwhile, as any alert.
            var identity = world.State.Identity(heart.MissingFingerprint, heart.MissingLabels);
            world.Emit(new Decision.AlertDecided(
                identity.Fingerprint, Disposition.Resolved, identity.Incident?.Id, AlertStatus.Resolved, identity.Severity, identity.Severity, PagerHealth.Source,
                identity.Recorded ? null : identity.Labels, $"heartbeat {heart.Name} comes again after {Say.Span(silence)}"));
        }
        world.Arm(heart);
    }

    /// <summary>Other rules: what they do not wait for any more is not missing, and what beats is not noted as that under another name.</summary>
    public static void Leave(World world, RuleSet rules)
    {
        foreach (var heart in world.State.Hearts.All.Where(h => h.IsMissing && !Hearts.IsWaitedFor(h, rules)).ToList())
            if (world.State.Identities.GetValueOrDefault(heart.MissingFingerprint) is { IsFiring: true } identity) End(world, identity, "it is not waited for any more");
        if (world.Rules.Heartbeats.Count == 0) return;
        var renames = !world.Rules.Identity.Volatile.SequenceEqual(rules.Identity.Volatile);
        foreach (var identity in world.State.Identities.Values.Where(i => i is { Beats: true, IsFiring: true }).OrderBy(i => i.Order).ToList())
            if (renames || !rules.Heartbeats.Any(r => r.Match is not null && r.Covers(identity.Labels, rules.Identity))) End(world, identity, "other rules: it is noted anew when it comes");
    }

    private static void End(World world, IdentityState identity, string why) => world.Emit(new Decision.AlertEnded(identity.Fingerprint, identity.Incident?.Id, why));

    /// <summary>Where it was missing before, if that is not over for long; else where another one of this heartbeat is.</summary>
    private static IncidentState? Home(World world, string name, IdentityState identity)
    {
        if (identity.Incident is { IsOpen: true } open) return open;
        foreach (var other in world.State.Hearts.Of(name))
            if (world.State.Identities.GetValueOrDefault(other.MissingFingerprint) is { IsFiring: true, Incident: { IsOpen: true } shared }) return shared;
        return identity.Incident is { Course: Course.Resolved } closed && world.Now - closed.ClosedAt <= world.Rules.Incident.Reopen.Ms() ? closed : null;
    }

    private static IncidentState Open(World world, HeartbeatRule rule)
    {
        var id = Ids.Incident(world.Scope, rule.Name, world.Now);
        world.Emit(new Decision.IncidentOpened(id, $"Heartbeat {rule.Name} is missing", rule.Severity));
        return world.State.Incidents[id.Value];
    }

    /// <summary>Notes that one is missing; true where it is to be told, which it is not under a silence, nor where it is known to come and go.</summary>
    private static bool Decide(World world, Heart heart, HeartbeatRule rule, IdentityState identity, IncidentState incident, bool flaps)
    {
        var silence = Silences.Covering(world, identity.Labels, rule.Severity);
        var known = flaps && identity.FlapSaid && identity.Incident == incident;
        if (silence is null && !known && !incident.IsOpen) world.Emit(new Decision.IncidentReopened(incident.Id));
        var joins = identity.Incident != incident;
        var disposition = silence is not null ? Disposition.Silenced : flaps ? Disposition.Flapping : Disposition.WentSilent;
        world.Emit(new Decision.AlertDecided(
            identity.Fingerprint, disposition, incident.Id, AlertStatus.Firing, rule.Severity, identity.Severity, PagerHealth.Source,
            identity.Recorded ? null : identity.Labels, Summary(heart, rule, 1), SilencedBy: silence?.Id,
            Because: joins && incident.Members.Count > 0 ? $"joined: heartbeat {rule.Name} is missing elsewhere too" : null,
            Component: joins ? Topology.ComponentOf(identity.Labels, world.Rules.Group.ComponentLabels) : null));
        return silence is null && !known;
    }

    private static string Summary(Heart heart, HeartbeatRule rule, int count)
    {
        var what = rule.Source is not null ? $"nothing comes from {rule.Source}" : rule.Observer is not null ? $"nothing that {rule.Observer} saw comes" : $"heartbeat {rule.Name} does not come";
        if (count > 1) return string.Create(CultureInfo.InvariantCulture, $"{what}, from {count} places");
        // What tells it from the others of its heartbeat.
        var which = LabelSet.From(heart.Labels.Where(l => l.Key != "alertname" && rule.Match?[l.Key] is null));
        return heart.Heard && which.Count > 0 ? $"{what} {which}" : what;
    }

    private static string Why(World world, Heart heart, HeartbeatRule rule, int count)
    {
        var silence = Say.Span(world.Now - heart.At);
        var expected = $"it should come every {Say.Span(rule.Every.Ms())}; what it watches may fail unseen";
        return !heart.Heard ? $"never heard in {silence} since it was declared: is its match right, and its sender up? {expected}"
            : count > 1 ? $"all unheard for {silence} at once; {expected}" : $"unheard for {silence}; {expected}";
    }
}
