using System.Runtime.CompilerServices;
using Dedupe.Log;

namespace Stores.EventStore;

/// <summary>One scope: its inputs, its decisions, and where its incidents lie in them.</summary>
internal sealed class ScopeStreams(NumberedStream inputs, NumberedStream decisions) : IDisposable
{
    private readonly IncidentIndex incidents = new();
    private readonly SemaphoreSlim appending = new(1), indexing = new(1);

    public NumberedStream Inputs => inputs;

    public NumberedStream Decisions => decisions;

    public async Task AppendAsync(long expected, IReadOnlyList<DecisionRecord> records, CancellationToken cancel)
    {
        await appending.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            await decisions.AppendAsync(expected, [.. records.Select(Entry.Of)], cancel).ConfigureAwait(false);
            foreach (var record in records) incidents.Note(record.Version - 1, record);
        }
        finally
        {
            appending.Release();
        }
    }

    public async IAsyncEnumerable<DecisionRecord> ReadAsync(long from, [EnumeratorCancellation] CancellationToken cancel)
    {
        var previous = from - 1;
        await foreach (var entry in decisions.ReadAsync(from, cancel).ConfigureAwait(false))
        {
            var decision = entry.ToDecision();
            incidents.Note(previous, decision);
            previous = decision.Version;
            yield return decision;
        }
    }

    public async IAsyncEnumerable<DecisionRecord> ReadIncidentAsync(string incident, [EnumeratorCancellation] CancellationToken cancel)
    {
        await CatchUpAsync(cancel).ConfigureAwait(false);
        foreach (var (from, to) in incidents.Find(incident))
            await foreach (var entry in decisions.ReadAsync(from, cancel, to).ConfigureAwait(false))
                if (entry.Head.Incident == incident) yield return entry.ToDecision();
    }

    /// <summary>Forgets incidents of dropped decisions.</summary>
    public async Task ForgetAsync(CancellationToken cancel) =>
        incidents.Drop((await decisions.SettingsAsync(cancel).ConfigureAwait(false)).Gone + 1);

    public void Dispose()
    {
        appending.Dispose();
        indexing.Dispose();
    }

    private async Task CatchUpAsync(CancellationToken cancel)
    {
        await indexing.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            // Noted as it is read; from the beginning on the first time.
            await foreach (var _ in ReadAsync(incidents.Last + 1, cancel).ConfigureAwait(false)) { }
        }
        finally
        {
            indexing.Release();
        }
    }
}
