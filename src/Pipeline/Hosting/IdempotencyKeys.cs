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

    /// <summary>What to answer for a key that came before; null where it did not: then it is the caller's, whose delivery is being committed.</summary>
    /// <param name="pending">How the caller's delivery is answered: until then copies wait, and say no more than it does.</param>
    public Task<IntakeAnswer>? Claim(string source, string key, ReadOnlySpan<byte> body, DateTimeOffset now, Task<IntakeAnswer> pending)
    {
        var hash = KeyRecord.HashOf(body);
        lock (gate)
        {
            if (sources.TryGetValue(source, out var known) && known.Entries.TryGetValue(key, out var entry) && now - entry.At <= Kept)
            {
                if (entry.Body != hash) return Task.FromResult(new IntakeAnswer(IntakeStatus.KeyReused, "came with another body before; use a new key for a new body"));
                return entry.Pending is { } first ? CopyOf(first) : Task.FromResult(new IntakeAnswer(IntakeStatus.Copy));
            }
            Add(source, key, hash, now, pending);
            return null;
        }
    }

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
