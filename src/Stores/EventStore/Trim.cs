using Dedupe.Log;

namespace Stores.EventStore;

/// <summary>Drops whole days by the streams' metadata; the server's own scavenge frees their room.</summary>
internal sealed class Trim(
    IReadOnlyList<(NumberedStream Inputs, NumberedStream Decisions)> scopes, SideStream<StoredOutcome> outcomes, SideStream<StoredKey> keys)
{
    private static readonly TimeSpan KeysKept = TimeSpan.FromHours(24);

    /// <returns>How many days of inputs went.</returns>
    public async Task<int> RunAsync(DateTimeOffset inputsBefore, DateTimeOffset decisionsBefore, long? maxBytes, CancellationToken cancel)
    {
        var decisions = await Task.WhenAll(scopes.Select(s => s.Decisions.ShownAsync(cancel))).ConfigureAwait(false);
        var inputs = await Task.WhenAll(scopes.Select(s => s.Inputs.ShownAsync(cancel))).ConfigureAwait(false);
        var newest = inputs.Max(s => s.Tail.Head.Day);
        var days = 0;
        // The newest day stays: it is appended to.
        while (inputs.Min(s => s.Day) is { } day && day < newest
            && (DayOf(inputsBefore) > day || (maxBytes is { } most && inputs.Concat(decisions).Sum(s => s.Bytes) > most)))
        {
            if (!await DropAsync(inputs, decisions, day, cancel).ConfigureAwait(false)) break;
            days++;
        }
        await DropDecisionsAsync(decisions, DayOf(decisionsBefore), cancel).ConfigureAwait(false);
        await outcomes.TrimAsync(decisionsBefore.ToUnixTimeMilliseconds(), cancel).ConfigureAwait(false);
        if (await keys.LastAsync(cancel).ConfigureAwait(false) is { } key)
            await keys.TrimAsync(key.At - (long)KeysKept.TotalMilliseconds, cancel).ConfigureAwait(false);
        return days;
    }

    /// <summary>Drops a day in every scope that has it, or in none.</summary>
    private async Task<bool> DropAsync(Shown[] inputs, Shown[] decisions, DateOnly day, CancellationToken cancel)
    {
        var ends = new Tail?[inputs.Length];
        for (var i = 0; i < inputs.Length; i++)
        {
            ends[i] = await scopes[i].Inputs.LastBeforeAsync(inputs[i], day.AddDays(1), cancel).ConfigureAwait(false);
            if (ends[i] is { } end && !await IsDecidedAsync(i, inputs[i], end.Last, decisions[i].Tail.Head.Input, cancel).ConfigureAwait(false))
                return false;
        }
        for (var i = 0; i < inputs.Length; i++)
        {
            if (ends[i] is not { } end) continue;
            if (await scopes[i].Inputs.DropAsync(inputs[i], end, cancel).ConfigureAwait(false) is not { } shown) return false;
            inputs[i] = shown;
        }
        return true;
    }

    /// <summary>False while an input up to a number still waits for its decision. Ticks may go: nothing is decided on most of them.</summary>
    private async Task<bool> IsDecidedAsync(int scope, Shown shown, long last, long decided, CancellationToken cancel)
    {
        var first = Math.Max(shown.First, decided + 1);
        if (first > last) return true;
        await foreach (var input in scopes[scope].Inputs.ReadAsync(first, cancel).ConfigureAwait(false))
        {
            if (input.Number > last) break;
            if ((InputKind)input.Head.Kind != InputKind.Tick) return false;
        }
        return true;
    }

    private async Task DropDecisionsAsync(Shown[] decisions, DateOnly before, CancellationToken cancel)
    {
        var newest = decisions.Max(s => s.Tail.Head.Day);
        if (before > newest) before = newest;
        for (var i = 0; i < decisions.Length; i++)
            if (await scopes[i].Decisions.LastBeforeAsync(decisions[i], before, cancel).ConfigureAwait(false) is { } last)
                await scopes[i].Decisions.DropAsync(decisions[i], last, cancel).ConfigureAwait(false);
    }

    private static DateOnly DayOf(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);
}
