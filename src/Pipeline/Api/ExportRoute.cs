using Dedupe.Log;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Pipeline.Config;
using Pipeline.Hosting;
using Pipeline.Replaying;

namespace Pipeline.Api;

/// <summary>What was recorded, as the JSON Lines that <c>replay</c> reads: while we serve, in bounded memory, up to where the log stood when it was asked for.</summary>
internal static class ExportRoute
{
    /// <summary>How many inputs there are, for a progress bar; lines that are no inputs come on top, and copies in several scopes off.</summary>
    public const string InputsHeader = "Pipeline-Inputs";

    /// <summary>Each holds some 10 MiB at most, for as long as its reader takes.</summary>
    private const int AtOnce = 8;

    public static void Map(RouteGroupBuilder api)
    {
        var places = new SemaphoreSlim(AtOnce);
        api.MapGet("/export", (HttpContext http, ILog log, IDeciding deciding, IReadiness readiness, Settings settings, TimeProvider time) =>
                ExportAsync(http, log, deciding, readiness, settings, time, places))
            .WithSummary("What was recorded, in order, as the JSON Lines that replay reads")
            .WithDescription("from=TIME, to=TIME: from then on and before that. paged=true: with what was paged, which replay --against recorded compares with. "
                + "Stable under writes: it ends where the log stood when the answer began.")
            .Produces<string>(200, "application/x-ndjson").ProducesProblem(400).ProducesProblem(410).ProducesProblem(503);
    }

    private static async Task ExportAsync(
        HttpContext http, ILog log, IDeciding deciding, IReadiness readiness, Settings settings, TimeProvider time, SemaphoreSlim places)
    {
        var asked = new Asked(http.Request);
        var (from, to) = (asked.Time("from"), asked.Time("to"));
        var paged = asked.OneOf("paged", ("true", true), ("false", false)) ?? false;
        var refusal = asked.Problem;
        if (from >= to) refusal ??= Answers.BadRequest("from", "from is not before to");
        if (to < time.GetUtcNow() - settings.Retention.Deliveries) refusal ??= Answers.Gone($"what was recorded before {to:u} is no longer kept");
        if (!readiness.StateRecovered) refusal ??= Answers.Unavailable(http, "starting or stopping");
        if (refusal is null && !places.Wait(0, CancellationToken.None)) refusal = Answers.Unavailable(http, $"{AtOnce} exports run already; wait for one to end");
        if (refusal is not null)
        {
            await refusal.ExecuteAsync(http);
            return;
        }
        try
        {
            await WriteAsync(http, log, deciding, from, to, settings.Scope.Label, paged, http.RequestAborted);
        }
        catch (Exception e) when ((http.Response.HasStarted || http.RequestAborted.IsCancellationRequested) && e is OperationCanceledException or ObjectDisposedException or IOException)
        {
            // The reader left, or we stop. It must not look like the end.
            http.Abort();
        }
        finally
        {
            places.Release();
        }
    }

    private static async Task WriteAsync(
        HttpContext http, ILog log, IDeciding deciding, DateTimeOffset? from, DateTimeOffset? to, string? scopeLabel, bool paged, CancellationToken cancel)
    {
        // So that what is told of an input is there with it. Where deciding is stuck, what was recorded is there all the same.
        await deciding.SettledAsync(cancel);
        var export = await LogExport.OpenAsync(log, from, to, scopeLabel, paged, cancel);
        http.Response.ContentType = "application/x-ndjson";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers[InputsHeader] = export.Inputs.ToString(System.Globalization.CultureInfo.InvariantCulture);
        // Who pages through the lines reads nothing for minutes; the places bound how many such there are.
        http.Features.Get<IHttpMinResponseDataRateFeature>()?.MinDataRate = null;
        await http.Response.StartAsync(cancel);
        await export.WriteAsync(http.Response.BodyWriter, cancel);
    }
}
