using System.Text;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Pipeline.Topologies;

namespace Pipeline.Config;

/// <summary>A configuration as read: the settings, and every mistake with its line. With mistakes the settings hold what could be read; run on none of them.</summary>
public sealed record Reading(Settings Settings, IReadOnlyList<Problem> Problems)
{
    private const long MaxFileBytes = 16 << 20;

    /// <summary>What there is without a file: every default, and one pager that prints.</summary>
    public static Settings Defaults => OfText("", "").Settings;

    public bool IsGood => Problems.Count == 0;

    /// <summary>Reads a file; one that is not there is a mistake like any other.</summary>
    /// <param name="environment">Where <c>${NAME}</c> comes from; the process's environment unless told.</param>
    public static Reading OfFile(string path, Func<string, string?>? environment = null)
    {
        var problems = new Problems(path);
        return Text(path, problems) is { } text ? OfText(text, path, environment) : new(Defaults, problems.All);
    }

    public static Reading OfText(string text, string file, Func<string, string?>? environment = null)
    {
        var problems = new Problems(file);
        var root = Yaml.Read(text, problems, new(environment ?? Environment.GetEnvironmentVariable));
        var draft = new Draft();
        var lines = new KeyWalk(draft, problems).Walk(root);
        if (draft.HeartbeatUrl is { } url) draft.Settings = draft.Settings with { Heartbeat = new(url, draft.HeartbeatEvery) };
        draft.Settings = WithSeverities(draft.Settings, lines);
        Coherence.Check(draft.Settings, lines, problems);
        HeartbeatsReader.Check(draft.Settings, lines, problems);
        ClusterReader.Check(draft.Settings, lines, problems);
        return new(ClusterReader.Settled(WithPagers(draft.Settings)), problems.All);
    }

    /// <summary>Reads a topology in any of the forms that <see cref="TopologyText"/> knows.</summary>
    public static Reading OfTopologyFile(string path, Func<string, string?>? environment = null)
    {
        var problems = new Problems(path);
        if (Text(path, problems) is not { } text) return new(Defaults, problems.All);
        var (topology, mistakes) = TopologyText.Read(text, path, null, environment);
        return new(Defaults with { Topology = topology }, mistakes);
    }

    /// <summary>This configuration with another one's topology, and both's mistakes.</summary>
    public Reading WithTopology(Reading other) =>
        new(Settings with { Topology = other.Settings.Topology }, [.. Problems, .. other.Problems]);

    private static Settings WithSeverities(Settings settings, IReadOnlyDictionary<string, int> lines)
    {
        var identity = settings.Rules.Identity;
        return settings with { Rules = settings.Rules with { Identity = identity with { Severity = Coherence.GiveWay(identity.Severity, lines) } } };
    }

    private static Settings WithPagers(Settings settings)
    {
        IReadOnlyList<PagerSettings> pagers = settings.Pagers.Count > 0 ? settings.Pagers : [PagersReader.Default];
        var rules = pagers.Select(p => new PagerRule(p.Name, p.Match ?? LabelSet.Empty, p.From));
        return settings with { Pagers = pagers, Rules = settings.Rules with { Pagers = [.. rules] } };
    }

    /// <summary>What a file holds; null where it cannot be read, which is named then.</summary>
    internal static string? Text(string path, Problems problems)
    {
        try
        {
            var file = new FileInfo(path);
            if (Directory.Exists(path)) problems.Add(0, "is a folder; name a file");
            else if (!file.Exists) problems.Add(0, "there is no such file");
            else if (file.Length > MaxFileBytes) problems.Add(0, $"is larger than {Sizes.Write(MaxFileBytes)}");
            else return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path)).TrimStart('\uFEFF');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(0, $"cannot be read: {e.Message}");
        }
        catch (DecoderFallbackException)
        {
            problems.Add(0, "is not UTF-8 text; save it as UTF-8");
        }
        return null;
    }
}
