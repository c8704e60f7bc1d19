using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Vocabulary;
using JasperFx.Events;
using Marten;
using Marten.Events.Projections;
using Projections;

namespace Stores.Marten;

/// <summary>An incident as Marten's document: what lists ask for beside it, and the whole of it.</summary>
public sealed class IncidentDocument
{
    public required string Id { get; init; }
    public required int Scope { get; init; }
    public required string Title { get; init; }
    public required IncidentState State { get; init; }
    public required Severity Severity { get; init; }
    public required DateTimeOffset OpenedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public required KeptIncident Kept { get; init; }

    internal static IncidentDocument Of(KeptIncident kept)
    {
        var line = kept.Detail.Line;
        return new()
        {
            Id = line.Id.Value,
            Scope = line.Scope,
            Title = line.Title,
            State = line.State,
            Severity = line.Severity,
            OpenedAt = line.OpenedAt,
            UpdatedAt = line.UpdatedAt,
            Kept = kept,
        };
    }

    /// <summary>Folds decisions into the documents that they change, and stores those with the session's next save.</summary>
    internal static async Task FoldAsync(
        IDocumentOperations session, IEnumerable<(int Scope, DecisionRecord Record)> records, CancellationToken cancel)
    {
        List<(int Scope, DecisionRecord Record, Decision Decision)> decisions =
            [.. records.Select(r => (r.Scope, r.Record, DecisionCodec.Read(r.Record)))];
        string[] ids = [.. decisions.SelectMany(d => KeptIncidents.ChangedBy(d.Decision)).Select(id => id.Value).Distinct()];
        int[] whole = [.. decisions.Where(d => KeptIncidents.MayChangeAny(d.Decision)).Select(d => d.Scope).Distinct()];
        if (ids.Length == 0 && whole.Length == 0) return;
        var documents = (await session.LoadManyAsync<IncidentDocument>(cancel, ids).ConfigureAwait(false)).ToList();
        // Rare: after a change of the rules, every incident that has an identity under its old name.
        if (whole.Length > 0) documents.AddRange(await session.Query<IncidentDocument>().Where(d => d.Scope.IsOneOf(whole)).ToListAsync(cancel).ConfigureAwait(false));
        var kept = new KeptIncidents(documents.DistinctBy(d => d.Id).Select(d => d.Kept));
        foreach (var (scope, record, decision) in decisions) kept.Fold(scope, record, decision);
        session.Store(kept.Keep().Select(Of));
    }
}

/// <summary>Marten's projection of its own streams: the daemon saves its progress with the documents, in one transaction.</summary>
internal sealed class IncidentProjection : IProjection
{
    public const string Name = "incidents";

    public Task ApplyAsync(IDocumentOperations operations, IReadOnlyList<IEvent> events, CancellationToken cancellation) => IncidentDocument.FoldAsync(
        operations,
        events.Where(e => e.Data is Decided).Select(e => (Database.ScopeOf(e.StreamKey!), ((Decided)e.Data).Record with { Version = e.Version })),
        cancellation);
}

/// <summary>How far another log's decisions are folded; saved with the documents, and refused when somebody else was faster.</summary>
public sealed class IncidentCheckpoint
{
    /// <summary>The scope's name.</summary>
    public required string Id { get; init; }

    /// <summary>The scope's version of the last decision folded.</summary>
    public required long Version { get; init; }
}
