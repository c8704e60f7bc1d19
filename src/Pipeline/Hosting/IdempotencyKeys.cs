using Dedupe.Log;
using Ingest;

namespace Pipeline.Hosting;

/// <summary>Senders' keys of the last 24 h, at most 200,000 a source: the same key is not a second observation.</summary>
internal sealed class IdempotencyKeys
{
    private const int AtMost = 200_000;
    private static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Source> sources = new(StringComparer.Ordinal);

    private sealed record Entry(ulong Body, DateTimeOffset At, Task<IntakeAnswer>? Pending);

    private sealed class Source
    {
        public Dictionary<string, Entry> Entries { get; } = new(StringComparer.Ordinal);
        public Queue<(string Key, DateTimeOffset At)> Order { get; } = new();
    }

    /// <summary>What to answer for a key that came before; null where it did not. A copy of a delivery that is still being committed waits for it.</summary>
    public Task<IntakeAnswer>? Seen(string source, string key, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        lock (gate)
        {
            if (!sources.TryGetValue(source, out var known) || !known.Entries.TryGetValue(key, out var entry) || now - entry.At > Kept) return null;
            if (entry.Body != KeyRecord.HashOf(body)) return Task.FromResult(new IntakeAnswer(IntakeStatus.KeyReused, "this key came with another body before"));
            return entry.Pending is { IsCompleted: false } pending ? CopyOf(pending) : Task.FromResult(new IntakeAnswer(IntakeStatus.Copy));
        }
    }

    public void Add(string source, string key, ReadOnlySpan<byte> body, DateTimeOffset at, Task<IntakeAnswer>? pending) => Add(source, key, KeyRecord.HashOf(body), at, pending);

    /// <summary>Takes over a recorded key at start.</summary>
    public void Add(KeyRecord record) => Add(record.Source, record.Key, record.BodyHash, record.At, null);

    public void Remove(string source, string key)
    {
        lock (gate)
            if (sources.TryGetValue(source, out var known)) known.Entries.Remove(key);
    }

    private void Add(string source, string key, ulong body, DateTimeOffset at, Task<IntakeAnswer>? pending)
    {
        lock (gate)
        {
            if (!sources.TryGetValue(source, out var known)) sources[source] = known = new();
            known.Entries[key] = new(body, at, pending);
            known.Order.Enqueue((key, at));
            while (known.Order.TryPeek(out var oldest) && (known.Order.Count > AtMost || at - oldest.At > Kept))
            {
                known.Order.Dequeue();
                if (known.Entries.TryGetValue(oldest.Key, out var entry) && entry.At == oldest.At) known.Entries.Remove(oldest.Key);
            }
        }
    }

    private static async Task<IntakeAnswer> CopyOf(Task<IntakeAnswer> first) =>
        await first is { Status: IntakeStatus.Recorded } ? new(IntakeStatus.Copy) : await first;
}
