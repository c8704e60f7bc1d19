using System.Text;
using Pipeline.Config;
using Pipeline.Replaying;

namespace Pipeline.Tests.Replaying;

/// <summary>Runs a replay over lines in memory and keeps what it wrote.</summary>
internal sealed record Replays(ReplayResult Result, IReadOnlyDictionary<string, byte[]> Files)
{
    public string[] Rows => [.. Text("alerts.csv").Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)];

    public string[] Dispositions => [.. Rows.Select(r => r.Split(',')[4])];

    public string Text(string file) => Encoding.UTF8.GetString(Files[file]);

    public static Task<Replays> OfAsync(params string[] lines) => OfAsync(new Settings(), lines);

    public static Task<Replays> OfAsync(Settings settings, params string[] lines) =>
        OfAsync(p => p with { Settings = settings }, Input(Encoding.UTF8.GetBytes(string.Join('\n', lines))));

    public static async Task<Replays> OfAsync(Func<ReplayPlan, ReplayPlan> change, params ReplayInput[] inputs)
    {
        var directory = Directory.CreateTempSubdirectory("replay");
        try
        {
            var plan = change(new() { Out = directory.FullName });
            var result = await new ReplayEngine(plan, TimeProvider.System).RunAsync(inputs, null, default);
            return new(result, directory.GetFiles().ToDictionary(f => f.Name, f => File.ReadAllBytes(f.FullName)));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    public static ReplayInput Input(byte[] bytes) => new("lines", bytes.Length, () => new MemoryStream(bytes));

    /// <summary>A generic delivery of one alert, seconds after noon.</summary>
    public static string Line(double seconds, string labels, string rest = "") =>
        $$$"""{"receivedAt":"{{{Time(seconds)}}}","source":"generic","body":{"labels":{{{labels}}}{{{rest}}}}}""";

    public static string Time(double seconds) => new DateTime(2026, 1, 31, 12, 0, 0, DateTimeKind.Utc).AddSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'");
}
