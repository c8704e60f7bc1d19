using Dedupe.Log;
using Microsoft.Extensions.Logging.Abstractions;

namespace Pipeline.Pagers;

/// <summary>What <see cref="Dispatch"/> can be told; every member has a default.</summary>
public sealed record DispatchOptions
{
    /// <summary>Decide everything, send nothing: pages stay recorded as decided.</summary>
    public bool Shadow { get; init; }

    /// <summary>The frozen body of a decided page by its id; null where the log no longer has it.</summary>
    public Func<string, ValueTask<string?>> LoadBody { get; init; } = _ => ValueTask.FromResult<string?>(null);

    /// <summary>Tells the views what became of a page, after the log has it.</summary>
    public Action<OutcomeRecord> Tell { get; init; } = _ => { };

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Owed bodies a pager keeps in memory; of those beyond, only the ids.</summary>
    public int BodiesInMemory { get; init; } = 10_000;

    /// <summary>Characters that they may have together, since one page may be 256 KiB.</summary>
    public long BodyCharactersInMemory { get; init; } = 32 * 1024 * 1024;

    /// <summary>Attempts a pager sees at once.</summary>
    public int AttemptsAtOnce { get; init; } = 8;

    /// <summary>Incidents whose pages a pager works on at once, back-off included; the rest wait their turn.</summary>
    public int IncidentsAtOnce { get; init; } = 1_000;

    /// <summary>Back-off of a page: about this after the first failure, then exponentially more.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest that a Retry-After is obeyed.</summary>
    public TimeSpan LongestRetryAfter { get; init; } = TimeSpan.FromHours(1);

    /// <summary>After this long a page is undeliverable.</summary>
    public TimeSpan GiveUp { get; init; } = TimeSpan.FromHours(24);

    /// <summary>A pager without a success for this long, and with a failure, is reported failing; its probe goes as often.</summary>
    public TimeSpan FailingAfter { get; init; } = TimeSpan.FromSeconds(60);
}
