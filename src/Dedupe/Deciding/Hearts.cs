using Dedupe.Rules;
using Dedupe.Vocabulary;

namespace Dedupe.Deciding;

/// <summary>One thing that a declared heartbeat waits for.</summary>
/// <param name="labels">Those of the identity that beats; before any has, those that are to match; of a source or an observer none.</param>
/// <param name="heard">It has come, ever; else it is only awaited.</param>
/// <param name="order">Negative, so that it ties with no identity and no incident.</param>
internal sealed class Heart(string name, LabelSet labels, bool heard, long order) : IDue
{
    public string Name => name;
    public LabelSet Labels { get; private set; } = labels;
    public bool Heard => heard;
    public long Order => order;
    public long Armed { get; set; } = Clock.Never;

    /// <summary>When it came last, or since when it is waited for.</summary>
    public long At { get; set; }

    /// <summary>Not waited for any more; the queue may still hold it.</summary>
    public bool IsGone { get; set; }

    /// <summary>What its absence is called as an alert. No sender fires that: it is fired and resolved here.</summary>
    public LabelSet MissingLabels { get; private set; } = Missing(name, labels);
    public Fingerprint MissingFingerprint { get; private set; } = Fingerprint.Of(Missing(name, labels));

    /// <summary>The one fact here: its absence was decided, and not its return.</summary>
    public bool IsMissing { get; set; }

    public void Drop(IReadOnlyCollection<string> names)
    {
        Labels = Labels.Without(names);
        MissingLabels = Missing(name, Labels);
        MissingFingerprint = Fingerprint.Of(MissingLabels);
    }

    private static LabelSet Missing(string name, LabelSet labels) =>
        LabelSet.From([.. labels.Where(l => l.Key is not ("alertname" or "heartbeat")), new("alertname", "HeartbeatMissing"), new("heartbeat", name)]);
}

/// <summary>What is waited for, and when it came last: learned from inputs and rules. That something is missing is folded from decisions.</summary>
internal sealed class Hearts
{
    /// <summary>Identities of one heartbeat that are waited for each on its own; further ones are noted, and not missed.</summary>
    public const int MostOfOne = 1_000;

    private readonly Dictionary<(string Name, LabelSet Labels), Heart> byLabels = [];

    /// <summary>Labels that made no identity under the rules of the last declaration.</summary>
    private IReadOnlyList<string>? known;
    private long made;

    /// <summary>False before the first input: since when anything is waited for is not known.</summary>
    public bool AreDeclared => known is not null;

    /// <summary>Oldest first.</summary>
    public IEnumerable<Heart> All => byLabels.Values.OrderByDescending(h => h.Order);

    public IEnumerable<Heart> Of(string name) => All.Where(h => h.Name == name);

    /// <summary>Waits for what the rules name and for nothing else. What is declared already goes on.</summary>
    /// <param name="at">Since when a new one is waited for.</param>
    public void Declare(RuleSet rules, string scope, long at)
    {
        if (known is not null && !known.SequenceEqual(rules.Identity.Volatile)) Rename(rules.Identity.Volatile);
        known = rules.Identity.Volatile;
        if (byLabels.Count > 0)
            foreach (var heart in All.Where(h => !IsWaitedFor(h, rules)).ToList()) Remove(heart);
        foreach (var rule in rules.Heartbeats)
            if (IsExpected(rule, scope, rules.Scope) && !Of(rule.Name).Any()) Add(rule.Name, rule.Awaited(rules.Identity), heard: false, at);
    }

    public static bool IsWaitedFor(Heart heart, RuleSet rules) => rules.Heartbeats.Named(heart.Name)?.Covers(heart.Labels, rules.Identity) == true;

    /// <summary>Takes note of what a delivery brings.</summary>
    /// <param name="heard">Told of what was waited for already, and for how long, in milliseconds.</param>
    public void Hear(RuleSet rules, Input.Delivery delivery, long at, Action<Heart, long>? heard = null)
    {
        if (rules.Heartbeats.Count == 0) return;
        foreach (var rule in rules.Heartbeats)
            if (rule.Hears(delivery.Source, delivery.Alerts)) Beat(rule, LabelSet.Empty, at, heard);
        foreach (var alert in delivery.Alerts)
            if (rules.Heartbeats.Of(alert) is { } rule) Beat(rule, alert.Identity.Labels, at, heard);
    }

    /// <summary>It was decided that one is missing, or that it is back.</summary>
    public void Said(Fingerprint missing, bool firing)
    {
        foreach (var heart in byLabels.Values)
            if (heart.MissingFingerprint == missing) heart.IsMissing = firing;
    }

    private void Beat(HeartbeatRule rule, LabelSet labels, long at, Action<Heart, long>? heard)
    {
        if (byLabels.GetValueOrDefault((rule.Name, labels)) is { Heard: true } same)
        {
            var silence = at - same.At;
            same.At = at;
            heard?.Invoke(same, silence);
            return;
        }
        var count = 0;
        foreach (var heart in Of(rule.Name).ToList())
        {
            if (heart.Heard)
            {
                count++;
                continue;
            }
            // What was only awaited has come: from now on who it was is waited for.
            Remove(heart);
            heard?.Invoke(heart, at - heart.At);
        }
        if (count >= MostOfOne) return;
        var added = Add(rule.Name, labels, heard: true, at);
        heard?.Invoke(added, 0);
    }

    /// <summary>Where a heartbeat is missed that has never come: in the scope where its alert would be. Which one that is only its labels say.</summary>
    private static bool IsExpected(HeartbeatRule rule, string scope, ScopeRules scopes) =>
        scopes.Label is { } label ? rule.Match?[label] == scope : scope == ScopeRules.Default;

    /// <summary>Other labels make an identity: who has come is waited for under its new name once it comes by it. What is missing stays missing.</summary>
    private void Rename(IReadOnlyList<string> names)
    {
        var hearts = All.ToList();
        byLabels.Clear();
        foreach (var heart in hearts)
        {
            heart.Drop(names);
            heart.IsGone = heart is { Heard: true, IsMissing: false } || !byLabels.TryAdd((heart.Name, heart.Labels), heart);
        }
    }

    private Heart Add(string name, LabelSet labels, bool heard, long at)
    {
        var heart = new Heart(name, labels, heard, -++made) { At = at };
        byLabels[(name, labels)] = heart;
        return heart;
    }

    private void Remove(Heart heart)
    {
        heart.IsGone = true;
        byLabels.Remove((heart.Name, heart.Labels));
    }

    public void Write(SnapshotWriter to)
    {
        to.Write(made);
        to.Write(AreDeclared);
        SnapshotOfState.Write(to, All.ToList(), (w, h) =>
        {
            w.Text(h.Name);
            w.Labels(h.Labels);
            w.Write(h.Heard);
            w.Write(h.Order);
            w.Write(h.At);
            w.Write(h.IsMissing);
        });
    }

    /// <param name="rules">Those under which it was written.</param>
    public void Read(SnapshotReader from, RuleSet rules)
    {
        made = from.ReadInt64();
        known = from.ReadBoolean() ? rules.Identity.Volatile : null;
        SnapshotOfState.Read(from, r =>
        {
            var heart = new Heart(r.Text()!, r.Labels(), r.ReadBoolean(), r.ReadInt64()) { At = r.ReadInt64(), IsMissing = r.ReadBoolean() };
            byLabels[(heart.Name, heart.Labels)] = heart;
        });
    }
}
