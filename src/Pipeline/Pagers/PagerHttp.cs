using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Pipeline.Config;

namespace Pipeline.Pagers;

/// <summary>The outbound HTTP of all pagers: no redirects, no forbidden addresses, few connections, 10 s a request.</summary>
public sealed class PagerHttp : IDisposable
{
    /// <summary>Longest a request may take, from connecting to the end of the answer.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private const int AnswerCharacters = 200;

    private readonly TimeProvider time;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> resolve;
    private readonly HttpClient client;

    public PagerHttp(TimeProvider time) : this(time, Dns.GetHostAddressesAsync)
    {
    }

    internal PagerHttp(TimeProvider time, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
    {
        (this.time, this.resolve) = (time, resolve);
        client = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false, // through a proxy the resolved address could not be checked
            UseCookies = false,
            ConnectCallback = ConnectAsync,
            MaxConnectionsPerServer = 8,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            MaxResponseHeadersLength = 32,
        })
        { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.Add(new("pipeline", typeof(PagerHttp).Assembly.GetName().Version?.ToString(3)));
    }

    public Task<PagerAnswer> PostJsonAsync(
        Uri url, ReadOnlyMemory<byte> body, IEnumerable<KeyValuePair<string, string>> headers, CancellationToken cancel)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return AnswerAsync(request, cancel);
    }

    public Task<PagerAnswer> GetAsync(Uri url, CancellationToken cancel) => AnswerAsync(new(HttpMethod.Get, url), cancel);

    public void Dispose() => client.Dispose();

    /// <summary>Who asked records the answer, which waits for the disk: not on the thread that read it from the socket.</summary>
    private async Task<PagerAnswer> AnswerAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        var answer = await SendAsync(request, cancel);
        await Task.Yield();
        return answer;
    }

    private async Task<PagerAnswer> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        using var owned = request;
        if (Addresses.Problem(request.RequestUri!) is { } problem) return new(PagerVerdict.Refused, $"{request.RequestUri!.Host} {problem}");
        using var patience = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return new(VerdictOf(response.StatusCode), await LineAsync(response, either.Token), RetryAfter(response.Headers.RetryAfter));
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            return new(PagerVerdict.TryAgain, $"no answer within {Timeout.TotalSeconds:0} s");
        }
        catch (HttpRequestException e) when (e.InnerException is AddressRefusedException refused)
        {
            return new(PagerVerdict.Refused, refused.Message);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new(PagerVerdict.TryAgain, e.InnerException is SocketException socket ? $"{e.Message}: {socket.SocketErrorCode}" : e.Message);
        }
    }

    /// <summary>2xx is sent; 408, 425 and 429 come again, as do 5xx and redirects (which nobody follows); every other 4xx is for good.</summary>
    internal static PagerVerdict VerdictOf(HttpStatusCode status) => (int)status switch
    {
        >= 200 and < 300 => PagerVerdict.Accepted,
        408 or 425 or 429 => PagerVerdict.TryAgain,
        >= 400 and < 500 => PagerVerdict.Refused,
        _ => PagerVerdict.TryAgain,
    };

    private static async Task<string> LineAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{(int)response.StatusCode} {response.ReasonPhrase}").TrimEnd();
        if ((int)response.StatusCode is >= 300 and < 400) return $"{line}: redirects are not followed; set url to {response.Headers.Location}";
        var start = new byte[AnswerCharacters * 4];
        await using var stream = await response.Content.ReadAsStreamAsync(cancel);
        var read = await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancel);
        var text = PlainText.OneLine(Encoding.UTF8.GetString(start, 0, read), AnswerCharacters);
        return text.Length == 0 ? line : $"{line}: {text}";
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header) => header switch
    {
        null => null,
        { Delta: { } delta } => delta,
        { Date: { } date } => date - time.GetUtcNow(),
        _ => null,
    };

    /// <summary>Checks what the name resolved to now: a check at configuration time alone would miss a name that changes.</summary>
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var target = context.DnsEndPoint;
        var addresses = IPAddress.TryParse(target.Host, out var literal) ? [literal] : await resolve(target.Host, cancel);
        foreach (var address in addresses)
            if (Addresses.Problem(address) is { } problem) throw new AddressRefusedException($"{target.Host} is {address}, which {problem}");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, target.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>A connection to an address that we never call was asked for.</summary>
internal sealed class AddressRefusedException(string message) : Exception(message);
