using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Dedupe.Vocabulary;

namespace Dedupe.Deciding;

/// <summary>Ids that come out the same however often the same log is decided.</summary>
internal static class Ids
{
    public static IncidentId Incident(string scope, long input, int nth) =>
        new("inc_" + Hash(string.Create(CultureInfo.InvariantCulture, $"{scope}\n{input}\n{nth}"), 6));

    /// <summary>Of one that time alone opens: the same whichever input comes next.</summary>
    public static IncidentId Incident(string scope, string heartbeat, long at) =>
        new("inc_" + Hash(string.Create(CultureInfo.InvariantCulture, $"{scope}\nheartbeat\n{heartbeat}\n{at}"), 6));

    /// <param name="number">How many pages this pager had been decided before in the scope.</param>
    public static string Page(string scope, string pager, long number) =>
        "pg_" + Hash(string.Create(CultureInfo.InvariantCulture, $"{scope}\n{pager}\n{number}"), 8);

    private static string Hash(string text, int bytes) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, bytes));
}
