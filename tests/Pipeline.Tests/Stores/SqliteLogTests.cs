using System.Diagnostics;
using System.Globalization;
using System.Text;
using Dedupe.Log;
using global::Stores.Sqlite;
using Xunit;

namespace Pipeline.Tests.Stores;

/// <summary>The contract, on the embedded store.</summary>
public sealed class SqliteLogContract : LogContract
{
    private readonly TemporaryFolder folder = new();

    protected override async Task<ILog> OpenAsync() => await SqliteLog.OpenAsync(folder.Path);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        folder.Dispose();
    }
}

/// <summary>What only the embedded store promises: its files, its disk, its process.</summary>
public sealed class SqliteLogTests : IDisposable
{
    private static readonly DateTimeOffset Day = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_second_opener_is_told_who_has_it_and_what_to_do()
    {
        await using (await SqliteLog.OpenAsync(folder.Path, Cancel))
        {
            var refused = await Assert.ThrowsAsync<FolderHeldException>(() => SqliteLog.OpenAsync(folder.Path, Cancel));
            Assert.Contains("open in another process", refused.Message, StringComparison.Ordinal);
            Assert.Contains(folder.Path, refused.Message, StringComparison.Ordinal);
        }
        await using var again = await SqliteLog.OpenAsync(folder.Path, Cancel);
    }

    [Fact]
    public async Task A_log_of_a_newer_release_is_not_touched()
    {
        await using (await SqliteLog.OpenAsync(folder.Path, Cancel)) { }
        using (var connection = new Connection(LogFile)) connection.Run($"PRAGMA user_version={Tables.Version + 1}");
        await Assert.ThrowsAsync<InvalidDataException>(() => SqliteLog.OpenAsync(folder.Path, Cancel));
    }

    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_kill_in_the_middle_of_appends()
    {
        var acknowledged = await AppendUntilKilledAsync(lines: 400);
        await using var log = await SqliteLog.OpenAsync(folder.Path, Cancel);
        foreach (var (scope, _) in await log.ScopesAsync(Cancel))
        {
            var position = await log.PositionAsync(scope, Cancel);
            Assert.True(acknowledged[("i", scope)] > 0 && acknowledged[("d", scope)] > 0, "it was killed before it wrote anything");
            Assert.InRange(position.LastInput, acknowledged[("i", scope)], long.MaxValue);
            Assert.InRange(position.LastDecision, acknowledged[("d", scope)], long.MaxValue);
            var inputs = await log.ReadInputsAsync(scope, 1, Cancel).ToListAsync(Cancel);
            Assert.Equal(Numbers(position.LastInput), inputs.Select(i => (i.Number, Encoding.UTF8.GetString(i.Body.Span))));
            var decisions = await log.ReadDecisionsAsync(scope, 1, Cancel).ToListAsync(Cancel);
            Assert.Equal(Numbers(position.LastDecision), decisions.Select(d => (d.Version, Encoding.UTF8.GetString(d.Data.Span))));
            Assert.Equal(0, position.LastDecision % 2);
            await log.AppendInputsAsync([Input(scope, position.LastInput + 1) with { At = position.LastAt }], Cancel);
        }

        static IEnumerable<(long, string)> Numbers(long last) => Enumerable.Range(1, (int)last).Select(n => ((long)n, $"body {n}"));
    }

