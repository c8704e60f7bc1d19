using Dedupe.Deciding;
using Dedupe.Log;
using Pipeline.Hosting;

namespace Pipeline.Migrating;

/// <summary>Appends to a copy what its source has and it has not.</summary>
internal sealed class LogCopy(ILog source, ILogTarget copy)
{
    /// <summary>Of one append: under what EventStoreDB takes in one, and a few milliseconds of any store's time.</summary>
    private const int BatchRecords = 1000, BatchBytes = 512 * 1024;

    private Action<long>? progress;

    /// <summary>Inputs and decisions appended so far.</summary>
    public long Copied { get; private set; }

    public int Snapshots { get; private set; }

    public async Task<long> RunAsync(IReadOnlyList<ScopeExtent> scopes, Action<long>? each, CancellationToken cancel)
    {
        progress = each;
        // Names first and in order: a scope is known by its number everywhere.
        foreach (var scope in scopes)
            if (await copy.ScopeAsync(scope.Name, cancel) != scope.Number)
                throw new IOException("another process made a scope in the copy; stop it, and name an empty one");
        if (scopes.Count > 0) await CopyMark.SetAsync(copy, finished: false, cancel);
        foreach (var scope in scopes) await CopyAsync(scope, cancel);
        await AppendAsync(source.ReadOutcomesAsync(cancel), await copy.ReadOutcomesAsync(cancel).LongCountAsync(cancel), _ => 200, copy.AppendOutcomesAsync, cancel);
        await AppendAsync(
            source.ReadKeysAsync(DateTimeOffset.MinValue, cancel), await copy.ReadKeysAsync(DateTimeOffset.MinValue, cancel).LongCountAsync(cancel), _ => 100,
            copy.CopyKeysAsync, cancel);
        return Copied;
    }

    private async Task CopyAsync(ScopeExtent scope, CancellationToken cancel)
    {
        var position = await copy.PositionAsync(scope.Number, cancel);
        if (position.LastInput < position.FirstInput && !await copy.ReadDecisionsAsync(scope.Number, 1, cancel).AnyAsync(cancel))
        {
            await copy.BeginAsync(scope.Number, scope.Begins, cancel);
            position = scope.Begins;
        }
        Copied += await AppendAsync(scope.ReadInputsAsync(source, position.LastInput + 1, cancel), 0, i => i.Body.Length + 200, copy.CopyInputsAsync, cancel, count: true);
        Copied += await AppendAsync(
            scope.ReadDecisionsAsync(source, position.LastDecision + 1, cancel), 0, d => d.Data.Length + 200,
            (batch, token) => copy.AppendDecisionsAsync(scope.Number, batch[0].Version - 1, batch, token), cancel, count: true);
        // Of another release's snapshot nobody could make anything; what reads it is told by its writer.
        if (await source.LoadSnapshotAsync(scope.Number, Recovery.SnapshotName, cancel) is { } snapshot && snapshot.Writer == Decider.SnapshotForm)
        {
            await copy.SaveSnapshotAsync(scope.Number, snapshot, cancel);
            Snapshots++;
        }
    }

    private async Task<long> AppendAsync<T>(
        IAsyncEnumerable<T> records, long skip, Func<T, int> size, Func<IReadOnlyList<T>, CancellationToken, ValueTask> append, CancellationToken cancel, bool count = false)
    {
        var (batch, bytes, done) = (new List<T>(), 0, 0L);
        await foreach (var record in records.WithCancellation(cancel))
        {
            if (skip-- > 0) continue;
            if (batch.Count == BatchRecords || (batch.Count > 0 && bytes + size(record) > BatchBytes)) await FlushAsync();
            batch.Add(record);
            bytes += size(record);
        }
        if (batch.Count > 0) await FlushAsync();
        return done;

        async Task FlushAsync()
        {
            await append(batch, cancel);
            done += batch.Count;
            if (count) progress?.Invoke(Copied + done);
            (batch, bytes) = ([], 0);
        }
    }
}
