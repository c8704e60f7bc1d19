namespace Ingest;

/// <summary>The sources, a line each.</summary>
public static class Sources
{
    public static readonly IReadOnlyList<ISource> All =
    [
        new GenericSource(),
        new AlertmanagerSource(),
        new AlertmanagerApiSource(),
        new GrafanaSource(),
        new NagiosSource(),
        new NagiosLogSource(),
        new Icinga2Source(),
        new PagerDutySource(),
        new PagerDutyChangeSource(),
        new LogsSource(),
        new OtlpSource(),
        new SyslogSource(),
        new ChangesSource(),
        new GitHubSource(),
        new GitLabSource(),
        new JenkinsSource(),
        new ArgoCdSource(),
    ];

    private static readonly Parsed Dead = new()
    {
        Rejected = [new(0, "", "came back from the broker, since nobody could take it (the server's log says why); look at it and submit it again")],
    };

    private static readonly Dictionary<string, ISource> ByName = All.ToDictionary(s => s.Name, StringComparer.Ordinal);

    /// <summary>The names, for a message that lists them.</summary>
    public static string Names { get; } = string.Join(", ", All.Select(s => s.Name));

    public static ISource? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>What the name of a recorded source begins with when it came back from a broker because nobody could take it.</summary>
    public const string DeadLetter = "dead-letter/";

    /// <summary>Reads a recorded delivery again, as recovery and replay do: the same body, context and release give the same alerts.</summary>
    public static Parsed Parse(string source, ReadOnlyMemory<byte> body, ParseContext context) =>
        source.StartsWith(DeadLetter, StringComparison.Ordinal) ? Dead : Find(source)?.Parse(body, context) ?? Parsed.Failed("source", $"\"{source}\" is not a source; it is one of {Names}");
}
