using System.Text;
using System.Text.Json;
using Pipeline.Importing;
using Pipeline.Replaying;
using Pipeline.Tests.Replaying;

namespace Pipeline.Tests.Importing;

/// <summary>Words for the importers' tests: a foreign record in, replay lines out, and what a replay makes of them.</summary>
internal static class Imports
{
    /// <summary>The lines that it becomes.</summary>
    public static List<JsonElement> Lines(string format, params string[] files) => Lines(format, new(), [.. files.Select(Encoding.UTF8.GetBytes)]);

    public static List<JsonElement> Lines(string format, ImportOptions options, params byte[][] files) =>
        [.. Text(format, options, files).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonElement.Parse(l))];

    /// <summary>The bodies, each behind its source and the minute and second of its time.</summary>
    public static List<string> Bodies(string format, params string[] files) =>
        [.. Lines(format, files).Where(l => l.TryGetProperty("body", out _)).Select(l => $"{Text(l, "receivedAt")[14..19]} {Text(l, "source")} {l.GetProperty("body").GetRawText()}")];

    /// <summary>What could not be read: where, the field, and the problem.</summary>
    public static List<string> Unread(string format, params string[] files) =>
    [
        .. Lines(format, files).Where(l => l.TryGetProperty("unread", out _))
            .Select(l => $"{Text(l, "origin")}: {Text(l.GetProperty("unread"), "field")}: {Text(l.GetProperty("unread"), "problem")}"),
    ];

    /// <summary>Replays it under the defaults.</summary>
    public static Task<Replays> ReplayAsync(string format, params string[] files) =>
        Replays.OfAsync(p => p, Replays.Input(Encoding.UTF8.GetBytes(Text(format, new(), [.. files.Select(Encoding.UTF8.GetBytes)]))));

    public static string Text(string format, ImportOptions options, params byte[][] files)
    {
        var path = Path.GetTempFileName();
        try
        {
            var inputs = files.Select((bytes, i) => new ReplayInput($"file{i + 1}", bytes.Length, () => new MemoryStream(bytes))).ToList();
            ImportedLines.Write(Importers.Find(format)!, options, inputs, path, null, default);
            return File.ReadAllText(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string Text(JsonElement of, string name) => of.TryGetProperty(name, out var text) ? text.GetString()! : "";
}
