using System.Globalization;
using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Ingest;

namespace Pipeline.Hosting;

/// <summary>Turns what a log holds into the decider's inputs: raw bodies are parsed under the identity rules that were in force.</summary>
internal sealed class InputReader(string scope, IngestLimits limits)
{
    private Identities identities = new(RuleSet.Default.Identity);
    private RuleSet rules = RuleSet.Default;

    /// <summary>The rules from which on it reads, where a snapshot knows them.</summary>
    public void Under(RuleSet inForce)
    {
        rules = inForce;
        identities = new(inForce.Identity);
    }

    public Input Read(InputRecord record)
    {
        var (number, at) = (record.Number, record.At);
        switch (record.Kind)
        {
            case InputKind.Delivery: return Delivery(record);
            case InputKind.Tick: return new Input.Tick { Number = number, At = at };
            case InputKind.Blind:
                var blind = HostingJson.ReadBlind(record.Body.Span);
                return new Input.Blind(blind.From, blind.To) { Number = number, At = at };
            case InputKind.Rules:
                var next = DecisionCodec.ReadRules(record.Body.Span);
                if (!SameIdentities(next.Identity, rules.Identity)) identities = new(next.Identity);
                rules = next;
                return new Input.RulesInForce(next) { Number = number, At = at };
            case InputKind.Topology: return new Input.TopologyInForce(DecisionCodec.ReadTopology(record.Body.Span)) { Number = number, At = at };
            case InputKind.Act: return new Input.Acted(DecisionCodec.ReadAct(record.Body.Span)) { Number = number, At = at };
            case InputKind.Pager:
                var report = HostingJson.ReadPager(record.Body.Span);
                return new Input.PagerReported(report.Pager, report.Failing, report.Answer) { Number = number, At = at };
            default:
                throw new InvalidDataException($"input {number} is of kind {(int)record.Kind}, which this release does not know; run the release that wrote it");
        }
    }

    private Input.Delivery Delivery(InputRecord record)
    {
        var parsed = Sources.Parse(record.Source, record.Body, new(identities, limits, record.ReceivedAt));
        var (alerts, label, of) = (parsed.Alerts, rules.Scope.Label, HandedOn.ScopeOf(record.Id));
        if (label is not null) alerts = [.. alerts.Where(a => of is null ? rules.Scope.Has(scope, a.Identity.Labels) : ScopeNames.Of(a, label) == of)];
        return new()
        {
            Number = record.Number, At = record.At, Source = record.Source, Id = record.Id, Alerts = alerts,
            // default has them with what is its own of the delivery.
            Changes = of is null ? parsed.Changes : [],
            // As the recorder has it: what nobody understood is of no scope, and is listed once.
            Rejected = of is null && (label is null || scope == ScopeNames.Default) ? parsed.Rejected : [],
            CopyKey = CopyKey(record.Key, record.Body.Span, of),
        };
    }

    /// <summary>What a second try of a sender is known by: its key, with the same body. Another body under the key is another delivery.</summary>
    /// <param name="handedOn">Whose alerts of it these are, where they were handed on.</param>
    public static string? CopyKey(string? key, ReadOnlySpan<byte> body, string? handedOn = null) =>
        key is null ? null : string.Create(CultureInfo.InvariantCulture, $"{key} {KeyRecord.HashOf(body):x16}{(handedOn is null ? "" : " ")}{handedOn}");

    private static bool SameIdentities(IdentityRules a, IdentityRules b) =>
        DecisionCodec.Write(RuleSet.Default with { Identity = a }).AsSpan().SequenceEqual(DecisionCodec.Write(RuleSet.Default with { Identity = b }));
}

/// <summary>Brings a scope's decider back to where its log stands.</summary>
internal sealed class Recovery(ILog log, InputReader reader, ILogger logger)
{
    public const string SnapshotName = "decider";

    /// <summary>The decider as of the last input decided: from a snapshot and the tail behind it.</summary>
    public async Task<(Decider Decider, LogPosition Position, long SnapshotInput)> RunAsync(int scope, string name, CancellationToken cancel)
    {
        var position = await log.PositionAsync(scope, cancel);
        var decider = new Decider(name, RuleSet.Default, Topology.None);
        var (input, decision) = await RestoreAsync(scope, decider, position, cancel);
        var snapshotInput = input;
        await using var decisions = log.ReadDecisionsAsync(scope, decision + 1, cancel).GetAsyncEnumerator(cancel);
        var more = await decisions.MoveNextAsync();
        var recorded = new List<Decision>();
        await foreach (var record in log.ReadInputsAsync(scope, input + 1, cancel))
        {
            if (record.Number > position.LastDecided) break;
            await TakeAsync(record.Number - 1);
            // Inputs past retention are gone; what was decided of them still holds, and belongs to no alert of this one.
            if (recorded.Count > 0) decider.Recover(new Input.Tick { Number = record.Number - 1, At = recorded[^1].At }, recorded);
            await TakeAsync(record.Number);
            decider.Recover(reader.Read(record), recorded);
        }
        await TakeAsync(long.MaxValue);
        if (recorded.Count > 0) decider.Recover(new Input.Tick { Number = position.LastDecided, At = recorded[^1].At }, recorded);
        decider.Recovered();
        return (decider, position, snapshotInput);

        async ValueTask TakeAsync(long until)
        {
            recorded.Clear();
            // What another appends meanwhile is behind the position: its inputs would not have been observed.
            for (; more && decisions.Current.Input <= until && decisions.Current.Version <= position.LastDecision; more = await decisions.MoveNextAsync()) recorded.Add(DecisionCodec.Read(decisions.Current));
        }
    }

    private async Task<(long Input, long Decision)> RestoreAsync(int scope, Decider decider, LogPosition position, CancellationToken cancel)
    {
        var snapshot = await log.LoadSnapshotAsync(scope, SnapshotName, cancel);
        if (snapshot is null || snapshot.Decision > position.LastDecision) return (0, 0);
        if (snapshot.Writer != Decider.SnapshotForm)
        {
            logger.SnapshotOfAnother(snapshot.Writer, Decider.SnapshotForm);
            return (0, 0);
        }
        decider.Restore(snapshot.Data);
        reader.Under(decider.Rules);
        return (snapshot.Input, snapshot.Decision);
    }
}
