using Dedupe.Log;

namespace Stores.EventStore;

/// <summary>One append of inputs, to each scope's stream at once.</summary>
internal sealed class InputsAppend(IReadOnlyList<InputRecord> inputs, Func<int, ScopeStreams> of)
{
    private readonly List<(NumberedStream Stream, List<Entry> Entries)> scopes =
        [.. inputs.GroupBy(i => i.Scope).Select(s => (of(s.Key).Inputs, s.Select(Entry.Of).ToList()))];

    /// <exception cref="WrongNumberException">In no scope anything was written.</exception>
    /// <exception cref="IOException">Some scopes may have their inputs and others not.</exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        // All are looked at before the first is written: what is wrong by our own doing leaves nothing behind.
        foreach (var (stream, entries) in scopes) await stream.CheckAsync(entries[0].Number - 1, entries, cancel).ConfigureAwait(false);
        var written = await Task.WhenAll(scopes.Select(s => AppendAsync(s.Stream, s.Entries, cancel))).ConfigureAwait(false);
        if (Array.TrueForAll(written, failure => failure is null)) return;
        var failures = written.OfType<Exception>().ToList();
        if (failures.Count == scopes.Count && failures.TrueForAll(f => f is WrongNumberException)) throw failures[0];
        cancel.ThrowIfCancellationRequested();
        var worst = failures.Find(f => f is not WrongNumberException) ?? failures[0];
        throw scopes.Count == 1 ? worst : new IOException(
            $"of {scopes.Count} scopes {failures.Count} did not take their inputs, or did not say so; read again where they stand: {worst.Message}", worst);
    }

    private static async Task<Exception?> AppendAsync(NumberedStream stream, List<Entry> entries, CancellationToken cancel)
    {
        try
        {
            await stream.AppendAsync(entries[0].Number - 1, entries, cancel).ConfigureAwait(false);
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }
}
