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
        new PagerDutySource(),
        new PagerDutyChangeSource(),
        new LogsSource(),
        new ChangesSource(),
    ];

    private static readonly Dictionary<string, ISource> ByName = All.ToDictionary(s => s.Name, StringComparer.Ordinal);

    /// <summary>The names, for a message that lists them.</summary>
    public static string Names { get; } = string.Join(", ", All.Select(s => s.Name));

    public static ISource? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>Reads a recorded delivery again, as recovery and replay do: the same body, context and release give the same alerts.</summary>
    public static Parsed Parse(string source, ReadOnlyMemory<byte> body, ParseContext context) =>
        Find(source)?.Parse(body, context) ?? Parsed.Failed("source", $"\"{source}\" is not a source; it is one of {Names}");
}
