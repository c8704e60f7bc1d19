using System.Text;
using Dedupe.Vocabulary;
using Microsoft.AspNetCore.Mvc;
using Pipeline.Hosting;
using Pipeline.Topologies;
using Projections;

namespace Pipeline.Api;

/// <summary>The parts of the world: what is declared, and declaring it anew.</summary>
internal static class TopologyRoutes
{
    private const int MostBytes = 16 << 20;

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/topology", GetAsync).WithSummary("The components in force, what they belong to and what they need; and which were learned to fire together")
            .WithDescription("components is what was declared, learned what deciders saw: they are asked, and a scope of which none answers within 2 s stands under unanswered.")
            .Produces<TopologyBody>();
        api.MapPost("/topology", PostAsync).WithSummary("Put another topology in force, in JSON or YAML; recorded in every scope")
            .WithDescription("format=components|backstage|kubernetes|edges|graph; told from the body where it is not given")
            .WithMetadata(new RequestSizeLimitAttribute(MostBytes)).Accepts<TopologyRequest>("application/json", "application/yaml", "text/plain", "application/x-www-form-urlencoded")
            .Produces<TopologyBody>().ProducesProblem(400).ProducesProblem(413).ProducesProblem(503);
    }

    private static async Task<IResult> GetAsync(HttpContext http, Views views, ILearned learned, Scopes scopes)
    {
        await scopes.LearnAsync(http.RequestAborted);
        var byScope = await learned.LearnedAsync(http.RequestAborted);
        return Answers.Json(Body(views.Read(v => v.Components.Topology), byScope, scopes), ApiJson.Default.TopologyBody);
    }

    private static async Task<IResult> PostAsync(HttpContext http, Views views, IActs acts, ILearned learned, Scopes scopes)
    {
        var asked = new Asked(http.Request);
        var format = asked.OneOf("format", [.. TopologyText.Formats.Select(f => (f.Key, f.Value))]);
        if (asked.Problem is { } problem) return problem;
        string text;
        try
        {
            using var reader = new StreamReader(http.Request.Body, new UTF8Encoding(false, throwOnInvalidBytes: true));
            text = await reader.ReadToEndAsync(http.RequestAborted);
        }
        catch (DecoderFallbackException)
        {
            return Answers.BadRequest("", "the body is not UTF-8 text; send it as UTF-8");
        }
        catch (BadHttpRequestException e)
        {
            return Results.Problem(e.Message, statusCode: e.StatusCode);
        }
        // Nothing of this process's own is told to who posts: ${...} is taken as it stands.
        var (topology, mistakes) = TopologyText.Read(text, "body", format, name => $"${{{name}}}");
        if (mistakes.Count > 0)
            return Results.Problem(
                string.Join("\n", mistakes.Take(20)), statusCode: 400, title: "Not understood",
                extensions: [new("field", "components"), new("errors", mistakes.Select(m => new Dictionary<string, object> { ["line"] = m.Line, ["problem"] = m.Text }))]);
        if (!await acts.AdoptAsync(topology, http.RequestAborted)) return Answers.Unavailable(http, "not decided within 5 s; asking again is safe");
        return await GetAsync(http, views, learned, scopes);
    }

    private static TopologyBody Body(Topology topology, IReadOnlyDictionary<int, LearnedEdges?> byScope, Scopes scopes) => new(
        [.. topology.Components.Select(c => new ComponentItem(c.Name, c.Level.Word(), c.PartOf, c.DependsOn))],
        [.. byScope.SelectMany(s => s.Value?.Edges.Select(e => Item(e, topology, scopes.Name(s.Key))) ?? [])
            .OrderByDescending(e => e.Times).ThenByDescending(e => e.Weight).ThenBy(e => e.Scope, StringComparer.Ordinal).ThenBy(e => e.Between[0], StringComparer.Ordinal).ThenBy(e => e.Between[1], StringComparer.Ordinal)],
        byScope.Values.Sum(e => e?.Count ?? 0),
        [.. byScope.Where(s => s.Value is null).Select(s => scopes.Name(s.Key)).Order(StringComparer.Ordinal)]);

    private static LearnedItem Item(LearnedEdge edge, Topology topology, string scope) => new(
        [edge.One, edge.Other], scope, edge.Times, edge.Of, Math.Round((double)edge.Times / edge.Of, 2), edge.LastSeen,
        IsDeclared(topology, edge.One, edge.Other) || IsDeclared(topology, edge.Other, edge.One));

    private static bool IsDeclared(Topology topology, string from, string to) =>
        topology.Find(from) is { } component && (component.PartOf == to || component.DependsOn.Contains(to));
}
