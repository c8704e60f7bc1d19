using System.Globalization;
using System.Text.Json;

namespace Bench.Storms;

/// <summary>A change as a page told it.</summary>
/// <param name="At">When it was surfaced; <paramref name="PagedAt"/> when the page was decided.</param>
/// <param name="Count">More than <paramref name="Identities"/> where the page did not name all; then <paramref name="Labels"/> are those that they share.</param>
internal sealed record ToldChange(DateTimeOffset At, DateTimeOffset PagedAt, string Reason, IReadOnlyList<int> Identities, int Count, IReadOnlyDictionary<string, string> Labels);

/// <summary>A surfaced change.</summary>
/// <param name="Identity">What it is about, by its number in the storm's labels.</param>
internal sealed record SurfacedChange(DateTimeOffset At, string Reason, int Identity, string Why);

/// <summary>An alert as it was taken: of which failure it is in truth, and into which incident it came.</summary>
internal readonly record struct TakenAlert(string Failure, int Identity, string Incident);

/// <summary>What <c>replay --out</c> made of a storm.</summary>
internal sealed record Replayed(IReadOnlyList<TakenAlert> Alerts, IReadOnlyList<SurfacedChange> Changes, IReadOnlyList<ToldChange> Told, int Pages, IReadOnlySet<string> Suspects, double Seconds)
{
    /// <exception cref="InvalidDataException">The results are not those of this storm.</exception>
    public static Replayed Read(string folder, int seed)
    {
        var results = StormFiles.Path(folder, seed, "");
        var truth = File.ReadLines(StormFiles.Path(folder, seed, ".truth.csv")).Skip(1).Select(l => l.Split(',')).ToList();
        var rows = File.ReadLines(Path.Combine(results, "alerts.csv")).Skip(1).Select(l => l.Split(',')).ToList();
        if (rows.Count != truth.Count) throw new InvalidDataException($"{results}: {rows.Count} alerts were decided, of {truth.Count}");
        var (numbers, alerts) = (new Dictionary<string, int>(), new List<TakenAlert>());
        foreach (var (row, true_) in rows.Zip(truth))
        {
            if (row[0] != true_[0] || row[4] == "rejected") throw new InvalidDataException($"{results}: line {row[0]} is {row[4]}, and line {true_[0]} was expected");
            var identity = int.Parse(true_[2], CultureInfo.InvariantCulture);
            numbers.TryAdd(row[2], identity);
            alerts.Add(new(true_[1], identity, row[3]));
        }
        var changes = Lines(results, "changes.jsonl").Select(c => new SurfacedChange(Time(c), Text(c, "reason"), numbers[Text(c, "fingerprint")], Text(c, "why"))).ToList();
        var (told, pages, suspects) = (new List<ToldChange>(), 0, new HashSet<string>());
        foreach (var page in Lines(results, "pages.jsonl"))
        {
            pages++;
            suspects.UnionWith(page.GetProperty("suspects").EnumerateArray().Select(s => Text(s, "change")));
            foreach (var change in page.GetProperty("changes").EnumerateArray())
            {
                string[] all = change.TryGetProperty("fingerprints", out var many) ? [.. many.EnumerateArray().Select(f => f.GetString()!)] : [];
                told.Add(new(Time(change), Time(page), Text(change, "reason"), [.. all.Append(Text(change, "fingerprint")).Distinct().Where(numbers.ContainsKey).Select(f => numbers[f]).Distinct()],
                    change.GetProperty("count").GetInt32(), change.GetProperty("labels").Deserialize<Dictionary<string, string>>()!));
            }
        }
        var summary = Lines(results, "summary.json").Single();
        return new(alerts, changes, told, pages, suspects, summary.GetProperty("seconds").GetDouble());
    }

    private static IEnumerable<JsonElement> Lines(string results, string file) => File.ReadLines(Path.Combine(results, file)).Where(l => l.Length > 0).Select(l => JsonElement.Parse(l));

    private static DateTimeOffset Time(JsonElement of) => of.GetProperty("at").GetDateTimeOffset();

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
