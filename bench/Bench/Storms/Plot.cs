namespace Bench.Storms;

/// <summary>What a storm is made of while it is being made up: the estate, who watches it, and what is to happen.</summary>
internal sealed class Plot
{
    private readonly Dictionary<Signal, Watcher> watchers = [];
    private readonly List<Func<Sent, IEnumerable<News>>> news = [];
    private readonly List<Func<Sent, IEnumerable<Consequence>>> consequences = [];

    /// <summary>30 min to 8 h of ordinary days before anything fails.</summary>
    public Plot(Dice dice)
    {
        Dice = dice;
        Begins = dice.For("history").Minutes(30, 480);
        Estate = Estate.Of(dice.For("estate"));
        HasTopology = dice.For("topology").Chance(0.7);
        Watch(dice.For("watchers"));
    }

    public Dice Dice { get; }
    public Estate Estate { get; }

    /// <summary>Seven in ten are told what depends on what.</summary>
    public bool HasTopology { get; }
    public List<Signal> Signals { get; } = [];

    /// <summary>Log lines and changes.</summary>
    public List<Line> Lines { get; } = [];
    public List<Failure> Failures { get; } = [];

    /// <summary>When the first failure may begin, and when all is over.</summary>
    public TimeSpan Begins { get; }
    public TimeSpan Ends { get; private set; }

    public Watcher WatcherOf(Signal signal) => watchers[signal];

    /// <summary>The labels of a signal or a class of log line.</summary>
    public IReadOnlyDictionary<string, string> Labels(object of) => of is Signal signal ? WatcherOf(signal).Labels(signal.Check) : ((LogClass)of).Labels;

    /// <summary>The story goes on until then at least.</summary>
    public void Last(TimeSpan until) => Ends = until > Ends ? until : Ends;

    public void Expect(Func<Sent, IEnumerable<News>> what) => news.Add(what);

    public void Allow(Func<Sent, IEnumerable<Consequence>> what) => consequences.Add(what);

    /// <summary>All deliveries, in the order in which they come.</summary>
    public List<Line> Sort(DateTimeOffset start) =>
        [.. watchers.Values.Distinct().SelectMany(w => w.Lines(start, Ends)).Concat(Lines).Where(l => l.At >= TimeSpan.Zero && l.At <= Ends).OrderBy(l => l.At)];

    public List<News> News(Sent sent) => [.. news.SelectMany(n => n(sent)).OrderBy(n => n.From)];

    public List<Consequence> Consequences(Sent sent) => [.. consequences.SelectMany(c => c(sent))];

    /// <summary>Two to four kinds of monitoring; each service's own checks and those of its hosts are one system's business each.</summary>
    private void Watch(Dice dice)
    {
        List<Watcher> all = [new AlertmanagerWatcher(dice.For("alertmanager")), new PrometheusWatcher(dice.For("prometheus")), new NagiosWatcher(dice.For("nagios")), new AgentWatcher(dice.For("agent"))];
        var used = dice.Pick(all, dice.Whole(2, 4));
        if (used.TrueForAll(w => w is NagiosWatcher)) used.Add(all[3]);
        var whole = used.FindAll(w => w is not NagiosWatcher);
        foreach (var service in Estate.Services)
        {
            var (ofService, ofHosts) = (dice.Pick(whole), dice.Pick(used));
            foreach (var check in Check.Of(service, dice))
            {
                var signal = new Signal(check);
                var watcher = check.Host is null ? ofService : ofHosts;
                watchers[signal] = watcher;
                watcher.Signals.Add(signal);
                Signals.Add(signal);
            }
        }
    }
}
