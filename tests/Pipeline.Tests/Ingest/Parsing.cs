using System.Text;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Ingest;
using Xunit;

namespace Pipeline.Tests.Ingest;

/// <summary>Words for the parser tests: a body in, what came out.</summary>
internal static class Parsing
{
    public static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    public static readonly Identities Identities = new(new IdentityRules());

    public static Parsed Parse(string source, string body, IngestLimits? limits = null) => Parse(source, Encoding.UTF8.GetBytes(body), limits);

    public static Parsed Parse(string source, byte[] body, IngestLimits? limits = null, DateTimeOffset? at = null) =>
        Sources.Parse(source, body, new(Identities, limits ?? new(), at ?? Now));

    /// <summary>The only alert of a body without anything rejected.</summary>
    public static Alert One(string source, string body)
    {
        var parsed = Parse(source, body);
        Assert.Null(parsed.Problem);
        Assert.Empty(parsed.Rejected);
        return Assert.Single(parsed.Alerts);
    }

    /// <summary>The problem of a body in which nothing was understood.</summary>
    public static RejectedPart Problem(string source, string body, IngestLimits? limits = null) => Problem(source, Encoding.UTF8.GetBytes(body), limits);

    public static RejectedPart Problem(string source, byte[] body, IngestLimits? limits = null)
    {
        var parsed = Parse(source, body, limits);
        Assert.Empty(parsed.Alerts);
        Assert.Empty(parsed.Changes);
        Assert.NotNull(parsed.Problem);
        return parsed.Problem;
    }

    /// <summary>A file of the shared material; the test is skipped, and says so, where that is not there.</summary>
    public static byte[] Shared(string path)
    {
        var named = Environment.GetEnvironmentVariable("PIPELINE_SHARED");
        foreach (var start in new[] { AppContext.BaseDirectory, Environment.CurrentDirectory })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                var file = Path.Combine(named ?? Path.Combine(folder.FullName, "shared"), "data", path);
                if (File.Exists(file)) return File.ReadAllBytes(file);
            }
        }
        Assert.Skip($"shared/data/{path} is not beside the repository; set PIPELINE_SHARED to the folder that holds data/");
        throw new InvalidOperationException();
    }
}