    [Fact]
    public async Task A_full_disk_refuses_whole_and_takes_the_same_numbers_once_there_is_room()
    {
        var body = new byte[256 * 1024];
        await using (var log = await SqliteLog.OpenAsync(folder.Path, Cancel))
        {
            var scope = await log.ScopeAsync("default", Cancel);
            await log.AppendInputsAsync([Input(scope, 1)], Cancel);
            await log.LimitPagesAsync(1);
            await Assert.ThrowsAsync<StoreFullException>(
                async () => await log.AppendInputsAsync([Input(scope, 2), Input(scope, 3) with { Body = body }], Cancel));
            await Assert.ThrowsAsync<StoreFullException>(
                async () => await log.AppendDecisionsAsync(scope, 0, [new(1, 1, Day, "alert-decided", null, body)], Cancel));
            // A new day makes a table: that is undone too.
            await Assert.ThrowsAsync<StoreFullException>(
                async () => await log.AppendInputsAsync([Input(scope, 2) with { Body = body, At = Day.AddDays(1) }], Cancel));
            Assert.Equal(1, (await log.PositionAsync(scope, Cancel)).LastInput);
            Assert.Single(await log.ReadInputsAsync(scope, 1, Cancel).ToListAsync(Cancel));

            await log.LimitPagesAsync(0);
            await log.AppendInputsAsync([Input(scope, 2), Input(scope, 3) with { Body = body, At = Day.AddDays(1) }], Cancel);
            await log.AppendDecisionsAsync(scope, 0, [new(1, 1, Day, "alert-decided", null, body)], Cancel);
        }
        await using var again = await SqliteLog.OpenAsync(folder.Path, Cancel);
        Assert.Equal(new(3, Day.AddDays(1), 1, 1, 1), await again.PositionAsync(1, Cancel));
        Assert.Equal([1, 2, 3], (await again.ReadInputsAsync(1, 1, Cancel).ToListAsync(Cancel)).Select(i => i.Number));
    }

    [Fact]
    public async Task Of_appends_that_share_a_commit_on_a_full_disk_none_lies()
    {
        await using var log = await SqliteLog.OpenAsync(folder.Path, Cancel);
        var scopes = new List<int>();
        for (var i = 0; i < 8; i++) scopes.Add(await log.ScopeAsync($"s{i}", Cancel));
        await log.LimitPagesAsync(1);
        var outcomes = await Task.WhenAll(scopes.Select(scope => Task.Run(async () =>
        {
            try
            {
                await log.AppendInputsAsync([Input(scope, 1) with { Body = new byte[64 * 1024] }], Cancel);
                return 1;
            }
            catch (StoreFullException)
            {
                return 0;
            }
        })));
        Assert.Contains(0, outcomes);
        for (var i = 0; i < scopes.Count; i++)
            Assert.Equal(outcomes[i], (await log.ReadInputsAsync(scopes[i], 1, Cancel).ToListAsync(Cancel)).Count);
    }

    [Fact]
    public async Task With_little_room_left_inputs_stop_before_decisions_and_trimming_never()
    {
        await using var log = await SqliteLog.OpenAsync(folder.Path, Cancel);
        var scope = await log.ScopeAsync("default", Cancel);
        await log.AppendInputsAsync([Input(scope, 1), Input(scope, 2) with { At = Day.AddDays(1) }], Cancel);

        log.FreeBytes = () => 6 * 1024 * 1024;
        await Assert.ThrowsAsync<StoreFullException>(async () => await log.AppendInputsAsync([Input(scope, 3)], Cancel));
        await log.AppendDecisionsAsync(scope, 0, [new(1, 2, Day, "alert-decided", null, default)], Cancel);

        log.FreeBytes = () => 0;
        await Assert.ThrowsAsync<StoreFullException>(
            async () => await log.AppendDecisionsAsync(scope, 1, [new(2, 2, Day, "alert-decided", null, default)], Cancel));
        Assert.Equal(1, await log.TrimAsync(Day.AddDays(1), Day, null, Cancel));

        log.FreeBytes = () => long.MaxValue;
        await log.AppendInputsAsync([Input(scope, 3) with { At = Day.AddDays(1) }], Cancel);
        Assert.Equal([2, 3], (await log.ReadInputsAsync(scope, 1, Cancel).ToListAsync(Cancel)).Select(i => i.Number));
    }

    [Fact]
    public async Task Room_that_trimming_made_within_the_file_counts()
    {
        await using var log = await SqliteLog.OpenAsync(folder.Path, Cancel);
        var scope = await log.ScopeAsync("default", Cancel);
        await log.AppendInputsAsync(
            [Input(scope, 1) with { Body = new byte[32 * 1024 * 1024] }, Input(scope, 2) with { At = Day.AddDays(1) }], Cancel);
        await log.AppendDecisionsAsync(scope, 0, [new(1, 2, Day, "alert-decided", null, default)], Cancel);
        log.FreeBytes = () => 0;
        await Assert.ThrowsAsync<StoreFullException>(async () => await log.AppendInputsAsync([Input(scope, 3)], Cancel));
        await log.TrimAsync(Day.AddDays(1), Day, null, Cancel);
        await log.AppendInputsAsync([Input(scope, 3)], Cancel);
    }

