using System.Security.Cryptography;
using System.Text;

namespace Pipeline.Api;

/// <summary>Who may read and act: the tokens of <c>auth.api</c>; none configured lets everybody.</summary>
internal sealed class BearerTokens(IReadOnlyList<string> tokens)
{
    // Hashes have one length, so comparing takes the same time whatever was sent.
    private readonly byte[][] hashes = [.. tokens.Select(t => SHA256.HashData(Encoding.UTF8.GetBytes(t)))];

    public bool Allow(HttpRequest request)
    {
        if (hashes.Length == 0) return true;
        if (request.Headers.Authorization is not [{ } header] || !header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return false;
        var given = SHA256.HashData(Encoding.UTF8.GetBytes(header["Bearer ".Length..].Trim()));
        var allowed = false;
        foreach (var hash in hashes) allowed |= CryptographicOperations.FixedTimeEquals(hash, given);
        return allowed;
    }

    /// <summary>Puts the check before every endpoint that the builder makes.</summary>
    public void Guard(IEndpointConventionBuilder endpoints)
    {
        if (hashes.Length == 0) return;
        endpoints.Add(endpoint =>
        {
            var serve = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = http => Allow(http.Request) ? serve(http) : RefuseAsync(http);
        });
    }

    private static Task RefuseAsync(HttpContext http)
    {
        http.Response.Headers.WWWAuthenticate = "Bearer";
        return Results.Problem("give a token of auth.api: Authorization: Bearer TOKEN", statusCode: 401, title: "Not authorised")
            .ExecuteAsync(http);
    }
}
