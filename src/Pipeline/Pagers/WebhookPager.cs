using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pipeline.Config;

namespace Pipeline.Pagers;

/// <summary>Standard Webhooks (https://www.standardwebhooks.com): the frozen page as it is, signed where a secret is set.</summary>
internal sealed class WebhookPager(PagerSettings settings, PagerHttp http, TimeProvider time) : IPager
{
    private readonly Uri url = settings.Url ?? throw new ArgumentException($"pager {settings.Name} needs a url");
    private readonly byte[]? key = settings.Secret is { Length: > 0 } secret ? KeyOf(secret) : null;

    public Task<PagerAnswer> SendAsync(Page page, CancellationToken cancel)
    {
        // The time is the attempt's: a receiver refuses what is minutes old, and a retry may be hours old.
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds();
        List<KeyValuePair<string, string>> headers =
        [
            new("webhook-id", page.Id),
            new("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture)),
        ];
        if (key is not null) headers.Add(new("webhook-signature", Sign(key, page.Id, timestamp, page.Body.Span)));
        return http.PostJsonAsync(url, page.Body, headers, cancel);
    }

    /// <summary><c>whsec_</c> and base64, as the specification has it; any other text stands for its own UTF-8 bytes.</summary>
    internal static byte[] KeyOf(string secret)
    {
        const string prefix = "whsec_";
        if (!secret.StartsWith(prefix, StringComparison.Ordinal)) return Encoding.UTF8.GetBytes(secret);
        var bytes = new byte[secret.Length];
        return Convert.TryFromBase64String(secret[prefix.Length..], bytes, out var written) && written > 0
            ? bytes[..written]
            : throw new ArgumentException("a secret that begins with whsec_ goes on in base64");
    }

    internal static string Sign(byte[] key, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.")));
        hash.AppendData(body);
        return "v1," + Convert.ToBase64String(hash.GetHashAndReset());
    }
}
