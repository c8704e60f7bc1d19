using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Ingest.Http;

/// <summary>Who may send: bearers of a token, or everybody where there is none. Compared in constant time.</summary>
public sealed class Access(IReadOnlyList<string> tokens)
{
    private const string Scheme = "Bearer ", Signed = "sha256=";
    private readonly byte[][] secrets = [.. tokens.Select(Encoding.UTF8.GetBytes)];

    // Hashed, so that the comparison does not tell how long a token is.
    private readonly byte[][] hashes = [.. tokens.Select(t => SHA256.HashData(Encoding.UTF8.GetBytes(t)))];

    public bool Open => hashes.Length == 0;

    /// <summary>True where the request bears one of the tokens, or none is asked for.</summary>
    public bool Allows(HttpRequest request)
    {
        if (Open) return true;
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && Knows(header[Scheme.Length..].Trim());
    }

    /// <summary>True where a sender that can bear no token of ours signed the body with one, as GitHub does, or sends it in a header of its own, as GitLab does.</summary>
    /// <remarks>https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries; https://docs.gitlab.com/user/project/integrations/webhooks</remarks>
    public bool AllowsSigned(HttpRequest request, ReadOnlySpan<byte> body)
    {
        if (Open || Knows(request.Headers["X-Gitlab-Token"].ToString())) return true;
        var header = request.Headers["X-Hub-Signature-256"].ToString();
        if (!header.StartsWith(Signed, StringComparison.Ordinal) || header.Length != Signed.Length + 64) return false;
        Span<byte> given = stackalloc byte[32];
        if (Convert.FromHexString(header.AsSpan(Signed.Length), given, out _, out _) != System.Buffers.OperationStatus.Done) return false;
        Span<byte> ours = stackalloc byte[32];
        var found = false;
        foreach (var token in secrets)
        {
            HMACSHA256.HashData(token, body, ours);
            found |= CryptographicOperations.FixedTimeEquals(given, ours);
        }
        return found;
    }

    public bool Knows(string? token)
    {
        if (Open) return true;
        if (string.IsNullOrEmpty(token)) return false;
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(token));
        var found = false;
        foreach (var known in hashes) found |= CryptographicOperations.FixedTimeEquals(known, hash);
        return found;
    }
}
