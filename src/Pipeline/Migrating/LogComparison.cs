using System.Security.Cryptography;
using Dedupe.Log;

namespace Pipeline.Migrating;

/// <summary>One kind of records, compared to the copy's end: how many it has, and a SHA-256 of each side's.</summary>
/// <param name="Difference">The first record that is not the same, in words; null where all are.</param>
internal sealed record Compared(long Count, string SourceHash, string CopyHash, string? Difference);

/// <summary>Reads two logs side by side, record by record.</summary>
/// <param name="whole">False while the copy is not finished: what it has must be how the source begins.</param>
/// <param name="each">Told now and then how many records were compared so far.</param>
internal sealed class LogComparison(ILog source, ILog copy, bool whole, Action<long>? each)
{
    private const int TellEvery = 1000;

    private long seen;

    public Task<Compared> InputsAsync(ScopeExtent scope, CancellationToken cancel) => CompareAsync(
        scope.ReadInputsAsync(source, 1, cancel), copy.ReadInputsAsync(scope.Number, 1, cancel), i => $"input {i.Number} of scope {scope.Name}", RecordBytes.Write, cancel);

    public Task<Compared> DecisionsAsync(ScopeExtent scope, CancellationToken cancel) => CompareAsync(
        scope.ReadDecisionsAsync(source, 1, cancel), copy.ReadDecisionsAsync(scope.Number, 1, cancel), d => $"decision {d.Version} of scope {scope.Name}", RecordBytes.Write, cancel);

    public Task<Compared> OutcomesAsync(CancellationToken cancel) => CompareAsync(
        source.ReadOutcomesAsync(cancel), copy.ReadOutcomesAsync(cancel), o => $"an outcome of page {o.PageId}", RecordBytes.Write, cancel);

    public Task<Compared> KeysAsync(CancellationToken cancel) => CompareAsync(
        source.ReadKeysAsync(DateTimeOffset.MinValue, cancel), copy.ReadKeysAsync(DateTimeOffset.MinValue, cancel), k => $"a key of source {k.Source}", RecordBytes.Write, cancel);

    private async Task<Compared> CompareAsync<T>(
        IAsyncEnumerable<T> from, IAsyncEnumerable<T> to, Func<T, string> name, Action<BinaryWriter, T> write, CancellationToken cancel)
    {
        await using var theirs = from.GetAsyncEnumerator(cancel);
        await using var ours = to.GetAsyncEnumerator(cancel);
        using var there = new RunningHash<T>(write);
        using var here = new RunningHash<T>(write);
        var (count, difference) = (0L, (string?)null);
        while (difference is null)
        {
            var (more, copied) = (await theirs.MoveNextAsync(), await ours.MoveNextAsync());
            if (!copied && (!more || !whole)) break;
            if (!more) difference = $"{name(ours.Current)} is not in the source";
            else if (!copied) difference = $"{name(theirs.Current)} is missing";
            else if (!there.Add(theirs.Current).SequenceEqual(here.Add(ours.Current))) difference = $"{name(ours.Current)} differs";
            else count++;
            if (++seen % TellEvery == 0) each?.Invoke(seen);
        }
        return new(count, there.Hex(), here.Hex(), difference);
    }

    /// <summary>A hash over records as they come.</summary>
    private sealed class RunningHash<T> : IDisposable
    {
        private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly MemoryStream bytes = new();
        private readonly BinaryWriter writer;
        private readonly Action<BinaryWriter, T> write;

        public RunningHash(Action<BinaryWriter, T> write) => (this.write, writer) = (write, new(bytes));

        /// <summary>The record's bytes; good until the next one.</summary>
        public ReadOnlySpan<byte> Add(T record)
        {
            bytes.SetLength(0);
            write(writer, record);
            writer.Flush();
            var written = bytes.GetBuffer().AsSpan(0, (int)bytes.Length);
            hash.AppendData(written);
            return written;
        }

        public string Hex() => Convert.ToHexStringLower(hash.GetHashAndReset());

        public void Dispose()
        {
            writer.Dispose();
            hash.Dispose();
        }
    }
}
