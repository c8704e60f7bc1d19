using System.Text.Json;
using Dedupe.Deciding;
using Dedupe.Vocabulary;
using Microsoft.AspNetCore.Mvc;
using Pipeline.Hosting;
using Projections;

namespace Pipeline.Api.Alertmanager;

/// <summary>Silences as Alertmanager takes and lists them; they hold in every scope.</summary>
internal static class SilenceRoutes
{
    private const string Late = "not decided within 5 s; asking again is safe";

    public static void Map(RouteGroupBuilder v2)
    {
        v2.MapGet("/silences", List).WithSummary("Silences: active, pending, expired").WithDescription("filter=MATCHER, creator=NAME")
            .Produces<IReadOnlyList<GettableSilence>>().Produces<string>(400);
        v2.MapPost("/silences", PostAsync).WithSummary("Set a silence, or change one; comment and end are required, 30 days at most")
            .WithMetadata(new RequestSizeLimitAttribute(Answers.MostActBytes)).Accepts<PostableSilence>("application/json")
            .Produces<SilenceCreated>().Produces<string>(400).Produces<string>(404);
        v2.MapGet("/silence/{id}", Get).WithSummary("One silence").Produces<GettableSilence>().Produces(404);
        v2.MapDelete("/silence/{id}", DeleteAsync).WithSummary("End a silence now").Produces(200).Produces(404);
    }

    private static IResult List(HttpContext http, Views views, TimeProvider time)
    {
        if (MatcherText.Filters(http.Request, out var problem) is not { } filters) return AlertRoutes.Bad(problem!);
        var creators = http.Request.Query["creator"];
        var now = time.GetUtcNow();
        var silences = views.Read(v => v.Silences.All)
            .Where(s => filters.All(f => Fits(s, f)) && (creators.Count == 0 || creators.Contains(s.CreatedBy)))
            .OrderBy(s => Silences.StateOf(s, now)).ThenBy(s => s.EndsAt).ThenBy(s => s.Id, StringComparer.Ordinal);
        return Answers.Json([.. silences.Select(s => Body(s, now))], AlertmanagerJson.Default.IReadOnlyListGettableSilence);
    }

    private static IResult Get(string id, Views views, TimeProvider time) =>
        views.Read(v => v.Silences.Find(id)) is { } silence
            ? Answers.Json(Body(silence, time.GetUtcNow()), AlertmanagerJson.Default.GettableSilence)
            : Results.StatusCode(404);

    private static async Task<IResult> DeleteAsync(HttpContext http, string id, Views views, IActs acts, TimeProvider time)
    {
        if (views.Read(v => v.Silences.Find(id)) is not { } silence) return Results.StatusCode(404);
        if (Silences.StateOf(silence, time.GetUtcNow()) == SilenceState.Expired) return Results.Ok();
        return await acts.ActAsync(null, new Act.EndSilence(id, "api"), http.RequestAborted) ? Results.Ok() : AlertRoutes.Bad(Late, 503);
    }

    private static async Task<IResult> PostAsync(HttpContext http, Views views, IActs acts, TimeProvider time)
    {
        PostableSilence? asked;
        try
        {
            asked = await JsonSerializer.DeserializeAsync(http.Request.Body, AlertmanagerJson.Default.PostableSilence, http.RequestAborted);
        }
        catch (JsonException e)
        {
            return AlertRoutes.Bad($"the body is not a silence: {e.Message}");
        }
        var now = Whole(time.GetUtcNow());
        if (SilenceRules.Read(asked, now, out var silence) is { } problem) return AlertRoutes.Bad(problem);
        string? replaced = null;
        if (!string.IsNullOrEmpty(asked!.Id))
        {
            if (views.Read(v => v.Silences.Find(asked.Id)) is not { } known) return AlertRoutes.Bad("silence not found", 404);
            if (SilenceRules.CanChange(known, silence, asked.StartsAt, now))
                silence = silence with { Id = known.Id, StartsAt = SilenceRules.StartOf(known, silence, now) };
            else if (Silences.StateOf(known, now) != SilenceState.Expired) replaced = known.Id;
        }
        if (silence.Id.Length == 0) silence = silence with { Id = Guid.NewGuid().ToString() };
        // The new one first: what both cover must not be told in between.
        var done = await acts.ActAsync(null, new Act.SetSilence(silence), http.RequestAborted)
            && (replaced is null || await acts.ActAsync(null, new Act.EndSilence(replaced, silence.CreatedBy), http.RequestAborted));
        return done ? Answers.Json(new SilenceCreated(silence.Id), AlertmanagerJson.Default.SilenceCreated) : AlertRoutes.Bad(Late, 503);
    }

    private static DateTimeOffset Whole(DateTimeOffset now) => DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds());

    // Source: Alertmanager's CheckSilenceMatchesFilterLabels: a filter is held against the pattern of the matcher of its name.
    private static bool Fits(Silence silence, LabelMatcher filter)
    {
        var pattern = silence.Matchers.LastOrDefault(m => m.Name == filter.Name)?.Value;
        if (filter.Value.Length == 0 && (filter.IsEqual ? pattern is null : pattern is not null)) return true;
        var labels = pattern is null ? LabelSet.Empty : LabelSet.Of((filter.Name, pattern));
        return filter.Name == "severity" && pattern is null ? !filter.IsEqual : filter.Matches(labels, Severity.Unknown);
    }

    private static GettableSilence Body(Silence s, DateTimeOffset now) => new(
        s.Id, new(Word(Silences.StateOf(s, now))), s.UpdatedAt,
        [.. s.Matchers.Select(m => new MatcherBody(m.Name, m.Value, m.IsRegex, m.IsEqual))],
        s.StartsAt, s.EndsAt, s.CreatedBy, s.Comment);

    private static string Word(SilenceState state) => state switch
    {
        SilenceState.Active => "active",
        SilenceState.Pending => "pending",
        SilenceState.Expired => "expired",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
