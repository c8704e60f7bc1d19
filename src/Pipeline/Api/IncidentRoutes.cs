using System.Globalization;
using System.Text.Json;
using Dedupe.Vocabulary;
using Microsoft.Net.Http.Headers;
using Pipeline.Config;
using Projections;

namespace Pipeline.Api;

/// <summary>Incidents, as of now and of any past moment that is kept.</summary>
internal static class IncidentRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/incidents", ListAsync).WithSummary("Incidents, newest first")
            .WithDescription("state=open|acknowledged|resolved|stale, since=TIME, label=k:v, cursor, limit")
            .Produces<Listed<IncidentItem>>()
            .ProducesProblem(400);
        api.MapGet("/incidents/{id}", GetAsync).WithSummary("One incident, as of now or of a time")
            .WithDescription("at=TIME: as it was then. since=ack: only members and changes that no acknowledgement covered. "
                + "A page to read for who prefers text/html, as browsers do.")
            .Produces<IncidentBody>()
            .Produces<string>(200, "text/html")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(410);
        api.MapGet("/incidents/{id}/timeline", TimelineAsync).WithSummary("Every decision of an incident, in order and in words")
            .WithDescription("at=TIME: up to then. cursor, limit.").Produces<Listed<TimelineItem>>()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(410);
    }

    private static async Task<IResult> ListAsync(HttpContext http, Views views, Scopes scopes)
    {
        var asked = new Asked(http.Request);
        var slice = asked.Slice();
        var filter = new IncidentFilter(
            asked.OneOf("state", ("open", IncidentState.Open), ("acknowledged", IncidentState.Acknowledged),
                ("resolved", IncidentState.Resolved),
                ("stale", IncidentState.Stale)),
            asked.Time("since"), asked.Labels());
        if (asked.Problem is { } problem) return problem;
        await scopes.LearnAsync(http.RequestAborted);
        var page = views.Read(v =>
        {
            var bodies = new IncidentBodies(v, scopes, IncidentBodies.BaseUrl(http.Request));
            var lines = v.Incidents.Page(slice, filter, v.Alerts);
            return new Listed<IncidentItem>([.. lines.Items.Select(bodies.Item)], lines.Next);
        });
        return Answers.Json(page, ApiJson.Default.ListedIncidentItem);
    }

    private static async Task<IResult> GetAsync(
        HttpContext http, string id, Views views, Past past, Scopes scopes, Settings settings, TimeProvider time)
    {
        var asked = new Asked(http.Request);
        var at = asked.Time("at");
        var sinceAck = asked.OneOf("since", ("ack", true)) ?? false;
        if (asked.Problem is { } problem) return problem;
        var now = time.GetUtcNow();
        if (at < now - settings.Retention.Decisions) return TooOld(settings);
        var incident = new IncidentId(id);
        if (await BodyAsync(http, incident, at > now ? null : at, sinceAck, views, past, scopes, settings) is not { } body)
            return Answers.NotFound(at is null ? $"there is no incident {id}" : $"there was no incident {id} at that time");
        // The same address lies in pages: who opens it in a browser wants to read, not to parse.
        http.Response.Headers.Vary = HeaderNames.Accept;
        if (IncidentPage.IsWanted(http.Request)) return IncidentPage.Of(body, at ?? now, sinceAck);
        if (at is null && NotModified(http, body)) return Results.StatusCode(304);
        return Answers.Json(body, ApiJson.Default.IncidentBody);
    }

    private static async Task<IResult> TimelineAsync(
        HttpContext http, string id, Views views, Past past, Settings settings, TimeProvider time)
    {
        var asked = new Asked(http.Request);
        var slice = asked.Slice();
        var at = asked.Time("at") ?? DateTimeOffset.MaxValue;
        if (asked.Problem is { } problem) return problem;
        if (at < time.GetUtcNow() - settings.Retention.Decisions) return TooOld(settings);
        var incident = new IncidentId(id);
        if (await WhereAsync(incident, views, past, http.RequestAborted) is not { } where)
            return Answers.NotFound($"there is no incident {id}");
        var (tellings, acknowledgements) = await past.ToldAsync(where.Scope, incident, at, http.RequestAborted);
        var answered = await AnsweredAsync(tellings, asked.Time("at"), views, past, settings, http.RequestAborted);
        var exposures = new Exposures(tellings, acknowledgements, answered);
        var shown = new List<TimelineEntry>();
        string? next = null;
        await foreach (var entry in past.TimelineAsync(where.Scope, incident, Labels, http.RequestAborted))
        {
            if (entry.Record.At > at) break;
            if (entry.Version <= (slice.After?.Version ?? 0)) continue;
            if (shown.Count == slice.Limit)
            {
                next = new Place(0, where.Scope, shown[^1].Version).ToCursor();
                break;
            }
            shown.Add(entry);
        }
        var items = views.Read(_ => shown.Select(e => TimelineBodies.Item(e, exposures, answered)).ToList());
        return Answers.Json(new Listed<TimelineItem>(items, next), ApiJson.Default.ListedTimelineItem);

        LabelSet? Labels(Fingerprint fingerprint) => views.Read(v => v.Alerts.LabelsOf(where.Scope, fingerprint));
    }

    /// <summary>What GET shows, and what an act answers.</summary>
    public static async ValueTask<IncidentBody?> BodyAsync(
        HttpContext http, IncidentId id, DateTimeOffset? at, bool sinceAck, Views views, Past past, Scopes scopes, Settings settings)
    {
        if (await WhereAsync(id, views, past, http.RequestAborted) is not { } where) return null;
        await scopes.LearnAsync(http.RequestAborted);
        var detail = at is { } then
            ? await past.AtAsync(where.Scope, where.FirstVersion, id, then, http.RequestAborted)
            : views.Read(v => v.Incidents.Detail(id)) ?? await past.EndedAsync(where.Scope, where.FirstVersion, id, http.RequestAborted);
        if (detail is null) return null;
        detail = await past.ExplainAsync(detail, http.RequestAborted);
        var answered = await AnsweredAsync(detail.Tellings ?? [], at, views, past, settings, http.RequestAborted);
        return views.Read(v => new IncidentBodies(v, scopes, IncidentBodies.BaseUrl(http.Request), answered).Body(detail, sinceAck ? detail.Seen : 0));
    }

    /// <summary>What became of an incident's pages, as of a time or of now. To be asked inside a read of the views.</summary>
    private static async ValueTask<Answered> AnsweredAsync(
        IReadOnlyList<Telling> tellings, DateTimeOffset? at, Views views, Past past, Settings settings, CancellationToken cancel)
    {
        var (latest, failing) = (settings.Rules.Page.Latest, views.Read(v => v.Pagers.Failing));
        var unknown = views.Read(v => tellings.Select(t => t.Page).Where(p => v.Pages.Find(p) is null).ToHashSet(StringComparer.Ordinal));
        return new(views.Pages.Find, failing, latest, at, await past.OutcomesAsync(unknown, cancel));
    }

    public static JsonElement Raw(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    private static async ValueTask<(int Scope, long FirstVersion)?> WhereAsync(
        IncidentId id, Views views, Past past, CancellationToken cancel) =>
        views.Read(v => v.Incidents.Where(id)) ?? await past.FindAsync(id, cancel);

    // Repeats, and what becomes of pages and pagers, change an incident without raising its version.
    private static bool NotModified(HttpContext http, IncidentBody body)
    {
        var shown = body.Changes.Select(c => c.Exposure).ToList();
        var (told, waiting) = (shown.SelectMany(e => e.Told).ToList(), shown.SelectMany(e => e.Waiting));
        var tag = string.Create(CultureInfo.InvariantCulture,
            $"W/\"{body.Version}-{body.Alerts.Repeats}-{body.Unseen}-{told.Sum(t => (long)t.Attempts)}-{told.Max(t => t.AnsweredAt)?.UtcTicks ?? 0}-{waiting.Count(w => w.Why == Exposure.Failing)}\"");
        http.Response.Headers.ETag = tag;
        return http.Request.Headers.IfNoneMatch == tag && !http.Request.Query.ContainsKey("since");
    }

    private static IResult TooOld(Settings settings) =>
        Answers.Gone($"at is before what is kept: decisions are kept {settings.Retention.Decisions.TotalDays:0.#} days");
}
