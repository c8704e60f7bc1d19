using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Ingest;
using Pipeline.Hosting;

namespace Pipeline.Tests.Simulation;

/// <summary>A process that records and decides: holds shares of the partitions by leases, and never knows for sure that it still does.</summary>
internal sealed class DedupeNode(Site site, string name) : IActor
{
    private static readonly TimeSpan BlindFrom = TimeSpan.FromSeconds(5), Quiet = TimeSpan.FromSeconds(60), TickAgain = TimeSpan.FromSeconds(1);

    private readonly Dictionary<int, Share> shares = [];
    private readonly List<Recordable> waiting = [];
    private RuleSet rules = site.Rules;
    private Identities identities = new(site.Rules.Identity);
    private DateTimeOffset heard = site.Now;
    private long copies;
    private bool deaf;

    /// <summary>Who holds the leases: a process that is started again is another one.</summary>
    private object incarnation = new();

    public string Name => name;

    /// <summary>Does nothing until then, as one that is swapped out or cut off: it comes back and thinks that nothing has happened.</summary>
    public DateTimeOffset AsleepUntil { get; set; }

    /// <summary>A partition that is read here, and its scope.</summary>
    private sealed class Share(int number, int scope, string name, DecidingScope owner)
    {
        public int Number => number;
        public int Scope => scope;
        public string Name => name;
        public DecidingScope Owner => owner;
        public long Last { get; set; }
        public DateTimeOffset At { get; set; }
        public DateTimeOffset TickedAt { get; set; }

        /// <summary>Another may have recorded behind our rules, or they were not recorded.</summary>
        public bool Doubted { get; set; }

        public IReadOnlyList<Message>? Batch { get; set; }
        public int Uncommitted { get; set; }

        /// <summary>Of the batch, what goes on to <c>default</c> and is not confirmed yet.</summary>
        public List<Carried> HandsOn { get; } = [];
        public bool Stopping { get; set; }
        public bool Releases { get; set; }
    }

    private sealed record Recordable(
        Share Share, InputKind Kind, DateTimeOffset ReceivedAt, ReadOnlyMemory<byte> Body, Func<long, DateTimeOffset, Input> Make,
        string Source = "", string Id = "", string? Key = null, bool OfBatch = false, Action? Decided = null);

    public async Task<bool> StepAsync()
    {
        if (site.Now < AsleepUntil) return false;
        // A keeper beats once a second; the log and the broker know nothing of it.
        if (site.Now - heard >= TimeSpan.FromSeconds(1) && (!site.Faulty || site.Maybe(2))) await BeatAsync();
        return await site.AnyAsync(shares.Count + 1, async which =>
        {
            if (which == shares.Count) return waiting.Count > 0 && await CommitAsync();
            var share = shares.Values.ElementAt(which);
            return await site.AnyAsync(7, async step => step switch
            {
                0 => Take(share),
                1 => Acknowledge(share),
                2 => Decide(share),
                3 => await SettleAsync(share),
                4 => Tick(share),
                5 => HandOn(share),
                _ => await StopAsync(share),
            });
        });
    }

    public void Crash()
    {
        site.Note(name, () => $"is killed");
        foreach (var share in shares.Values) site.Queues[share.Number].Drop(share);
        shares.Clear();
        waiting.Clear();
        (incarnation, deaf, heard, rules, identities) = (new(), false, site.Now, site.Rules, new(site.Rules.Identity));
    }

    /// <summary>An act or a report that somebody sent here, to be recorded; <paramref name="decided"/> is called once it is decided and appended.</summary>
    public bool TryAct(int number, InputKind kind, byte[] body, Action decided)
    {
        if (!shares.TryGetValue(number, out var share) || share.Stopping || site.Now < AsleepUntil) return false;
        var made = kind == InputKind.Act ? Make(DecisionCodec.ReadAct(body)) : Make(HostingJson.ReadPager(body));
        waiting.Add(new(share, kind, site.Now, body, made, Decided: decided));
        return true;

        static Func<long, DateTimeOffset, Input> Make(object what) => (n, at) => what is PagerReport report
            ? new Input.PagerReported(report.Pager, report.Failing, report.Answer) { Number = n, At = at } : new Input.Acted((Act)what) { Number = n, At = at };
    }

    /// <summary>True when the object is the process that this node is now.</summary>
    public bool Is(object? holder) => holder == incarnation;

    private async Task BeatAsync()
    {
        if (site.Fault(6))
        {
            if (site.Now - heard > SimulatedLeases.Lasts)
                foreach (var share in shares.Values) share.Stopping = true;
            return;
        }
        heard = site.Now;
        var (numbers, most) = site.Partitions.Beat(incarnation);
        foreach (var share in shares.Values.Where(s => !numbers.Contains(s.Number))) share.Stopping = true;
        foreach (var number in numbers.Where(n => !shares.ContainsKey(n))) await StartAsync(number);
        if (shares.Count > most && shares.Values.All(s => !s.Stopping)) shares.Values.MaxBy(s => s.Number)!.Stopping = shares.Values.MaxBy(s => s.Number)!.Releases = true;
    }

