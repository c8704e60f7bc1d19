using System.Text.RegularExpressions;
using Dedupe.Vocabulary;
using Pipeline.Config;
using Projections;

namespace Pipeline.Api.Alertmanager;

/// <summary>GET alerts and groups as Alertmanager answers them: what fires now, a group an incident.</summary>
internal static class AlertRoutes
{
    /// <summary>Alertmanager's resolve_timeout: how long it takes an alert without an end to live on.</summary>
    private static readonly TimeSpan AssumedLife = TimeSpan.FromMinutes(5);

    public static void Map(RouteGroupBuilder v2)
    {
        v2.MapGet("/alerts", Alerts).WithSummary("Alerts that fire, as Alertmanager lists them")
            .WithDescription("filter=MATCHER, active, silenced, inhibited, unprocessed, receiver=REGEX")
            .Produces<IReadOnlyList<GettableAlert>>()
            .Produces<string>(400);
        v2.MapGet("/alerts/groups", Groups).WithSummary("Alerts that fire, a group an incident and receiver")
            .WithDescription("filter=MATCHER, active, silenced, inhibited, receiver=REGEX").Produces<IReadOnlyList<AlertGroup>>()
            .Produces<string>(400);
    }

    private static IResult Alerts(HttpContext http, Views views, Settings settings, TimeProvider time) =>
        Read(http, views, settings, time.GetUtcNow(), out var alerts) is { } problem
            ? problem
            : Answers.Json([.. alerts.Select(a => a.Alert)], AlertmanagerJson.Default.IReadOnlyListGettableAlert);

    private static IResult Groups(HttpContext http, Views views, Settings settings, TimeProvider time)
    {
        if (Read(http, views, settings, time.GetUtcNow(), out var alerts) is { } problem) return problem;
        var groups =
            from found in alerts
            from receiver in found.Alert.Receivers
            group found.Alert by (found.Incident, receiver) into g
            orderby g.Key.Incident?.Value, g.Key.receiver.Name
            select new AlertGroup(g.Key.Incident is { } id ? LabelSet.Of(("incident", id.Value)) : LabelSet.Empty, g.Key.receiver, [.. g]);
        return Answers.Json([.. groups], AlertmanagerJson.Default.IReadOnlyListAlertGroup);
    }

    private sealed record Found(GettableAlert Alert, IncidentId? Incident);

    private static IResult? Read(HttpContext http, Views views, Settings settings, DateTimeOffset now, out List<Found> found)
    {
        found = [];
        if (MatcherText.Filters(http.Request, out var problem) is not { } filters) return Bad(problem!);
        var (active, silenced) = (true, true);
        foreach (var name in (ReadOnlySpan<string>)["active", "silenced", "inhibited", "unprocessed"])
        {
            if (http.Request.Query[name] is not [{ } text, ..]) continue;
            if (!bool.TryParse(text, out var wanted)) return Bad($"{name} is true or false, not \"{text}\"");
            if (name == "active") active = wanted;
            if (name == "silenced") silenced = wanted;
        }
        Regex? receivers = null;
        if (http.Request.Query["receiver"] is [{ Length: > 0 } pattern, ..])
        {
            if (new LabelMatcher("receiver", pattern, true, true).Problem() is { } bad)
                return Bad($"failed to parse receiver param: {bad}");
            receivers = new($"^(?:{pattern})$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        var silencing = views.Read(v => Silencing.At(v, now));
        // A page at a time, so that the lock is held briefly however many there are.
        Place? after = null;
        do
        {
            var page = views.Read(v => v.Alerts.Page(new(after, Slice.Most), static l => l.IsFiring, silencing.By));
            foreach (var line in page.Items)
            {
                var labels = Shown(line);
                if (!filters.All(f => f.Matches(labels, line.Severity)) || !(line.SilencedBy is null ? active : silenced)) continue;
                var to = Receivers(settings, labels).Where(r => receivers?.IsMatch(r.Name) ?? true).ToList();
                if (to.Count > 0) found.Add(new(Alert(line, labels, to, silencing), line.Incident));
            }
            after = page.Next is { } next && Place.TryParse(next, out var place) ? place : null;
        }
        while (after is not null);
        return null;
    }

    private static GettableAlert Alert(AlertLine line, LabelSet labels, List<Receiver> receivers, Silencing silencing) => new(
        labels,
        line.Summary.Length == 0 ? [] : new Dictionary<string, string> { ["summary"] = line.Summary },
        receivers, line.Fingerprint.ToString(), line.StartsAt, line.UpdatedAt, line.EndsAt ?? line.LastSeen + AssumedLife,
        line.SilencedBy is null ? new("active", [], []) : new("suppressed", silencing.AllBy(line.Labels, line.Severity), []),
        string.IsNullOrEmpty(line.Url) ? null : line.Url);

    /// <summary>The identity's labels with the severity, which is none of them here but a label there.</summary>
    private static LabelSet Shown(AlertLine line) =>
        line.Severity == Severity.Unknown || line.Labels["severity"] is not null
            ? line.Labels
            : line.Labels.With("severity", line.Severity.Word());

    /// <summary>The pagers that take such an alert; one that matches none goes to all.</summary>
    private static IEnumerable<Receiver> Receivers(Settings settings, LabelSet labels)
    {
        var matching = settings.Pagers.Where(p => p.Match is null || p.Match.Matches(labels)).Select(p => new Receiver(p.Name)).ToList();
        return matching.Count > 0 ? matching : PageRoutes.Names(settings).Select(n => new Receiver(n));
    }

    /// <summary>Alertmanager's own shape of a refusal: a JSON string.</summary>
    public static IResult Bad(string problem, int status = 400) =>
        Results.Json(problem, AlertmanagerJson.Default.String, statusCode: status);
}
