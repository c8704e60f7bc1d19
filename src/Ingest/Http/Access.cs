using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Ingest.Http;

/// <summary>Who may send: bearers of a token, or everybody where there is none. Compared in constant time.</summary>
public sealed class Access(IReadOnlyList<string> tokens)
{
    private const string Scheme = "Bearer ";

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
