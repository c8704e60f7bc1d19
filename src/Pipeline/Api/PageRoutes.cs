using System.Text;
using Dedupe.Log;
using Pipeline.Config;
using Pipeline.Hosting;
using Projections;

namespace Pipeline.Api;

/// <summary>Pages: what was told to whom, and another try.</summary>
internal static class PageRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/pages", List).WithSummary("Pages, newest first")
            .WithDescription("incident=ID, pager=NAME, state=owed|sent|failing|undeliverable, cursor, limit").Produces<Listed<PageItem>>()
            .ProducesProblem(400);
        api.MapGet("/pages/{id}", GetAsync).WithSummary("A page with the body that every attempt sends").Produces<PageWithBody>()
            .ProducesProblem(404);
        api.MapPost("/pages/{id}/resend", ResendAsync).WithSummary("Owe a page again: the same bytes under the same id")
            .Produces<PageItem>().ProducesProblem(404).ProducesProblem(410);
        api.MapPost("/page-test", TestAsync).WithSummary("Send a test page and say what the pager answered")
            .WithDescription("pager=NAME; every pager where none is named").Produces<Listed<TestAnswer>>().ProducesProblem(404);
    }

    private static IResult List(HttpContext http, Views views)
    {
        var asked = new Asked(http.Request);
        var slice = asked.Slice();
        var state = asked.OneOf(
            "state", ("owed", PageState.Owed), ("sent", PageState.Sent), ("failing", PageState.Failing),
            ("undeliverable", PageState.Undeliverable));
        if (asked.Problem is { } problem) return problem;
        var (incident, pager) = (asked.Text("incident"), asked.Text("pager"));
        var page = views.Read(v => v.Pages.Page(slice, p =>
            (state is null || p.State == state) && (incident is null || p.Incident.Value == incident)
            && (pager is null || p.Pager == pager)));
        return Answers.Json(new Listed<PageItem>([.. page.Items.Select(p => Item(p))], page.Next), ApiJson.Default.ListedPageItem);
    }

    private static async Task<IResult> GetAsync(HttpContext http, string id, Views views, Past past)
    {
        if (views.Read(v => v.Pages.Find(id)) is not { } p) return Answers.NotFound($"there is no page {id}");
        var body = await past.PageBodyAsync(p.Scope, p.Version, http.RequestAborted);
        return Answers.Json(WithBody(p, body), ApiJson.Default.PageWithBody);
    }

    private static async Task<IResult> ResendAsync(HttpContext http, string id, Views views, IPageDesk desk)
    {
        if (views.Read(v => v.Pages.Find(id)) is not { } page) return Answers.NotFound($"there is no page {id}");
        if (!await desk.ResendAsync(page.Scope, page.Version, id, http.RequestAborted))
            return Answers.Gone($"the body of {id} is no longer kept");
        return Answers.Json(Item(views.Read(v => v.Pages.Find(id)) ?? page), ApiJson.Default.PageItem);
    }

    private static async Task<IResult> TestAsync(HttpContext http, Settings settings, IPageDesk desk)
    {
        var named = new Asked(http.Request).Text("pager");
        IReadOnlyList<string> pagers = named is not null ? [named] : Names(settings);
        var answers = new List<TestAnswer>();
        foreach (var pager in pagers)
        {
            if (await desk.TestAsync(pager, http.RequestAborted) is not { } answer)
                return Answers.NotFound($"there is no pager {pager}; there are {string.Join(", ", Names(settings))}");
            answers.Add(answer);
        }
        return Answers.Json(new Listed<TestAnswer>(answers, null), ApiJson.Default.ListedTestAnswer);
    }

    /// <summary>The pagers' names; where none is configured there is one, <c>default</c>.</summary>
    public static IReadOnlyList<string> Names(Settings settings) => settings.Pagers.Count == 0 ? ["default"]
        : [.. settings.Pagers.Select(p => p.Name)];

    private static PageItem Item(PageLine p) => new()
    {
        Id = p.Id, Pager = p.Pager, Incident = p.Incident.Value, Kind = p.Kind, Urgency = p.Urgent ? "high" : "low", At = p.At,
        State = IncidentBodies.Word(p.State),
        Attempts = p.Attempts, Answer = p.Answer, AnsweredAt = p.AnsweredAt, Text = p.Text,
    };

    private static PageWithBody WithBody(PageLine p, string? body) => new()
    {
        Id = p.Id, Pager = p.Pager, Incident = p.Incident.Value, Kind = p.Kind, Urgency = p.Urgent ? "high" : "low", At = p.At,
        State = IncidentBodies.Word(p.State),
        Attempts = p.Attempts, Answer = p.Answer, AnsweredAt = p.AnsweredAt, Text = p.Text,
        Body = body is null ? null : IncidentRoutes.Raw(Encoding.UTF8.GetBytes(body)),
    };
}
