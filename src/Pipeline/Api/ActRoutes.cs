using System.Text.Json.Serialization.Metadata;
using Dedupe.Deciding;
using Dedupe.Vocabulary;
using Microsoft.AspNetCore.Mvc;
using Pipeline.Config;
using Pipeline.Hosting;
using Projections;

namespace Pipeline.Api;

/// <summary>What people do to an incident. Recorded, decided and folded before the answer, which the next GET shows.</summary>
internal static class ActRoutes
{
    private const string Late = "not decided within 5 s; asking again is safe";

    private static readonly string[] Awaitable = ["restart", "rollback", "deploy"];

    public static void Map(RouteGroupBuilder api)
    {
        var acts = api.MapGroup("/incidents/{id}").WithMetadata(new RequestSizeLimitAttribute(Answers.MostActBytes));
        Document<AcknowledgeRequest>(
            acts.MapPost("/acknowledge", AcknowledgeAsync), "Take an incident: covers what was known and nothing later");
        Document<ResolveRequest>(
            acts.MapPost("/resolve", ResolveAsync), "End an incident; 409 with the members still firing unless forced");
        Document<MergeRequest>(acts.MapPost("/merge", MergeAsync), "Make an incident part of another: what fires goes on there, and comes back there");
        Document<SplitRequest>(acts.MapPost("/split", SplitAsync), "Make members an incident of their own; they join this one no more");
        Document<NoteRequest>(acts.MapPost("/note", NoteAsync), "Write into an incident's timeline");
    }

    private static async Task<IResult> MergeAsync(HttpContext http, string id, Views views, Past past, Scopes scopes, Settings settings, IActs acts)
    {
        var (request, problem) = await Answers.ReadAsync(http.Request, ApiJson.Default.MergeRequest, http.RequestAborted);
        if (request is null) return problem!;
        if (string.IsNullOrWhiteSpace(request.Into)) return Answers.BadRequest("into", "into is missing; name the incident that it is part of");
        var (incident, into) = (new IncidentId(id), new IncidentId(request.Into.Trim()));
        if (incident == into) return Answers.BadRequest("into", $"{id} cannot be part of itself");
        foreach (var one in (IncidentId[])[incident, into])
        {
            if (views.Read(v => v.Incidents.Find(one)) is not { } known) return await AbsentAsync(one, past, http);
            if (known.State is IncidentState.Resolved or IncidentState.Stale) return Answers.Conflict($"{one} is {IncidentBodies.Word(known.State)}: only open ones are merged");
        }
        var scope = views.Read(v => v.Incidents.Find(incident))!.Scope;
        if (views.Read(v => v.Incidents.Find(into))!.Scope != scope) return Answers.Conflict($"{id} and {into} are of two scopes, which are decided apart");
        if (!await acts.ActAsync(scope, new Act.Merge(incident, into, By(request.By)), http.RequestAborted)) return Answers.Unavailable(http, Late);
        return await StateAsync(http, into, views, past, scopes, settings);
    }

    private static async Task<IResult> SplitAsync(HttpContext http, string id, Views views, Past past, Scopes scopes, Settings settings, IActs acts)
    {
        var (request, problem) = await Answers.ReadAsync(http.Request, ApiJson.Default.SplitRequest, http.RequestAborted);
        if (request is null) return problem!;
        if (request.Fingerprints is not { Count: > 0 } named) return Answers.BadRequest("fingerprints", "fingerprints is missing; name the members that are another failure");
        var incident = new IncidentId(id);
        if (views.Read(v => v.Incidents.Find(incident)) is not { } known) return await AbsentAsync(incident, past, http);
        if (known.State is IncidentState.Resolved or IncidentState.Stale) return Answers.Conflict($"{id} is {IncidentBodies.Word(known.State)}: only an open one is split");
        var firing = StillFiring(views, incident).Select(m => m.Fingerprint).ToHashSet();
        if (named.FirstOrDefault(f => !firing.Contains(f)) is var absent && named.Any(f => !firing.Contains(f))) return Answers.Conflict($"{absent} is no member of {id} that fires");
        if (named.Distinct().Count() == known.Alerts.Firing) return Answers.Conflict($"these are all members of {id} that fire: nothing would be left");
        if (!await acts.ActAsync(known.Scope, new Act.Split(incident, named, By(request.By)), http.RequestAborted)) return Answers.Unavailable(http, Late);
        var apart = views.Read(v => v.Alerts.Find(known.Scope, named[0]))?.Incident ?? incident;
        return await StateAsync(http, apart, views, past, scopes, settings);
    }

