using Dedupe.Log;
using Dedupe.Vocabulary;
using Ingest;
using Projections;

namespace Pipeline.Hosting;

/// <summary>What HTTP is served in front of: everything in one process, or one process of a cluster.</summary>
public interface IServed : IReadiness, IAsyncDisposable
{
    /// <summary>Recovers, and opens for what comes.</summary>
    Task StartAsync(CancellationToken cancel);

    /// <summary>Completes when the process should end, so that whoever supervises it starts it again.</summary>
    Task Died { get; }

    /// <summary>Where deliveries go; null where this process takes none.</summary>
    IIntake? Intake { get; }

    /// <summary>Splits labels into identity, severity and observers.</summary>
    Identities Identities { get; }

    /// <summary>What people ask; null where this process answers no queries.</summary>
    Queried? Queried { get; }
}

/// <summary>What the query API needs.</summary>
public sealed record Queried(ILog Log, Views Views, IActs Acts, IResubmit Resubmit, IPageDesk Desk, IDeciding Deciding, ILearned Learned);
