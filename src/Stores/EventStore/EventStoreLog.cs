using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Dedupe.Log;

namespace Stores.EventStore;

/// <summary>The log in EventStoreDB or KurrentDB, for any number of processes.</summary>
/// <remarks>
/// Every stream holds one kind of one scope, and an append goes to one stream. So of an append of inputs to several scopes each
/// scope has all of its own or none; where it breaks off, some scopes may have theirs, the exception is no
/// <see cref="WrongNumberException"/>, and the senders, who were told nothing, send again. Keys are appended last: who has a key recorded
/// has the delivery recorded in every scope.
/// </remarks>
public sealed class EventStoreLog : ILogTarget
{
    /// <summary>More than ten sources' keys of a day, and more than any installation's pages in their time; beyond it the oldest are forgotten.</summary>
    private const long KeysAtMost = 2_000_000, OutcomesAtMost = 10_000_000;

    private readonly EventStoreClient client;
    private readonly EventIds ids = new();
    private readonly string prefix;
    private readonly Scopes scopes;
    private readonly Snapshots snapshots;
    private readonly SideStream<StoredOutcome> outcomes;
    private readonly SideStream<StoredKey> keys;
    private readonly ConcurrentDictionary<int, ScopeStreams> streams = [];
    private readonly SemaphoreSlim inputs = new(1);

    private EventStoreLog(EventStoreAddress address)
    {
        client = new(address);
        prefix = address.Prefix;
        scopes = new(client, $"{prefix}-scopes", ids);
        snapshots = new(client, prefix, ids);
        outcomes = new(client, $"{prefix}-outcomes", "page-answered", ids, HeadJson.Written.StoredOutcome, o => o.At, OutcomesAtMost);
        keys = new(client, $"{prefix}-keys", "key-received", ids, HeadJson.Written.StoredKey, k => k.At, KeysAtMost);
    }

    /// <summary>Opens the log on a server.</summary>
    /// <param name="address"><c>esdb://user:password@host:2113?tls=false&amp;prefix=pipeline</c>; all but scheme and host may be left out.</param>
    /// <exception cref="FormatException">The address is not one.</exception>
    /// <exception cref="IOException">The server does not answer.</exception>
    /// <exception cref="UnauthorizedAccessException">The server does not let this user in.</exception>
    /// <exception cref="InvalidDataException">A newer release wrote the log.</exception>
    public static async Task<EventStoreLog> OpenAsync(Uri address, CancellationToken cancel = default)
    {
        var log = new EventStoreLog(EventStoreAddress.Parse(address));
        try
        {
            await log.scopes.OpenAsync(cancel).ConfigureAwait(false);
            return log;
        }
        catch
        {
            await log.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask<int> ScopeAsync(string name, CancellationToken cancel) => await scopes.NumberAsync(name, cancel).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<KeyValuePair<int, string>>> ScopesAsync(CancellationToken cancel) =>
        [.. (await scopes.NamesAsync(cancel).ConfigureAwait(false)).Select((name, i) => KeyValuePair.Create(i + 1, name))];

    public async ValueTask<LogPosition> PositionAsync(int scope, CancellationToken cancel)
    {
        var of = Of(scope);
        var (last, decision, settings) = (of.Inputs.TailAsync(cancel), of.Decisions.TailAsync(cancel), of.Inputs.SettingsAsync(cancel));
        await Task.WhenAll(last, decision, settings).ConfigureAwait(false);
        var (input, decided) = ((await last.ConfigureAwait(false)).Head, (await decision.ConfigureAwait(false)).Head);
        return new(
            input.Number, input.Number == 0 ? DateTimeOffset.MinValue : Entry.Time(input.At), decided.Number, decided.Input,
            (await settings.ConfigureAwait(false)).Gone + 1);
    }

    public ValueTask AppendInputsAsync(IReadOnlyList<InputRecord> inputs, CancellationToken cancel) => AppendAsync(inputs, StoredKey.Of(inputs), cancel);

    public async ValueTask BeginAsync(int scope, LogPosition position, CancellationToken cancel)
    {
        var (of, at) = (Of(scope), position.AsBeginning().LastAt);
        // Each on its own: what broke off between them goes on when it is asked for again.
        await of.Inputs.BeginAsync(position.LastInput, at, 0, cancel).ConfigureAwait(false);
        await of.Decisions.BeginAsync(position.LastDecision, at, position.LastDecided, cancel).ConfigureAwait(false);
    }

    public ValueTask CopyInputsAsync(IReadOnlyList<InputRecord> inputs, CancellationToken cancel) => AppendAsync(inputs, [], cancel);

    public async ValueTask CopyKeysAsync(IReadOnlyList<KeyRecord> keys, CancellationToken cancel) =>
        await this.keys.AppendAsync(keys.Select(StoredKey.Of), cancel).ConfigureAwait(false);

    private async ValueTask AppendAsync(IReadOnlyList<InputRecord> inputs, IReadOnlyList<StoredKey> noted, CancellationToken cancel)
    {
        if (inputs.Count == 0) return;
        var append = new InputsAppend(inputs, Of);
        await this.inputs.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            await append.RunAsync(cancel).ConfigureAwait(false);
            await keys.AppendAsync(noted, cancel).ConfigureAwait(false);
        }
        finally
        {
            this.inputs.Release();
        }
    }

    public async IAsyncEnumerable<InputRecord> ReadInputsAsync(int scope, long from, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var entry in Of(scope).Inputs.ReadAsync(from, cancel).ConfigureAwait(false)) yield return entry.ToInput(scope);
    }