    [Fact]
    public async Task The_write_ahead_log_starts_over_while_commits_go_on()
    {
        const int Most = 200, PagesOfACommit = 20;
        using var aside = new Connection(LogFile);
        using var writer = new Connection(LogFile);
        Tables.Create(writer);
        writer.Run("CREATE TABLE filling (number INTEGER PRIMARY KEY, body BLOB)");
        await using (var checkpoints = new Checkpoints(aside, pagesBeforeCopying: 50, mostPages: Most))
            for (var i = 0; i < 500; i++)
            {
                writer.Prepare("INSERT INTO filling VALUES (NULL, zeroblob(50000))").Run();
                checkpoints.AfterCommit(writer);
            }
        Assert.InRange(new FileInfo(LogFile + "-wal").Length, 1, (Most + PagesOfACommit) * 4200L);
    }

    [Fact]
    public async Task Closing_folds_the_write_ahead_log_into_the_file()
    {
        await using (var log = await SqliteLog.OpenAsync(folder.Path, Cancel))
            await log.AppendInputsAsync([Input(await log.ScopeAsync("default", Cancel), 1)], Cancel);
        Assert.False(File.Exists(LogFile + "-wal"));
        Assert.False(File.Exists(Path.Combine(folder.Path, "snapshots.db-wal")));
    }

    [Fact]
    public async Task A_day_whose_erasing_was_broken_off_stays_out_of_sight_and_is_erased_by_the_next_trim()
    {
        await using (var log = await SqliteLog.OpenAsync(folder.Path, Cancel))
        {
            var scope = await log.ScopeAsync("default", Cancel);
            await log.AppendInputsAsync([Input(scope, 1), Input(scope, 2) with { At = Day.AddDays(1) }], Cancel);
        }
        using (var connection = new Connection(LogFile))
            connection.Run("INSERT INTO going VALUES ('inputs_20261120'); UPDATE scopes SET gone_input = 1");
        await using (var log = await SqliteLog.OpenAsync(folder.Path, Cancel))
        {
            Assert.Equal([2], (await log.ReadInputsAsync(1, 1, Cancel).ToListAsync(Cancel)).Select(i => i.Number));
            Assert.Equal(0, await log.TrimAsync(Day, Day, null, Cancel));
        }
        using (var connection = new Connection(LogFile))
            Assert.Equal(1, connection.Number("SELECT count(*) FROM sqlite_master WHERE name LIKE 'inputs%'"));
    }

    private string LogFile => Path.Combine(folder.Path, "log.db");

    private static InputRecord Input(int scope, long number) =>
        new(scope, number, Day, InputKind.Delivery, Day, "generic", "", null, Encoding.UTF8.GetBytes($"body {number}"));

    /// <summary>Runs the appender until it has printed so many lines, kills it, and says the last number it printed of each kind.</summary>
    private async Task<Dictionary<(string Kind, int Scope), long>> AppendUntilKilledAsync(int lines)
    {
        using var child = Process.Start(
            new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Appender.dll"), folder.Path])
        {
            RedirectStandardOutput = true,
        })!;
        var last = new Dictionary<(string, int), long>();
        try
        {
            // A line counts once the next one has begun: the kill may cut the last one short.
            string? whole = null;
            for (var read = 0; await child.StandardOutput.ReadLineAsync(Cancel) is { } line; read++, whole = line)
            {
                if (read == lines) child.Kill();
                if (whole?.Split(' ') is [var kind, var scope, var number])
                    last[(kind, int.Parse(scope, CultureInfo.InvariantCulture))] = long.Parse(number, CultureInfo.InvariantCulture);
            }
        }
        finally
        {
            child.Kill();
            await child.WaitForExitAsync(CancellationToken.None);
        }
        return last;
    }
}