    private async Task StartAsync(int number)
    {
        var scope = await site.Log.ScopeAsync(Site.Scopes[number], CancellationToken.None);
        var owner = new DecidingScope(site, name, scope, Site.Scopes[number]);
        await owner.LoadAsync();
        var position = await site.Log.PositionAsync(scope, CancellationToken.None);
        var share = shares[number] = new(number, scope, Site.Scopes[number], owner) { Last = position.LastInput, At = position.LastAt };
        if (position.LastInput > 0 && site.Now - position.LastAt > BlindFrom) waiting.Add(Blind(share));
        if (owner.Decided == 0 || Decider.HashOf(owner.Rules) != Decider.HashOf(rules)) waiting.Add(RulesOf(share));
        share.Doubted = position.LastInput != owner.Decided;
    }

    private Recordable RulesOf(Share share)
    {
        var ours = rules;
        return new(share, InputKind.Rules, site.Now, DecisionCodec.Write(ours), (n, at) => new Input.RulesInForce(ours) { Number = n, At = at });
    }

    private Recordable Blind(Share share)
    {
        var blind = new BlindPeriod(share.At, site.Now);
        return new(share, InputKind.Blind, site.Now, HostingJson.Write(blind), (n, at) => new Input.Blind(blind.From, blind.To) { Number = n, At = at });
    }

    private static bool Decide(Share share)
    {
        if (share.Owner.IsOpen || !share.Owner.IsBehind) return false;
        share.Owner.Decide();
        return true;
    }

    private async Task<bool> SettleAsync(Share share)
    {
        // After a batch, as the owner does; with one open it would save what is not appended.
        if (site.Fault(30)) await share.Owner.SnapshotAsync();
        if (!share.Owner.IsOpen) return false;
        await share.Owner.SettleAsync();
        return true;
    }

    private bool Take(Share share)
    {
        if (share.Batch is not null || share.Stopping) return false;
        var batch = site.Queues[share.Number].Take(share, site.Random.Next(1, 5));
        if (batch.Count == 0) return false;
        share.Batch = batch;
        if (site.Planted == Planted.AcknowledgesFirst) site.Queues[share.Number].Acknowledge(share, batch);
        Offer(share);
        return true;
    }

    private void Offer(Share share)
    {
        share.HandsOn.Clear();
        foreach (var delivery in share.Batch!.SelectMany(m => m.Deliveries))
        {
            if (delivery.Scope == Site.Beyond)
            {
                var (id, to) = (site.Planted == Planted.HandsOnAsItself ? delivery.Id : HandedOn.IdOf(delivery.Id, delivery.Scope), ScopeNames.Default);
                share.HandsOn.Add(delivery with { Id = id, Scope = to });
            }
            else Record(share, delivery);
        }
    }

    private void Record(Share share, Carried delivery)
    {
        share.Uncommitted++;
        var parsed = Sources.Parse(delivery.Source, delivery.Body, new(identities, Site.Limits, delivery.ReceivedAt));
        var of = HandedOn.ScopeOf(delivery.Id);
        var alerts = parsed.Alerts.Where(a => ScopeNames.Of(a, Site.Label) == (of ?? share.Name)).ToList();
        var unknown = site.Planted == Planted.CopiesUnknown;
        var (id, key) = unknown ? (of is null ? $"{name}-{++copies}" : HandedOn.IdOf($"{name}-{++copies}", of), null) : (delivery.Id, delivery.Key);
        waiting.Add(new(share, InputKind.Delivery, delivery.ReceivedAt, delivery.Body, (n, at) => new Input.Delivery
        {
            Number = n, At = at, Source = delivery.Source, Id = id, Alerts = alerts, Changes = of is null ? parsed.Changes : [],
            Rejected = of is null && share.Name == ScopeNames.Default ? parsed.Rejected : [], CopyKey = InputReader.CopyKey(key, delivery.Body, of),
        }, delivery.Source, id, key, OfBatch: true));
    }

    /// <summary>Publishes what is another scope's to decide; it may arrive though nobody hears so, and is then published again.</summary>
    private bool HandOn(Share share)
    {
        if (share.HandsOn.Count == 0) return false;
        var next = share.HandsOn[0];
        var published = () => site.Queues[Site.PartitionOf(next.Scope)].Publish([next]);
        var confirmed = false;
        switch (site.Fault(5) ? site.Random.Next(4) : -1)
        {
            case 0: break;
            case 1: published(); break;
            case 2: throw new KilledException();
            case 3: published(); throw new KilledException();
            default: published(); confirmed = true; break;
        }
        site.Note(name, () => $"hands {next.Id} on to {next.Scope}: confirmed {confirmed}");
        if (confirmed) share.HandsOn.RemoveAt(0);
        return true;
    }

