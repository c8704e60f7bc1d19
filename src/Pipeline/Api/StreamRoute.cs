using System.Globalization;
using System.Text;
using System.Text.Json;
using Dedupe.Deciding;
using Dedupe.Log;
using Projections;

namespace Pipeline.Api;

/// <summary>Every decision of incidents and pages as it is made, as server-sent events.</summary>
/// <remarks>
/// An event's id says how far the reader is in every scope (<c>1:55</c>, or <c>1:55;2:7</c>), so that a reader who comes back with
/// Last-Event-ID misses
/// nothing that the log still holds.
/// </remarks>
internal static class StreamRoute
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/stream", StreamAsync).WithSummary("Decisions of incidents and pages as they are made (server-sent events)")
            .WithDescription("Last-Event-ID resumes. A comment every 15 s. A reader that lags too far gets a last event, dropped.")
            .Produces<string>(200, "text/event-stream").ProducesProblem(400).ProducesProblem(503);

    private static async Task StreamAsync(
        HttpContext http, Views views, ILog log, Scopes scopes, TimeProvider time, IHostApplicationLifetime life)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, life.ApplicationStopping);
        var cancel = ending.Token;
        if (!TryRead(http.Request.Headers["Last-Event-ID"], out var reached))
        {
            await Answers.BadRequest("Last-Event-ID", "Last-Event-ID is not the id of an event of this stream").ExecuteAsync(http);
            return;
        }
        try
        {
            await scopes.LearnAsync(cancel);
            var stream = new Reader(http, scopes, views, reached ?? []);
            // The long way behind is read before following, so that it cannot fill the follower's channel.
            if (reached is not null) await stream.CatchUpAsync(log, cancel);
            using var follower = views.Followers.Follow();
            if (follower is null)
            {
                if (!http.Response.HasStarted) await Answers.Unavailable(http, "too many readers of the stream").ExecuteAsync(http);
                return;
            }
            if (reached is not null) await stream.CatchUpAsync(log, cancel);
            else await stream.BeginAtEndAsync(log, cancel);
            await stream.OpenAsync(cancel);
            await FollowAsync(stream, follower, time, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The reader left, or we stop: either way the stream ends.
        }
    }

    private static async Task FollowAsync(Reader stream, Follower follower, TimeProvider time, CancellationToken cancel)
    {
        while (true)
        {
            while (follower.Reader.TryRead(out var followed))
                await stream.TellAsync(followed.Scope, followed.Record, followed.Decision, cancel);
            await stream.FlushAsync(cancel);
            using var quiet = new CancellationTokenSource(Heartbeat, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, quiet.Token);
            try
            {
                if (await follower.Reader.WaitToReadAsync(either.Token)) continue;
                await stream.SayAsync("event: dropped\ndata: {\"why\":\"too slow; come back with Last-Event-ID\"}\n\n", cancel);
                return;
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                await stream.SayAsync(": still here\n\n", cancel);
            }
        }
    }

    private static bool TryRead(string? id, out Dictionary<int, long>? reached)
    {
        reached = null;
        if (string.IsNullOrEmpty(id)) return true;
        var read = new Dictionary<int, long>();
        foreach (var part in id.Split(';'))
        {
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1
                || !int.TryParse(part.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var scope)
                || !long.TryParse(part.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var version)) return false;
            read[scope] = version;
        }
        reached = read;
        return true;
    }

    /// <summary>One reader, and how far it is in every scope.</summary>
    private sealed class Reader(HttpContext http, Scopes scopes, Views views, Dictionary<int, long> reached)
    {
        public Task OpenAsync(CancellationToken cancel)
        {
            if (http.Response.HasStarted) return Task.CompletedTask;
            http.Response.ContentType = "text/event-stream";
            http.Response.Headers.CacheControl = "no-store";
            http.Response.Headers["X-Accel-Buffering"] = "no";
            return SayAsync(": hello\n\n", cancel);
        }

        public async Task BeginAtEndAsync(ILog log, CancellationToken cancel)
        {
            foreach (var (scope, _) in await log.ScopesAsync(cancel))
                reached[scope] = (await log.PositionAsync(scope, cancel)).LastDecision;
        }

        public async Task CatchUpAsync(ILog log, CancellationToken cancel)
        {
            await OpenAsync(cancel);
            foreach (var (scope, _) in await log.ScopesAsync(cancel))
                await foreach (var record in log.ReadDecisionsAsync(scope, reached.GetValueOrDefault(scope) + 1, cancel))
                {
                    if (record.Incident is null) continue;
                    await TellAsync(scope, record, DecisionCodec.Read(record), cancel);
                    await FlushAsync(cancel);
                }
        }

        public async Task TellAsync(int scope, DecisionRecord record, Decision decision, CancellationToken cancel)
        {
            if (record.Version <= reached.GetValueOrDefault(scope)) return;
            reached[scope] = record.Version;
            var text = TimelineWords.Of(decision, f => views.Read(v => v.Alerts.LabelsOf(scope, f)));
            var item = new StreamItem(scopes.Name(scope), record.Incident, record.At, record.Type, text, IncidentRoutes.Raw(record.Data));
            var id = string.Join(
                ';', reached.OrderBy(r => r.Key).Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Key}:{r.Value}")));
            var data = JsonSerializer.Serialize(item, ApiJson.Default.StreamItem);
            await http.Response.WriteAsync($"id: {id}\nevent: {record.Type}\ndata: {data}\n\n", Encoding.UTF8, cancel);
        }

        public async Task SayAsync(string text, CancellationToken cancel)
        {
            await http.Response.WriteAsync(text, Encoding.UTF8, cancel);
            await FlushAsync(cancel);
        }

        public Task FlushAsync(CancellationToken cancel) => http.Response.Body.FlushAsync(cancel);
    }
}
