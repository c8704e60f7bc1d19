using Dedupe.Deciding;
using Dedupe.Log;

namespace Pipeline.Hosting;

/// <summary>What a scope's owner lives in.</summary>
/// <param name="Reader">Reads a scope's stored inputs, by the scope's name.</param>
/// <param name="Tick">Asks for a tick to be recorded for a scope; it comes back as an input.</param>
/// <param name="GiveBack">Gives back what a load left behind, after a snapshot in its midst.</param>
/// <param name="Stopping">Cancelled when a stop can wait no longer.</param>
/// <param name="Tell">Tells who follows of a decision that is appended, in order.</param>
internal sealed record ScopeHost(
    ILog Log, TimeProvider Time, ILogger Logger, Func<string, InputReader> Reader, Action<int> Tick, Action<int, DecisionRecord, Decision> Tell,
    Action GiveBack, CancellationToken Stopping);
