using System.Security.Cryptography;
using System.Text;
using Dedupe.Vocabulary;
using Ingest.Reading;

namespace Ingest;

/// <summary>What people did: deploys, config changes, rollbacks, restarts. Four in five outages come from one.</summary>
/// <example><code>
/// {"id":"shop-4.2","at":"2026-01-31T12:00:00Z","kind":"rollback","summary":"shop back to 4.1","services":["shop"],"reverts":"shop-4.2"}
/// </code>One, an array, or <c>{"changes":[...]}</c>. Without <c>at</c> it happened when it came in; <c>kind</c> or <c>summary</c> must be there.</example>
internal sealed class ChangesSource : ISource
{
    public string Name => "changes";

    public Parsed Parse(ReadOnlyMemory<byte> body, ParseContext context) => ObjectBody.Parse(body, context, Read, array: "changes");

    /// <summary>The id of a change that came without one: the same content again is the same change.</summary>
    public static string IdOf(string? kind, string? summary, DateTimeOffset? at, IReadOnlyList<string> services)
    {
        var content = string.Join('\0', [kind ?? "", summary ?? "", at?.UtcTicks.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "", .. services]);
        return Change.MadeUp + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)).AsSpan(0, 6));
    }

    private static bool Read(Fields fields, ParseContext context, Found found, out Flaw flaw)
    {
        if (!fields.Label("id", out var id, out flaw) || !fields.Date("at", out var at, out flaw) || !fields.Label("kind", out var kind, out flaw)) return false;
        if (!fields.Text("summary", out var summary, out flaw) || !fields.Label("reverts", out var reverts, out flaw) || !fields.Text("url", out var url, out flaw)) return false;
        if (!fields.Text("version", out var version, out flaw)) return false;
        if (!fields.List(fields.Has("services") ? "services" : "service", out var services, out flaw)) return false;
        if (kind is null && summary is null)
        {
            flaw = new(fields.Path("kind"), "is missing, and summary too; say what changed: {\"kind\":\"deploy\",\"summary\":\"shop 4.2\",\"services\":[\"shop\"]}");
            return false;
        }
        found.Changes.Add(new(id ?? IdOf(kind, summary, at, services), at ?? context.ReceivedAt, kind ?? "change", summary ?? kind!, services, reverts, url, version));
        return true;
    }
}
