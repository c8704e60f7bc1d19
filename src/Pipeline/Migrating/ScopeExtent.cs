using System.Runtime.CompilerServices;
using Dedupe.Log;

namespace Pipeline.Migrating;

/// <summary>One scope of the log that is copied, as it stood when that began.</summary>
/// <param name="Begins">The position behind which what is still there begins: the beginning where nothing was dropped.</param>
internal sealed record ScopeExtent(int Number, string Name, LogPosition Position, LogPosition Begins)
{
    public long Inputs => Position.LastInput - Begins.LastInput;

    public long Decisions => Position.LastDecision - Begins.LastDecision;

    /// <summary>True where nothing was dropped yet.</summary>
    public bool IsWhole => Begins is { LastInput: 0, LastDecision: 0 };

    public static async Task<IReadOnlyList<ScopeExtent>> AllAsync(ILog log, CancellationToken cancel)
    {
        var all = new List<ScopeExtent>();
        foreach (var (number, name) in await log.ScopesAsync(cancel))
        {
            var position = await log.PositionAsync(number, cancel);
            var input = await FirstAsync(log.ReadInputsAsync(number, position.FirstInput, cancel), cancel);
            var decision = await FirstAsync(log.ReadDecisionsAsync(number, 1, cancel), cancel);
            // What is there says the rest itself; only where nothing is, the position alone knows.
            var begins = new LogPosition(
                position.FirstInput - 1, input?.At ?? position.LastAt,
                decision is null ? position.LastDecision : decision.Version - 1,
                decision is null ? position.LastDecided : decision.Version == 1 ? 0 : decision.Input, 0);
            all.Add(new(number, name, position, begins.AsBeginning()));
        }
        return all;
    }

    /// <summary>Its inputs from a number on, as far as they are copied.</summary>
    public async IAsyncEnumerable<InputRecord> ReadInputsAsync(ILog log, long from, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var input in log.ReadInputsAsync(Number, from, cancel))
        {
            if (input.Number > Position.LastInput) yield break;
            yield return input;
        }
    }

    public async IAsyncEnumerable<DecisionRecord> ReadDecisionsAsync(ILog log, long from, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var decision in log.ReadDecisionsAsync(Number, from, cancel))
        {
            if (decision.Version > Position.LastDecision) yield break;
            yield return decision;
        }
    }

    private static async Task<T?> FirstAsync<T>(IAsyncEnumerable<T> records, CancellationToken cancel)
        where T : class => await records.FirstOrDefaultAsync(cancel);
}
