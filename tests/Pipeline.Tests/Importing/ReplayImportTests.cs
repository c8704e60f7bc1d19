using System.IO.Compression;
using System.Text;
using Pipeline.Cli;
using Xunit;

namespace Pipeline.Tests.Importing;

/// <summary><c>replay --format</c> from the command line.</summary>
public sealed class ReplayImportTests : IDisposable
{
    private const string Table = "Start,Check,Host,Level\n2026-01-31 12:01,Load,db-1,warning\n2026-01-31 12:00,Disk,db-1,critical\nsoon,Disk,db-2,critical\n";

    private readonly string folder = Directory.CreateTempSubdirectory("import").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task What_it_became_is_kept_and_replays_to_the_same_results()
    {
        var (first, again) = (Path.Combine(folder, "first"), Path.Combine(folder, "again"));
        var (code, output, error) = await RunAsync("replay", Write("a.csv", Encoding.UTF8.GetBytes(Table)), "--format", "csv", "--out", first);
        Assert.Equal(0, code);
        Assert.Equal($"no --map: taken as --map \"time=Start,alertname=Check,host=Host,severity=Level\"{Environment.NewLine}", error);
        Assert.Contains("a.csv:4: Start: \"soon\" is not a time", output, StringComparison.Ordinal);
        await RunAsync("replay", Path.Combine(first, "lines.jsonl"), "--out", again);
        foreach (var file in new[] { "alerts.csv", "changes.jsonl", "pages.jsonl", "incidents.jsonl" })
            Assert.Equal(File.ReadAllText(Path.Combine(first, file)), File.ReadAllText(Path.Combine(again, file)));
        Assert.Equal(3, File.ReadAllLines(Path.Combine(first, "alerts.csv")).Skip(1).Count());
    }

    [Fact]
    public async Task Lines_of_an_earlier_import_do_not_stay_beside_other_results()
    {
        var results = Path.Combine(folder, "results");
        await RunAsync("replay", Write("a.csv", Encoding.UTF8.GetBytes(Table)), "--format", "csv", "--out", results);
        File.Move(Path.Combine(results, "lines.jsonl"), Path.Combine(folder, "lines.jsonl"));
        File.WriteAllText(Path.Combine(results, "lines.jsonl"), "old");
        await RunAsync("replay", Path.Combine(folder, "lines.jsonl"), "--out", results);
        Assert.False(File.Exists(Path.Combine(results, "lines.jsonl")));
    }

    [Fact]
    public async Task A_gzipped_file_that_is_cut_off_is_bad_input()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(Encoding.UTF8.GetBytes(Table + string.Concat(Enumerable.Range(0, 5000).Select(i => $"2026-01-31 12:02,N{i * 7919},h,warning\n"))));
        var (code, _, error) = await RunAsync("replay", Write("a.csv.gz", packed.ToArray()[..^2000]), "--format", "csv");
        Assert.Equal(2, code);
        Assert.Contains("a.csv.gz: cannot be read", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_rule_sets_are_compared_on_what_is_imported_once()
    {
        var late = Write("late.yaml", "page.gather: 30s\n"u8.ToArray());
        var (code, output, _) = await RunAsync("replay", Write("a.csv", Encoding.UTF8.GetBytes(Table + "2026-01-31 12:09,Disk,db-1,critical\n")), "--format", "csv", "--against", late);
        Assert.Equal(0, code);
        Assert.Contains("paged changes: 1 the same, 0 only here, 0 only there, 1 moved (28 s earlier)", output, StringComparison.Ordinal);
    }

    private string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await Entry.RunAsync(args, output, error, TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