    public async ValueTask AppendDecisionsAsync(
        int scope, long expected, IReadOnlyList<DecisionRecord> decisions, CancellationToken cancel) =>
        await Of(scope).AppendAsync(expected, decisions, cancel).ConfigureAwait(false);

    public IAsyncEnumerable<DecisionRecord> ReadDecisionsAsync(int scope, long from, CancellationToken cancel) =>
        Of(scope).ReadAsync(from, cancel);

    public async IAsyncEnumerable<DecisionRecord> FollowDecisionsAsync(int scope, long from, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var entry in Of(scope).Decisions.FollowAsync(from, cancel).ConfigureAwait(false)) yield return entry.ToDecision();
    }

    public IAsyncEnumerable<DecisionRecord> ReadIncidentAsync(int scope, string incident, CancellationToken cancel) =>
        Of(scope).ReadIncidentAsync(incident, cancel);

    public async ValueTask AppendOutcomesAsync(IReadOnlyList<OutcomeRecord> outcomes, CancellationToken cancel) =>
        await this.outcomes.AppendAsync(outcomes.Select(StoredOutcome.Of), cancel).ConfigureAwait(false);

    public async IAsyncEnumerable<NumberedOutcome> ReadOutcomesAsync(long from, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var (number, outcome) in outcomes.ReadAsync(from, cancel).ConfigureAwait(false)) yield return new(number, outcome.ToRecord());
    }

    public async IAsyncEnumerable<NumberedOutcome> FollowOutcomesAsync(long from, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var (number, outcome) in outcomes.FollowAsync(from, cancel).ConfigureAwait(false)) yield return new(number, outcome.ToRecord());
    }

    public async ValueTask SaveSnapshotAsync(int scope, SnapshotRecord snapshot, CancellationToken cancel) =>
        await snapshots.SaveAsync(scope, snapshot, cancel).ConfigureAwait(false);

    public async ValueTask<SnapshotRecord?> LoadSnapshotAsync(int scope, string name, CancellationToken cancel) =>
        await snapshots.LoadAsync(scope, name, cancel).ConfigureAwait(false);

    public async IAsyncEnumerable<KeyRecord> ReadKeysAsync(DateTimeOffset since, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var (_, key) in keys.ReadAsync(1, cancel).ConfigureAwait(false))
            if (key.ToRecord() is var record && record.At >= since) yield return record;
    }

    /// <summary><paramref name="maxBytes"/> counts the bodies of inputs and decisions. The server's scavenge frees the room.</summary>
    public async ValueTask<int> TrimAsync(
        DateTimeOffset inputsBefore, DateTimeOffset decisionsBefore, long? maxBytes, CancellationToken cancel)
    {
        var all = (await ScopesAsync(cancel).ConfigureAwait(false)).Select(s => Of(s.Key)).ToList();
        if (all.Count == 0) return 0;
        var trim = new Trim([.. all.Select(s => (s.Inputs, s.Decisions))], outcomes, keys);
        var days = await trim.RunAsync(inputsBefore, decisionsBefore, maxBytes, cancel).ConfigureAwait(false);
        foreach (var scope in all) await scope.ForgetAsync(cancel).ConfigureAwait(false);
        return days;
    }

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        inputs.Dispose();
        foreach (var scope in streams.Values) scope.Dispose();
        return ValueTask.CompletedTask;
    }

    private ScopeStreams Of(int scope) => streams.GetOrAdd(scope, number => new(
        new(client, $"{prefix}-inputs-{number}", ids), new(client, $"{prefix}-decisions-{number}", ids)));
}