    private bool Acknowledge(Share share)
    {
        if (share.Batch is not { } batch || share.Uncommitted > 0 || (share.HandsOn.Count > 0 && site.Planted != Planted.HandsOnLater)) return false;
        share.Batch = null;
        try
        {
            if (site.Planted != Planted.AcknowledgesFirst) site.Queues[share.Number].Acknowledge(share, batch);
        }
        catch (IOException)
        {
            site.Note(name, () => $"cannot acknowledge: the channel is closed");
        }
        return true;
    }

    /// <summary>The recorder: numbers what waits, sets its time, commits it, and only then hands it over.</summary>
    private async Task<bool> CommitAsync()
    {
        var batch = waiting.Where(r => shares.ContainsValue(r.Share)).ToList();
        waiting.Clear();
        if (site.Planted != Planted.RulesForgotten) batch.InsertRange(0, shares.Values.Where(s => s.Doubted).Select(RulesOf));
        if (deaf) batch.InsertRange(0, shares.Values.Where(s => s.Last > 0 && site.Now - s.At >= BlindFrom).Select(Blind));
        var numbered = batch.Select(r => (Recordable: r, Record: Number(r))).ToList();
        if (site.Planted == Planted.DecidesFirst) Hand(numbered);
        try
        {
            await site.Log.AppendInputsAsync([.. numbered.Select(n => n.Record)], CancellationToken.None);
            deaf = false;
            foreach (var share in shares.Values) share.Doubted = false;
        }
        catch (Exception e) when (e is not KilledException)
        {
            site.Note(name, () => $"could not record {batch.Count}: {e.Message}");
            deaf = true;
            foreach (var share in shares.Values)
            {
                var position = await site.Log.PositionAsync(share.Scope, CancellationToken.None);
                (share.Last, share.At, share.Doubted) = (position.LastInput, position.LastAt, true);
                if (e is not StoreFullException) share.Owner.Reread();
                if (share.Uncommitted == 0) continue;
                // The reader keeps its batch and tries again where it stands.
                share.Uncommitted = 0;
                if (share.Stopping) share.Batch = null;
                else Offer(share);
            }
            return true;
        }
        site.Note(name, () => $"recorded {string.Join(' ', numbered.Select(n => $"{n.Record.Scope}:{n.Record.Number}:{n.Record.Kind}"))}");
        if (site.Planted != Planted.DecidesFirst) Hand(numbered);
        foreach (var recordable in batch.Where(r => r.OfBatch)) recordable.Share.Uncommitted--;
        return true;
    }

    private InputRecord Number(Recordable recordable)
    {
        var share = recordable.Share;
        var heardAt = recordable.ReceivedAt < site.Now ? recordable.ReceivedAt : site.Now;
        share.At = heardAt > share.At ? heardAt : share.At;
        return new(share.Scope, ++share.Last, share.At, recordable.Kind, recordable.ReceivedAt, recordable.Source, recordable.Id, recordable.Key, recordable.Body);
    }

    private static void Hand(List<(Recordable Recordable, InputRecord Record)> numbered)
    {
        foreach (var (recordable, record) in numbered) recordable.Share.Owner.Hand(recordable.Make(record.Number, record.At), recordable.Decided);
    }

    private bool Tick(Share share)
    {
        if (share.Stopping || share.Owner.IsOpen || share.Owner.IsBehind || site.Now - share.TickedAt < TickAgain) return false;
        if ((share.Owner.NextDue ?? DateTimeOffset.MaxValue) > site.Now && site.Now - share.At < Quiet) return false;
        share.TickedAt = site.Now;
        waiting.Add(new(share, InputKind.Tick, site.Now, ReadOnlyMemory<byte>.Empty, (n, at) => new Input.Tick { Number = n, At = at }));
        return true;
    }

    /// <summary>Gives a share up, once what was committed is acknowledged and decided.</summary>
    private async Task<bool> StopAsync(Share share)
    {
        if (!share.Stopping || share.Owner.IsBehind || (share.Batch is not null && (share.HandsOn.Count > 0 || (share.Uncommitted > 0 && waiting.Exists(r => r.Share == share))))) return false;
        if (share.Batch is not null && Acknowledge(share)) return true;
        site.Note(name, () => $"gives up {share.Name}");
        site.Queues[share.Number].Drop(share);
        if (share.Owner.Decided > 0) await share.Owner.SnapshotAsync();
        shares.Remove(share.Number);
        if (share.Releases) site.Partitions.Release(incarnation, share.Number);
        return true;
    }
}
