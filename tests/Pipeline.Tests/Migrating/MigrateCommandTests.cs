using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Dedupe.Log;
using global::Stores.Marten;
using global::Stores.Sqlite;
using Pipeline.Hosting;
using Pipeline.Tests.Faults;
using Pipeline.Tests.Servers;
using Pipeline.Tests.Stores;
using Xunit;

namespace Pipeline.Tests.Migrating;

/// <summary>The command as it is run, and killed.</summary>
[Trait("needs", "server")]
public sealed class MigrateCommandTests(SharedPostgres postgres) : IDisposable
{
    private const int Inputs = 40_000, Decisions = 20_000;
    private static readonly DateTimeOffset Day = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly TemporaryFolder folder = new();

    private string From => Path.Combine(folder.Path, "from");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("folder", 1)]
    [InlineData("postgres", 2)]
    public async Task Killed_in_the_middle_the_same_command_goes_on_and_leaves_the_same_log(string kind, int seed)
    {
        await FillAsync();
        var random = new Random(seed);
        var to = kind == "folder" ? Path.Combine(folder.Path, "to") : postgres.Address(await postgres.PreparedAsync());
        var (held, kills) = (0L, 0);
        for (var round = 0; round < 3; round++)
        {
            var until = held + 1 + random.Next((int)(Inputs + Decisions - held) / 2);
            using var process = Process.Start(new ProcessStartInfo(
                "dotnet", [Path.Combine(AppContext.BaseDirectory, "pipeline.dll"), "migrate", "--from", From, "--to", to, "--skip-replay"])
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
            })!;
            // A folder that is open elsewhere shows its size only; what is written is about 300 bytes a record.
            while (!process.HasExited && await WrittenAsync(to) < until) await Task.Delay(2, Cancel);
            process.Kill();
            await process.WaitForExitAsync(Cancel);
            if (process.ExitCode != 0) kills++;
            var now = await HeldAsync(to);
            Assert.True(now >= held, $"seed {seed}: {now} are there, and were {held}");
            held = now;
        }
        Assert.True(kills > 0 && held is > 0 and < Inputs + Decisions, $"seed {seed}: {kills} kills left {held}: none was in the middle");

        var done = await Product.RunAsync("migrate", "--from", From, "--to", to, "--skip-replay", "--json");
        Assert.True(done.Code == 0, done.Error);
        var summary = JsonSerializer.Deserialize<JsonElement>(done.Out);
        Assert.Equal((held, Inputs + Decisions - held), (summary.GetProperty("resumed").GetInt64(), summary.GetProperty("copied").GetInt64()));
        Assert.True(summary.GetProperty("same").GetBoolean());
        Assert.Equal(Inputs + Decisions, await HeldAsync(to));
    }

    [Fact]
    public async Task What_cannot_be_copied_is_said_with_what_to_do()
    {
        Assert.Equal(2, (await Product.RunAsync("migrate", "--from", From)).Code);
        await SaysAsync(2, "there is no log in", From, Path.Combine(folder.Path, "to"));
        Assert.False(Directory.Exists(From));
        await SaysAsync(2, "are the same log", From, From);
        await SaysAsync(2, "is no address of a log", From, "mysql://root:secret@127.0.0.1/db");
        await using (await SqliteLog.OpenAsync(From, Cancel))
            await SaysAsync(1, "stop it first", From, Path.Combine(folder.Path, "to"));
        await SaysAsync(1, "postgres://127.0.0.1:1/db cannot be opened", From, "postgres://me:secret@127.0.0.1:1/db");
    }

    [Fact]
    public async Task Half_a_copy_is_not_served()
    {
        await using (var log = await SqliteLog.OpenAsync(From, Cancel))
        {
            await log.ScopeAsync("default", Cancel);
            await CopyMark.SetAsync(log, finished: false, Cancel);
        }
        var refused = await Product.RunAsync("serve", "--data", From, "--urls", "http://127.0.0.1:0");
        Assert.Equal(1, refused.Code);
        Assert.Contains("run the same pipeline migrate again", refused.Error, StringComparison.Ordinal);
    }

    private static async Task SaysAsync(int code, string said, string from, string to)
    {
        var refused = await Product.RunAsync("migrate", "--from", from, "--to", to);
        Assert.Equal(code, refused.Code);
        Assert.Contains(said, refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("a bug", refused.Error, StringComparison.Ordinal);
    }

    private async Task FillAsync()
    {
        await using var log = await SqliteLog.OpenAsync(From, Cancel);
        var scope = await log.ScopeAsync("default", Cancel);
        foreach (var part in Enumerable.Range(1, Inputs).Chunk(5000))
            await log.AppendInputsAsync(
                [.. part.Select(n => new InputRecord(scope, n, Day.AddSeconds(n), InputKind.Delivery, Day.AddSeconds(n), "generic", $"d{n}", n % 7 == 0 ? $"k{n}" : null, Body(n, 200)))], Cancel);
        foreach (var part in Enumerable.Range(1, Decisions).Chunk(5000))
            await log.AppendDecisionsAsync(
                scope, part[0] - 1, [.. part.Select(n => new DecisionRecord(n, n * 2, Day.AddSeconds(n * 2), "alert-decided", $"inc_{n % 9}", Body(n, 200)))], Cancel);
    }

    private static byte[] Body(int number, int length) => Encoding.UTF8.GetBytes($$"""{"n":{{number}},"x":"{{new string('x', length)}}"}""");

    private async Task<long> WrittenAsync(string to)
    {
        if (to.Contains("://", StringComparison.Ordinal))
            return (long)(await postgres.Server.RunAsync(to[(to.LastIndexOf('/') + 1)..],
                "SELECT coalesce((SELECT last_input FROM pipeline.heads), 0) + coalesce((SELECT version FROM pipeline.mt_streams), 0)"))!;
        return new[] { "log.db", "log.db-wal" }.Select(f => new FileInfo(Path.Combine(to, f))).Sum(f => f.Exists ? f.Length : 0) / 300;
    }

    private static async Task<long> HeldAsync(string to)
    {
        await using ILog log = to.Contains("://", StringComparison.Ordinal) ? await MartenLog.OpenAsync(to, Cancel) : await SqliteLog.OpenAsync(to, Cancel);
        if ((await log.ScopesAsync(Cancel)).Count == 0) return 0;
        var position = await log.PositionAsync(1, Cancel);
        return position.LastInput + position.LastDecision;
    }
}
