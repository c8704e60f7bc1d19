using Dedupe.Rules;
using Dedupe.Vocabulary;
using Ingest;
using Pipeline.Hosting;
using Pipeline.Tests.Faults;

namespace Pipeline.Tests.Simulation;

/// <summary>What the simulated parts share: chance, the clock, the log, the broker, the leases, the pagers, and who is told what happened.</summary>
internal sealed class Site
{
    /// <summary>The label that names an alert's scope.</summary>
    public const string Label = "team";

    public static readonly IngestLimits Limits = new();

    /// <summary>Names of scopes; the deliveries of each come on a partition of its own.</summary>
    public static readonly IReadOnlyList<string> Scopes = [ScopeNames.Default, "eu"];

    /// <summary>A scope for which there is no room: what comes of it, on the last partition, is handed on to <c>default</c>.</summary>
    public const string Beyond = "us";

    /// <summary>The partition on which a scope's deliveries come.</summary>
    public static int PartitionOf(string scope) => scope == ScopeNames.Default ? 0 : Scopes.Count - 1;

    public static readonly IReadOnlyList<string> Pagers = ["night", "ops"];

    private readonly List<string>? trace;

    /// <param name="trace">Filled with what happened, in words; null where nobody reads it.</param>
    public Site(int seed, Planted planted, List<string>? trace)
    {
        (Random, Planted, this.trace) = (new(seed), planted, trace);
        Log = new(this);
        Queues = [.. Scopes.Select(_ => new SimulatedQueue(this, One([3, 20])))];
        Partitions = new(this, Scopes.Count);
        PagerLeases = new(this, Pagers.Count);
        Rules = RuleSet.Default with
        {
            Pagers = [new("ops", LabelSet.Empty), new("night", LabelSet.Of(("service", "shop")), Severity.Critical)],
            Surface = RuleSet.Default.Surface with { Storm = 15 },
            Scope = new() { Label = Label },
            // One that an alert of the senders is, and any sign of life.
            Heartbeats =
            [
                new("beat", TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(20), LabelSet.Of(("alertname", Sender.Beat))),
                new("anything", TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30), Source: "generic"),
            ],
        };
    }

    public Random Random { get; }

    public Planted Planted { get; }

    public DateTimeOffset Now { get; set; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>False once faults have ceased and everything is to drain.</summary>
    public bool Faulty { get; set; } = true;

    public SimulatedLog Log { get; }

    public IReadOnlyList<SimulatedQueue> Queues { get; }

    public SimulatedLeases Partitions { get; }

    public SimulatedLeases PagerLeases { get; }

    public Checker Checker { get; } = new();

    /// <summary>The rules of the configuration: what a process that starts now is given.</summary>
    public RuleSet Rules { get; set; }

    /// <summary>Pagers that do not answer now.</summary>
    public HashSet<string> Down { get; } = [];

    /// <summary>Tries what an actor may do, beginning anywhere, until something was done; false when nothing can be.</summary>
    public async Task<bool> AnyAsync(int count, Func<int, Task<bool>> tryOne)
    {
        var first = Random.Next(count);
        for (var i = 0; i < count; i++)
            if (await tryOne((first + i) % count)) return true;
        return false;
    }

    public bool Maybe(int oneIn) => Random.Next(oneIn) == 0;

    /// <summary>The same while there are faults; never after.</summary>
    public bool Fault(int oneIn) => Faulty && Maybe(oneIn);

    public T One<T>(IReadOnlyList<T> of) => of[Random.Next(of.Count)];

    public void Note(string who, Func<FormattableString> what) =>
        trace?.Add(FormattableString.Invariant($"{Now:HH:mm:ss.fff} {who}: {FormattableString.Invariant(what())}"));
}

/// <summary>One part of the whole: takes one step of its protocol at a time, and may be killed between any two.</summary>
internal interface IActor
{
    string Name { get; }

    /// <summary>Some step that it can take now, by chance; false when there is none.</summary>
    Task<bool> StepAsync();

    /// <summary>Loses everything that is only in memory, and starts again.</summary>
    void Crash();
}

/// <summary>The process ended in the middle of a step.</summary>
internal sealed class KilledException() : Exception("killed");
