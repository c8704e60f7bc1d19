using Dedupe.Vocabulary;
using Ingest.Reading;

namespace Ingest;

/// <summary>What Icinga 2 says about one check of a host or a service, by event or by object. Its states are numbers.</summary>
/// <param name="Raised">The state as the plugin returned it, of hosts too: 0 to 3; null where there was no check result.</param>
/// <param name="KindAfter">Whether the check result left a hard or a soft state; null where it does not say.</param>
internal sealed record Icinga2Check(string Host, string? Service, int? Raised, int? KindAfter)
{
    public const int Soft = 0, Hard = 1;

    /// <summary>0 to 3: of a service OK, WARNING, CRITICAL, UNKNOWN; of a host 0 is UP.</summary>
    public int? State { get; init; }
    public string? Type { get; init; }
    public string Output { get; init; } = "";
    public string? CheckSource { get; init; }
    public IReadOnlyList<string> Contacts { get; init; } = [];
    public double? Value { get; init; }
    public DateTimeOffset? Since { get; init; }
    public bool InDowntime { get; init; }

    /// <summary>Reads what events and objects have in common; false with the flaw where it cannot.</summary>
    public static bool TryRead(Fields fields, string host, string service, string result, ParseContext context, out Icinga2Check check, out Flaw flaw)
    {
        check = null!;
        if (!fields.Label(host, out var named, out flaw)) return false;
        if (named is null)
        {
            flaw = new(host, "is missing; it names the host");
            return false;
        }
        string? described = null;
        if (service.Length > 0 && !fields.Label(service, out described, out flaw)) return false;
        if (!Whole(fields, "downtime_depth", out var depth, out flaw)) return false;
        // Never checked: there is no result, which Icinga writes as null, or as an empty text.
        if (fields[result].Type != System.Text.Json.JsonTokenType.StartObject)
        {
            check = new(named, described, null, null) { InDowntime = depth > 0 };
            return true;
        }
        if (!fields.Object(result, out var inner, out flaw) || !inner.Text("output", out var output, out flaw) || !inner.Label("check_source", out var source, out flaw)) return false;
        if (!Whole(inner, "state", out var state, out flaw) || !inner.Object("vars_after", out var after, out flaw) || !Whole(after, "state_type", out var kind, out flaw)) return false;
        // A host's plugin returns a service's states, of which OK and WARNING are UP.
        if (described is null && state is { } returned) state = returned < 2 ? 0 : 1;
        check = new(named, described, state, kind) { Output = output ?? "", CheckSource = source, Value = Measured(inner), InDowntime = depth > 0 };
        return true;
    }

    public Alert Alert(Identities identities)
    {
        var word = (Service is null, State) switch
        {
            (_, 0) => "OK",
            (true, _) => "DOWN",
            (_, 1) => "WARNING",
            (_, 2) => "CRITICAL",
            _ => "UNKNOWN",
        };
        var alert = new NagiosCheck(Host, Service, word, Type)
        {
            MonitoringServer = CheckSource, Contacts = Contacts, Output = Output, Value = Value, Since = Since,
        }.Alert(identities);
        return InDowntime && alert.Status == AlertStatus.Firing ? alert with { Severity = Severity.Info } : alert;
    }

    /// <summary>A number without a fraction, or true and false as Icinga's older releases write them; null where absent.</summary>
    public static bool Whole(Fields fields, string name, out int? number, out Flaw flaw)
    {
        (number, flaw) = (null, default);
        if (fields[name].Type is System.Text.Json.JsonTokenType.True or System.Text.Json.JsonTokenType.False)
        {
            number = fields[name].Type == System.Text.Json.JsonTokenType.True ? 1 : 0;
            return true;
        }
        if (!fields.Number(name, out var read, out flaw)) return false;
        if (read is null) return true;
        if (read is >= 0 and < 1_000_000) number = (int)read.Value;
        else flaw = new(fields.Path(name), "is no state or count that Icinga has");
        return flaw.Problem is null;
    }

    /// <summary>Seconds since 1970 with a fraction; 0 is "never".</summary>
    public static bool Time(Fields fields, string name, out DateTimeOffset? time, out Flaw flaw)
    {
        time = null;
        if (!fields.Number(name, out var seconds, out flaw)) return false;
        if (seconds is > 0 and < 100_000_000_000) time = DateTimeOffset.UnixEpoch.AddSeconds(Math.Round(seconds.Value, 3));
        return true;
    }

    /// <summary>The first number of the performance data: a text such as <c>/var=19188MB;18000;19000</c>, or an object with a value.</summary>
    private static double? Measured(Fields result)
    {
        if (result.Objects("performance_data") is [var first, ..]) return result.Inside(first).Number("value", out var value, out _) ? value : null;
        return result.List("performance_data", out var texts, out _) && texts is [var text, ..] ? NagiosCheck.Measured(text) : null;
    }
}
