using Dedupe.Log;
using Dedupe.Vocabulary;
using Pipeline.Config;
using Pipeline.Hosting;
using Projections;

namespace Pipeline.Api;

/// <summary>Alerts, changes, rejected parts, what is unseen, and the world at a glance.</summary>
internal static class ListRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/alerts", Alerts).WithSummary("Every identity within retention, first seen first")
            .WithDescription("state=firing|silenced|silent|expired|resolved, label=k:v, cursor, limit").Produces<Listed<AlertItem>>()
            .ProducesProblem(400);
        api.MapGet("/changes", Changes).WithSummary("What people changed, newest first").Produces<Listed<Change>>().ProducesProblem(400);
        api.MapGet("/rejected", RejectedAsync).WithSummary("Parts that were kept and not understood, newest first")
            .Produces<Listed<RejectedItem>>().ProducesProblem(400);
        api.MapPost("/rejected/{id}/resubmit", ResubmitAsync)
            .WithSummary("Take a rejected part again: corrected in the body, or as it was with none")
            .Produces<ResubmitBody>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(410).ProducesProblem(503);
        api.MapGet("/unseen", Unseen).WithSummary("What nobody was told and nobody acknowledged, newest first, and why")
            .WithDescription("why=gathering|owed|failing|undeliverable|silenced|info|unrouted|shadow, cursor, limit")
            .Produces<Listed<UnseenItem>>().ProducesProblem(400);
        api.MapGet("/summary", Summary).WithSummary("How many stand how, a level each, and which pagers fail").Produces<SummaryBody>();
    }

    private static IResult Alerts(HttpContext http, Views views, TimeProvider time)
    {
        var asked = new Asked(http.Request);
        var (slice, labels) = (asked.Slice(), asked.Labels());
        asked.OneOf("state", ("firing", true), ("silenced", true), ("silent", true), ("expired", true), ("resolved", true));
        if (asked.Problem is { } problem) return problem;
        var state = asked.Text("state");
        var page = views.Read(v => v.Alerts.Page(
            slice, l => (state is null || l.StateWord == state) && l.Labels.Matches(labels), Silencing.At(v, time.GetUtcNow()).By));
        return Answers.Json(new Listed<AlertItem>([.. page.Items.Select(Item)], page.Next), ApiJson.Default.ListedAlertItem);
    }

    private static AlertItem Item(AlertLine l) => new(
        l.Fingerprint, l.Labels, l.Severity.Word(), l.StateWord, l.FirstSeen, l.LastSeen, l.Repeats, l.Observers, l.Incident?.Value,
        l.Summary, l.Url,
        l.SilencedBy);

    private static IResult Changes(HttpContext http, Views views)
    {
        var asked = new Asked(http.Request);
        var slice = asked.Slice();
        return asked.Problem ?? Answers.Json(views.Read(v => v.Changes.Page(slice)), ApiJson.Default.ListedChange);
    }

    private static async Task<IResult> RejectedAsync(HttpContext http, Views views, Scopes scopes)
    {
        var asked = new Asked(http.Request);
        var slice = asked.Slice();
        if (asked.Problem is { } problem) return problem;
        await scopes.LearnAsync(http.RequestAborted);
        var page = views.Read(v => v.Rejected.Page(slice));
        var items = page.Items.Select(
            r => new RejectedItem(r.Id, r.At, r.Source, r.Index, r.Field, r.Problem, scopes.Name(r.Scope), r.Input));
        return Answers.Json(new Listed<RejectedItem>([.. items], page.Next), ApiJson.Default.ListedRejectedItem);
    }

    private static async Task<IResult> ResubmitAsync(
        HttpContext http, string id, Views views, Past past, Settings settings, IResubmit resubmit)
    {
        if (views.Read(v => v.Rejected.Find(id)) is not { } rejected) return Answers.NotFound($"there is no rejected part {id}");
        var body = await BodyAsync(http.Request, settings.Limits.BodyBytes, http.RequestAborted);
        if (body is null) return Results.Problem($"the body is over {settings.Limits.BodyBytes} bytes", statusCode: 413);
        var source = rejected.Source;
        if (body.Length == 0 || source.Length == 0)
        {
            if (await past.InputAsync(rejected.Scope, rejected.Input, http.RequestAborted) is not { } input)
                return Answers.Gone("the delivery that it came in is no longer kept; send the corrected part in the body");
            if (input.Kind != InputKind.Delivery) return Answers.Conflict($"{id} was no delivery: it cannot be submitted");
            source = input.Source;
            if (body.Length == 0) body = input.Body.ToArray();
        }
        var answer = await resubmit.ResubmitAsync(source, body, http.RequestAborted);
        if (answer.Status == 200) return Answers.Json(new ResubmitBody(answer.Accepted), ApiJson.Default.ResubmitBody);
        if (answer.Status is 429 or 503) http.Response.Headers.RetryAfter = "1";
        return Results.Problem(answer.Problem, statusCode: answer.Status, extensions: [new("field", answer.Field)]);
    }

    private static IResult Unseen(HttpContext http, Views views, Settings settings)
    {
        var asked = new Asked(http.Request);
        var slice = asked.Slice();
        asked.OneOf("why", [.. Exposure.Words.Select(w => (w, true))]);
        if (asked.Problem is { } problem) return problem;
        var page = views.Read(v => new UnseenBodies(v, IncidentBodies.BaseUrl(http.Request), settings.Rules.Page.Latest).Page(slice, asked.Text("why")));
        return Answers.Json(page, ApiJson.Default.ListedUnseenItem);
    }

    private static IResult Summary(Views views, Settings settings, TimeProvider time) => Answers.Json(
        views.Read(v =>
        {
            var s = Projections.Summary.Of(v, settings.Rules.Group.ComponentLabels, Silencing.At(v, time.GetUtcNow()).By);
            return new SummaryBody(s.Host, s.Service, s.System, s.Business, v.Pagers.Failing, v.Unseen.Total);
        }), ApiJson.Default.SummaryBody);

    /// <summary>Null when it is over the limit.</summary>
    private static async ValueTask<byte[]?> BodyAsync(HttpRequest request, int most, CancellationToken cancel)
    {
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await request.Body.ReadAsync(buffer, cancel) is > 0 and var read)
        {
            if (body.Length + read > most) return null;
            body.Write(buffer, 0, read);
        }
        return body.ToArray();
    }
}
