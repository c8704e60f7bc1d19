using System.Net;
using System.Text.Json;
using System.Threading.Channels;

namespace Pipeline.Demo;

/// <summary>The phone of whoever is on call: a webhook pager's other end, which keeps every page once.</summary>
internal sealed class DemoPhone : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly HashSet<string> known = [];
    private readonly Channel<JsonElement> pages = Channel.CreateBounded<JsonElement>(10_000);

    private DemoPhone(WebApplication app) => this.app = app;

    public Uri Url => new(app.Urls.First());

    /// <summary>Pages as they come.</summary>
    public ChannelReader<JsonElement> Pages => pages.Reader;

    public static async Task<DemoPhone> AnswerAsync(CancellationToken cancel)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var phone = new DemoPhone(builder.Build());
        phone.app.Run(phone.TakeAsync);
        await phone.app.StartAsync(cancel);
        return phone;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext http)
    {
        using var page = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
        // At least once: the same page may come again, under the same id.
        lock (known)
            if (!known.Add(page.RootElement.GetProperty("id").GetString() ?? "")) return;
        pages.Writer.TryWrite(page.RootElement.Clone());
    }
}
