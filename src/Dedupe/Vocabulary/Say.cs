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

    /// <summary>An alert in a few words: its name and where it is, as <c>HostDown on web-17</c>.</summary>
    public static string Name(LabelSet labels)
    {
        var name = labels["alertname"] ?? (labels.Count > 0 ? labels[0].Value : "alert");
        return Place(labels) is { } place && place != name ? $"{name} on {place}" : name;
    }

    /// <summary>Where an alert is: host or instance, with its service where it names one.</summary>
    public static string? Place(LabelSet labels)
    {
        var where = labels["host"] ?? labels["instance"] ?? labels["node"] ?? labels["pod"] ?? labels["site"];
        var service = labels["service"] ?? labels["component"] ?? labels["job"];
        return where is null ? service : service is null || service == where ? where : $"{where} ({service})";
    }

    /// <summary>A number as people write it: no exponent, at most three decimals.</summary>
    public static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    public static string Count(long count, string one, string many) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many)}");
}
