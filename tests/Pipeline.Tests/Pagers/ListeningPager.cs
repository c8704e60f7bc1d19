using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Pipeline.Tests.Pagers;

/// <summary>One request as a pager saw it.</summary>
/// <param name="At">By the clock that the pager was started with.</param>
public sealed record PagerRequest(DateTimeOffset At, string Method, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => System.Text.Encoding.UTF8.GetString(Body);

    public string? Id => Headers.GetValueOrDefault("webhook-id");
}

/// <param name="After">What the answer waits for; null answers at once.</param>
public sealed record PagerReply(int Status, string Body = "", Task? After = null, params (string Name, string Value)[] Headers);

/// <summary>A real pager on a free loopback port: keeps every request, answers as it is told. For any test that wants to see pages arrive.</summary>
public sealed class ListeningPager : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly List<PagerRequest> requests = [];
    private TaskCompletionSource more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ListeningPager(WebApplication app, TimeProvider time) => (this.app, this.time) = (app, time);

    public static async Task<ListeningPager> StartAsync(TimeProvider? time = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        var pager = new ListeningPager(builder.Build(), time ?? TimeProvider.System);
        pager.app.Run(pager.TakeAsync);
        await pager.app.StartAsync();
        var address = pager.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        pager.Url = new(new Uri(address), "/page");
        return pager;
    }

    public Uri Url { get; private set; } = null!;

    /// <summary>What is answered; 200 unless told otherwise. Called once a request, after it was recorded.</summary>
    public Func<PagerRequest, PagerReply> Reply { get; set; } = _ => new(200);

    public IReadOnlyList<PagerRequest> Requests
    {
        get
        {
            lock (gate) return [.. requests];
        }
    }

    /// <summary>Waits until so many requests that match have come; throws with what did come after <paramref name="within"/> (20 s).</summary>
    public async Task<IReadOnlyList<PagerRequest>> WaitForAsync(int count, Func<PagerRequest, bool>? match = null, TimeSpan? within = null)
    {
        using var patience = new CancellationTokenSource(within ?? TimeSpan.FromSeconds(20));
        while (true)
        {
            Task next;
            List<PagerRequest> found;
            lock (gate)
            {
                found = [.. requests.Where(match ?? (_ => true))];
                next = more.Task;
            }
            if (found.Count >= count) return found;
            try
            {
                await next.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                var seen = string.Join("\n", Requests.Select(r => $"{r.At:O} {r.Method} {r.Path} {r.Id} {r.Text}"));
                throw new TimeoutException($"{found.Count} of {count} requests came; all that came:\n{seen}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        var headers = http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var request = new PagerRequest(time.GetUtcNow(), http.Request.Method, http.Request.Path, headers, body.ToArray());
        lock (gate) requests.Add(request);
        var reply = Reply(request);
        lock (gate)
        {
            more.TrySetResult();
            more = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        if (reply.After is not null) await reply.After.WaitAsync(http.RequestAborted);
        http.Response.StatusCode = reply.Status;
        foreach (var (name, value) in reply.Headers) http.Response.Headers[name] = value;
        await http.Response.WriteAsync(reply.Body);
    }
}
