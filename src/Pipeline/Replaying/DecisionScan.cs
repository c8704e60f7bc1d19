using Dedupe.Deciding;
using Dedupe.Log;

namespace Pipeline.Replaying;

/// <summary>What an export of one scope has to know of the decisions: read in one go, and nothing kept but what is rare.</summary>
internal sealed class DecisionScan
{
    /// <summary>The input that put the rules in force with which the range begins; 0 where the range has them itself.</summary>
    public long Rules { get; private set; }

    public long Topology { get; private set; }

    /// <summary>Inputs of the range that could not be decided, and why.</summary>
    public Dictionary<long, string> SetAside { get; } = [];

    /// <param name="told">Told each change that was paged, in order; null where nobody asks.</param>
    public static async Task<DecisionScan> RunAsync(ILog log, ScopeRange range, Func<PagedChange, ValueTask>? told, CancellationToken cancel)
    {
        var scan = new DecisionScan();
        var paged = new PagedChanges();
        await foreach (var record in log.ReadDecisionsAsync(range.Scope, 1, cancel))
        {
            // By number and not by time: what fell due was decided with the next input, and a replay of the range does the same.
            if (record.Input > range.Last) break;
            switch (record.Type)
            {
                case "rules-adopted" when record.Input < range.First: scan.Rules = record.Input; break;
                case "topology-adopted" when record.Input < range.First: scan.Topology = record.Input; break;
                case "input-set-aside" when record.Input >= range.First && DecisionCodec.Read(record) is Decision.InputSetAside aside:
                    scan.SetAside[aside.Number] = aside.Error;
                    break;
                case "change-surfaced" or "page-decided" when told is not null:
                    foreach (var change in paged.Decided(range.Name, DecisionCodec.Read(record))) await told(change);
                    break;
            }
        }
        return scan;
    }
}
