using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bench.Storms;

/// <summary>A storm in files: <c>storm-7.jsonl</c> for <c>replay</c>, <c>storm-7.labels.json</c> for its <c>--labels</c>, <c>storm-7.topology.yaml</c>, and <c>storm-7.truth.csv</c> with a row an alert.</summary>
internal static class StormFiles
{
    public static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    public static string Path(string folder, int seed, string ending) => System.IO.Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"storm-{seed}{ending}"));

    public static void Write(StormOf storm, string folder)
    {
        var identities = new Identities();
        using (var lines = Open(Path(folder, storm.Seed, ".jsonl")))
        using (var truth = Open(Path(folder, storm.Seed, ".truth.csv")))
        {
            truth.Write("line,failure,identity\n");
            for (var i = 0; i < storm.Lines.Count; i++)
            {
                var line = storm.Lines[i];
                lines.Write(new JsonObject { ["receivedAt"] = storm.Time(line.At), ["source"] = line.Source, ["body"] = line.Body.DeepClone() }.ToJsonString(Json));
                lines.Write('\n');
                foreach (var told in line.Alerts) truth.Write(string.Create(CultureInfo.InvariantCulture, $"{i + 1},{told.Failure},{identities.Of(told.Of, storm.Labels(told.Of))}\n"));
            }
        }
        if (storm.Topology is { } topology) File.WriteAllText(Path(folder, storm.Seed, ".topology.yaml"), topology);
        var labels = new StormLabels(
            storm.Seed, storm.Topology is not null, [.. storm.Failures.Select(f => new FailureLabel(f.Id, f.Root.Name, storm.Start + f.At, f.Change))], identities.All,
            [.. storm.News.Select(n => new NewsLabel(Name(n), n.Kind, n.Failure, storm.Start + n.From, storm.Start + n.Known, storm.Start + n.To, n.Match, n.Reasons))],
            [.. storm.Consequences.Select(c => new ConsequenceLabel(c.Match, c.Reasons, storm.Start + c.From, storm.Start + c.To, c.Ordinary))]);
        File.WriteAllText(Path(folder, storm.Seed, ".labels.json"), JsonSerializer.Serialize(labels, Json));
    }

    public static StormLabels Read(string folder, int seed) => JsonSerializer.Deserialize<StormLabels>(File.ReadAllText(Path(folder, seed, ".labels.json")), Json)!;

    private static string Name(News news) => $"{news.Failure}: {news.Kind} {string.Join(' ', news.Match.Values)}";

    private static StreamWriter Open(string path) => new(path, append: false, new UTF8Encoding(false)) { NewLine = "\n" };

    private sealed class Identities
    {
        private readonly Dictionary<object, int> numbers = [];

        public List<IReadOnlyDictionary<string, string>> All { get; } = [];

        public int Of(object what, IReadOnlyDictionary<string, string> labels)
        {
            if (numbers.TryGetValue(what, out var number)) return number;
            All.Add(labels);
            return numbers[what] = All.Count - 1;
        }
    }
}

/// <summary>What is in <c>storm-7.labels.json</c>. <c>replay --labels</c> reads <see cref="Labels"/> and of these name, from, to and match.</summary>
/// <param name="Identities">The labels of all that is sent, in the order of the numbers in <c>storm-7.truth.csv</c>.</param>
internal sealed record StormLabels(
    int Storm, bool Topology, IReadOnlyList<FailureLabel> Failures, IReadOnlyList<IReadOnlyDictionary<string, string>> Identities, IReadOnlyList<NewsLabel> Labels,
    IReadOnlyList<ConsequenceLabel> Consequences);

internal sealed record FailureLabel(string Id, string Root, DateTimeOffset At, string? Change);

internal sealed record NewsLabel(
    string Name, string Kind, string Failure, DateTimeOffset From, DateTimeOffset Known, DateTimeOffset To, IReadOnlyDictionary<string, string> Match, IReadOnlyList<string> Reasons);

internal sealed record ConsequenceLabel(IReadOnlyDictionary<string, string> Match, IReadOnlyList<string> Reasons, DateTimeOffset From, DateTimeOffset To, bool Ordinary);
