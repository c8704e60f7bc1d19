using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Pipeline.Hosting;

/// <summary>Takes a person's or a program's act: recorded as an input, decided, and folded into the views before it answers.</summary>
public interface IActs
{
    /// <summary>True once decided and visible; false when that took over 5 s or the log is not there (safe to repeat).</summary>
    /// <param name="scope">The scope's number; null for every scope (silences).</param>
    ValueTask<bool> ActAsync(int? scope, Act act, CancellationToken cancel);

    /// <summary>Puts a topology in force in every scope; answers as <see cref="ActAsync"/> does.</summary>
    ValueTask<bool> AdoptAsync(Topology topology, CancellationToken cancel);
}

/// <summary>Takes what the pager learns about a pager's health; recorded as an input in every scope.</summary>
public interface IPagerReports
{
    ValueTask ReportAsync(string pager, bool failing, string answer, CancellationToken cancel);
}