    private static void Document<TRequest>(RouteHandlerBuilder route, string summary) where TRequest : notnull =>
        route.WithSummary(summary).Accepts<TRequest>("application/json").Produces<IncidentBody>()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);

    private static async Task<IResult> AcknowledgeAsync(
        HttpContext http, string id, Views views, Past past, Scopes scopes, Settings settings, IActs acts, TimeProvider time)
    {
        var (request, problem) = await Answers.ReadAsync(http.Request, ApiJson.Default.AcknowledgeRequest, http.RequestAborted);
        if (request is null) return problem!;
        if (string.IsNullOrWhiteSpace(request.By)) return Answers.BadRequest("by", "by is missing; say who takes it");
        if (request.Until <= time.GetUtcNow())
            return Answers.BadRequest("until", "until has passed; give a later time, or leave it out for an hour");
        if (request.Awaiting is { } awaited && !Awaitable.Contains(awaited))
            return Answers.BadRequest("awaiting", $"awaiting \"{awaited}\" is not understood; give one of {string.Join(", ", Awaitable)}");
        var incident = new IncidentId(id);
        if (views.Read(v => v.Incidents.Find(incident)) is not { } known) return await AbsentAsync(incident, past, http);
        if (request.Seen is { } seen && (seen < 0 || seen > known.Version))
            return Answers.BadRequest("seen", $"seen {seen} is no version of {id}, which stands at {known.Version}");
        if (known.State is IncidentState.Resolved or IncidentState.Stale)
            return Answers.Conflict($"{id} is {IncidentBodies.Word(known.State)}: there is nothing to take");
        // What was known when the request came, whatever is decided before it.
        var act = new Act.Acknowledge(
            incident, request.By.Trim(), request.Note, request.Until?.ToUniversalTime(), request.Awaiting, request.Seen ?? known.Version);
        if (!await acts.ActAsync(known.Scope, act, http.RequestAborted)) return Answers.Unavailable(http, Late);
        return await StateAsync(http, incident, views, past, scopes, settings);
    }

    private static async Task<IResult> ResolveAsync(HttpContext http, string id, Views views, Past past, Scopes scopes, Settings settings, IActs acts)
    {
        var (request, problem) =
            await ReadOptionalAsync(http.Request, ApiJson.Default.ResolveRequest, new(null, null), http.RequestAborted);
        if (request is null) return problem!;
        var incident = new IncidentId(id);
        if (views.Read(v => v.Incidents.Find(incident)) is not { } known) return await AbsentAsync(incident, past, http);
        if (!request.Force && known.State != IncidentState.Resolved && StillFiring(views, incident) is { Count: > 0 } firing)
            return Refuse(id, known, firing);
        var act = new Act.Resolve(incident, By(request.By), request.Force, request.Note);
        if (!await acts.ActAsync(known.Scope, act, http.RequestAborted)) return Answers.Unavailable(http, Late);
        // One that began to fire between the question and its turn.
        if (!request.Force && views.Read(v => v.Incidents.Find(incident)) is { State: not IncidentState.Resolved } still
            && StillFiring(views, incident) is { Count: > 0 } late) return Refuse(id, still, late);
        return await StateAsync(http, incident, views, past, scopes, settings);
    }

    private static async Task<IResult> NoteAsync(HttpContext http, string id, Views views, Past past, Scopes scopes, Settings settings, IActs acts)
    {
        var (request, problem) = await Answers.ReadAsync(http.Request, ApiJson.Default.NoteRequest, http.RequestAborted);
        if (request is null) return problem!;
        if ((request.Text ?? request.Note) is not { } text || string.IsNullOrWhiteSpace(text))
            return Answers.BadRequest("text", "text is missing; say what to note");
        var incident = new IncidentId(id);
        if (views.Read(v => v.Incidents.Find(incident)) is not { } known) return await AbsentAsync(incident, past, http);
        var act = new Act.AddNote(incident, By(request.By), text.Trim());
        if (!await acts.ActAsync(known.Scope, act, http.RequestAborted)) return Answers.Unavailable(http, Late);
        return await StateAsync(http, incident, views, past, scopes, settings);
    }

    private static string By(string? by) => string.IsNullOrWhiteSpace(by) ? "api" : by.Trim();

    private static List<MemberItem> StillFiring(Views views, IncidentId id) =>
        views.Read(v => v.Incidents.Detail(id) is { } detail
            ? detail.Members.Where(m => m.Value.IsFiring).Select(m => IncidentBodies.Member(v, detail.Line.Scope, m.Key, m.Value)).ToList()
            : []);

    private static IResult Refuse(string id, IncidentLine incident, List<MemberItem> firing) => Answers.Conflict(
        $"{incident.Alerts.Firing} members of {id} still fire; wait, or send {{\"force\":true}}",
        KeyValuePair.Create<string, object?>("firing", firing.Select(m => new Dictionary<string, object>
        {
            ["fingerprint"] = m.Fingerprint.ToString(), ["labels"] = m.Labels.ToDictionary(), ["severity"] = m.Severity,
            ["state"] = m.State,
        })));

    private static async ValueTask<IResult> StateAsync(HttpContext http, IncidentId id, Views views, Past past, Scopes scopes, Settings settings) =>
        await IncidentRoutes.BodyAsync(http, id, null, false, views, past, scopes, settings) is { } body
            ? Answers.Json(body, ApiJson.Default.IncidentBody)
            : Answers.NotFound($"there is no incident {id}");

    /// <summary>One that ended so long ago that only the log holds it cannot be acted on; one that never was is not found.</summary>
    private static async ValueTask<IResult> AbsentAsync(IncidentId id, Past past, HttpContext http) =>
        await past.FindAsync(id, http.RequestAborted) is null
            ? Answers.NotFound($"there is no incident {id}")
            : Answers.Conflict($"{id} ended long ago: nothing can be done to it");

    private static async ValueTask<(T? Body, IResult? Problem)> ReadOptionalAsync<T>(
        HttpRequest request, JsonTypeInfo<T> type, T absent, CancellationToken cancel) where T : class =>
        request.ContentLength is 0 || (request.ContentLength is null && !request.Headers.ContainsKey("Transfer-Encoding"))
            ? (absent, null)
            : await Answers.ReadAsync(request, type, cancel);
}
