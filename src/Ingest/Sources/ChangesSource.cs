using System.Security.Cryptography;
using System.Text;
using Dedupe.Vocabulary;
using Ingest.Reading;

namespace Ingest;

/// <summary>What people did: deploys, config changes, rollbacks, restarts. Four in five outages come from one.</summary>
/// <example><code>
/// {"id":"shop-4.2","at":"2026-01-31T12:00:00Z","kind":"rollback","summary":"shop back to 4.1","services":["shop"],"reverts":"shop-4.2"}
/// </code>One, an array, or <c>{"changes":[...]}</c>. Without <c>at</c> it happened when it came in; <c>kind</c> or <c>summary</c> must be there, and without
/// a kind the summary is asked for one. <c>version</c> and <c>environment</c> tell a way back that nobody calls so; what other tools call
/// <c>timestamp</c>, <c>type</c>, <c>title</c>, <c>service</c> is understood.</example>
internal sealed class ChangesSource : ISource
{
    private static readonly Dictionary<string, string> OtherWords = new(StringComparer.Ordinal)
    {
        ["timestamp"] = "at", ["time"] = "at", ["type"] = "kind", ["title"] = "summary", ["description"] = "summary", ["service"] = "services", ["revision"] = "version",
        ["commit"] = "version", ["sha"] = "version", ["env"] = "environment", ["link"] = "url",
    };

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
        if (!fields.Label("id", out var id, out flaw) || !fields.Date(Called(fields, "at"), out var at, out flaw) || !fields.Label(Called(fields, "kind"), out var kind, out flaw)) return false;
        if (!fields.Text(Called(fields, "summary"), out var summary, out flaw) || !fields.Label("reverts", out var reverts, out flaw) || !fields.Text(Called(fields, "url"), out var url, out flaw)) return false;
        if (!fields.Text(Called(fields, "version"), out var version, out flaw) || !fields.Text(Called(fields, "environment"), out var environment, out flaw)) return false;
        if (!fields.List(Called(fields, "services"), out var services, out flaw)) return false;
        if (kind is null && summary is null)
        {
            flaw = new(fields.Path("kind"), "is missing, and summary too; say what changed: {\"kind\":\"deploy\",\"summary\":\"shop 4.2\",\"services\":[\"shop\"]}");
            return false;
        }
        found.Changes.Add(new(
            id ?? IdOf(kind, summary, at, services), at ?? context.ReceivedAt, kind ?? ChangeWords.Kind(summary, "change"), summary ?? kind!, services, reverts, url, version, environment));
        return true;
    }

    /// <summary>The contract's word where the body has it, else the first other word for it that it has.</summary>
    private static string Called(Fields fields, string word)
    {
        if (fields.Has(word)) return word;
        foreach (var (other, meant) in OtherWords)
            if (meant == word && fields.Has(other)) return other;
        return word;
    }
}
