using System.Globalization;

namespace Dedupe.Vocabulary;

/// <summary>How times, names and numbers are said to people.</summary>
public static class Say
{
    /// <summary>A span in its largest one or two units: <c>40 s</c>, <c>4 min</c>, <c>2 h 5 min</c>, <c>3 d</c>.</summary>
    public static string Span(long milliseconds)
    {
        var span = TimeSpan.FromMilliseconds(milliseconds);
        return span switch
        {
            { TotalSeconds: < 1 } => "under 1 s",
            { TotalSeconds: < 90 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalSeconds} s"),
            { TotalMinutes: < 90 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalMinutes} min"),
            { TotalHours: < 24 } when span.Minutes == 0 => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours} h"),
            { TotalHours: < 24 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours} h {span.Minutes} min"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalDays} d"),
        };
    }

    /// <summary>An alert in a few words: its name and where it is, as <c>HostDown on web-17</c>. Where nobody gave it a name, the service is what it is about.</summary>
    public static string Name(LabelSet labels)
    {
        if (labels["alertname"] is { } given) return On(given, Place(labels));
        return Service(labels) is { } service ? On(service, Where(labels)) : On(labels.Count > 0 ? labels[0].Value : "alert", Where(labels));
    }

    /// <summary>Where an alert is: host or instance, with its service where it names one.</summary>
    public static string? Place(LabelSet labels)
    {
        var (where, service) = (Where(labels), Service(labels));
        return where is null ? service : service is null || service == where ? where : $"{where} ({service})";
    }

    private static string? Where(LabelSet labels) => labels["host"] ?? labels["instance"] ?? labels["node"] ?? labels["pod"] ?? labels["site"];

    private static string? Service(LabelSet labels) => labels["service"] ?? labels["component"] ?? labels["job"];

    private static string On(string name, string? place) => place is null || place == name ? name : $"{name} on {place}";

    /// <summary>A number as people write it: no exponent, at most three decimals.</summary>
    public static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    public static string Count(long count, string one, string many) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many)}");
}
