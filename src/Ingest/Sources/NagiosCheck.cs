using System.Buffers.Text;
using Dedupe.Vocabulary;

namespace Ingest;

/// <summary>What Nagios says about one check of a host or a service, by notification or by log line.</summary>
/// <param name="Service">The service's description; null for the host check itself.</param>
/// <param name="Type">PROBLEM, RECOVERY, ACKNOWLEDGEMENT, ...; null where only a state is given.</param>
internal sealed record NagiosCheck(string Host, string? Service, string State, string? Type = null)
{
    public string? MonitoringServer { get; init; }
    public IReadOnlyList<string> Contacts { get; init; } = [];
    public string Output { get; init; } = "";
    public double? Value { get; init; }
    public DateTimeOffset? Since { get; init; }
    public string? Url { get; init; }

    /// <summary>True for the words that Nagios has for a state.</summary>
    public static bool IsState(string word) => TryState(word, out _, out _);

    /// <summary>The alert: identity is host and service; who watched and who was told are observers.</summary>
    /// <remarks>
    /// Flapping, downtime and custom notifications carry the state as it is, so they count as one more look at it: a repeat unless it changed.
    /// </remarks>
    public Alert Alert(Identities identities)
    {
        TryState(State, out var severity, out var resolved);
        var labels = new List<KeyValuePair<string, string>> { new("alertname", Service ?? "Host"), new("host", Host) };
        if (Service is not null) labels.Add(new("service", Service));
        if (MonitoringServer is not null) labels.Add(new("monitoring_server", MonitoringServer));
        foreach (var contact in Contacts) labels.Add(new("contact", contact));
        return new()
        {
            Identity = identities.Read(labels),
            Status = resolved ? AlertStatus.Resolved : AlertStatus.Firing,
            Severity = severity,
            Summary = Output,
            Value = Value,
            StartsAt = Since,
            Url = Url,
            Acknowledges = !resolved && string.Equals(Type, "ACKNOWLEDGEMENT", StringComparison.OrdinalIgnoreCase),
        };
    }

    /// <summary>The first number of performance data: <c>/var=19188MB;18000;19000</c> is 19188.</summary>
    public static double? Measured(string? perfdata)
    {
        if (perfdata is null || perfdata.IndexOf('=', StringComparison.Ordinal) is not (> 0 and var equals)) return null;
        Span<byte> number = stackalloc byte[32];
        var length = 0;
        foreach (var c in perfdata.AsSpan(equals + 1))
        {
            if (length == number.Length || !(char.IsAsciiDigit(c) || c is '.' or '-')) break;
            number[length++] = (byte)c;
        }
        return length > 0 && Utf8Parser.TryParse(number[..length], out double value, out var used) && used == length ? value : null;
    }

    private static bool TryState(string word, out Severity severity, out bool resolved)
    {
        resolved = false;
        switch (word.Trim().ToUpperInvariant())
        {
            case "CRITICAL" or "DOWN" or "UNREACHABLE": severity = Severity.Critical; return true;
            case "WARNING": severity = Severity.Warning; return true;
            case "UNKNOWN": severity = Severity.Unknown; return true;
            case "OK" or "UP" or "RECOVERY": (severity, resolved) = (Severity.Ok, true); return true;
            default: severity = Severity.Unknown; return false;
        }
    }
}
