using System.IO.Compression;
using System.Text;
using Pipeline.Importing;
using Pipeline.Replaying;
using Xunit;

namespace Pipeline.Tests.Importing;

public sealed class CsvTests
{
    private const string Table = """
        Start,Check,Host,Level,State,Output,Load
        2026-01-31 12:10:00,Disk,db-1,critical,OK,"fine, now",
        2026-01-31 12:00:00,Disk,db-1,critical,PROBLEM,"92 % of ""/""
        used",92 %
        """;

    private static ColumnMap Map(string text) => ColumnMap.Parse([text], out _)!;

    [Fact]
    public void Mapped_columns_become_labels_and_fields_in_order_of_time()
    {
        var lines = Imports.Lines("csv", new(Map("time=Start,alertname=Check,host=Host,severity=Level,status=State,summary=Output,value=Load,team:ops")), Encoding.UTF8.GetBytes(Table));
        Assert.Equal(
            [
                """{"labels":{"alertname":"Disk","host":"db-1","team":"ops"},"status":"firing","severity":"critical","summary":"92 % of \"/\"\nused","value":92}""",
                """{"labels":{"alertname":"Disk","host":"db-1","team":"ops"},"status":"resolved","severity":"critical","summary":"fine, now"}""",
            ],
            lines.Select(l => l.GetProperty("body").GetRawText()));
        Assert.Equal(["file1:3", "file1:2"], lines.Select(l => l.GetProperty("origin").GetString()));
    }

    [Fact]
    public async Task A_row_with_an_end_is_over_then()
    {
        var replayed = await Imports.ReplayAsync("csv", "time,end,alertname,host\n2026-01-31 12:00,2026-01-31 12:05,Disk,db-1\n2026-01-31 12:01,,Load,db-1\n2026-01-31 12:02,2026-01-31 12:01,Http,db-1");
        Assert.Equal(["opened", "new-alert", "new-alert", "resolved"], replayed.Dispositions);
    }

    [Theory]
    [InlineData("time;alertname;host\n2026-01-31 12:00;a, b;h")]
    [InlineData("time\talertname\thost\n2026-01-31 12:00\ta, b\th")]
    [InlineData("time|alertname|host\n2026-01-31 12:00|a, b|h")]
    [InlineData("time,alertname,host\r\n2026-01-31 12:00,\"a, b\",h\r\n")]
    public void Whatever_separates_the_columns(string table) =>
        Assert.Equal(["00:00 generic {\"labels\":{\"alertname\":\"a, b\",\"host\":\"h\"},\"status\":\"firing\"}"], Imports.Bodies("csv", table));

    [Fact]
    public void Without_a_map_the_columns_are_guessed_by_their_names_and_said()
    {
        var told = new List<string>();
        Imports.Lines("csv", new(Tell: told.Add), Encoding.UTF8.GetBytes("Started At,Priority,Check name,Hostname,Notes\n2026-01-31 12:00,P1,Disk,db-1,n"));
        Assert.Equal(["no --map: taken as --map \"time=Started At,alertname=Check name,host=Hostname,severity=Priority\""], told);
    }

    [Fact]
    public void What_cannot_be_guessed_is_asked_for()
    {
        var error = Assert.Throws<ReplayInputException>(() => Imports.Lines("csv", "When,Who\n2026-01-31 12:00,me"));
        Assert.Contains("--map time=Start", error.Message, StringComparison.Ordinal);
        Assert.Contains("When, Who", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_that_is_not_there_is_named_with_those_that_are()
    {
        var error = Assert.Throws<ReplayInputException>(() => Imports.Lines("csv", new(Map("time=Begin,alertname=Check")), Encoding.UTF8.GetBytes(Table)));
        Assert.Contains("time=Begin", error.Message, StringComparison.Ordinal);
        Assert.Contains("Start, Check", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("alertname=Check", "time")]
    [InlineData("time=Start", "label")]
    [InlineData("time=Start,severity=Level", "label")]
    [InlineData("time=Start,Check", "\"Check\"")]
    [InlineData("time=Start,host=a,host=b", "twice")]
    [InlineData("time:12,alertname=a", "time")]
    public void A_map_that_is_none_says_why(string text, string says)
    {
        Assert.Null(ColumnMap.Parse([text], out var problem));
        Assert.Contains(says, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_rows_are_named_by_line_and_column_and_the_others_read()
    {
        const string Bad = "time,alertname\n01/02/2026 12:00,a\n2026-01-31 12:00,b\n,c\n2026-01-31 12:00\n2026-01-31 12:01,d";
        Assert.Equal(["file1:2: time", "file1:4: time", "file1:5: "], Imports.Unread("csv", Bad).Select(u => u[..(u.IndexOf(':', 6) + 2 + (u.Contains("time:", StringComparison.Ordinal) ? 4 : 0))]));
        Assert.Contains("@dd/MM/yyyy", Imports.Unread("csv", Bad)[0], StringComparison.Ordinal);
        Assert.Equal(2, Imports.Bodies("csv", Bad).Count);
    }

    [Fact]
    public async Task What_the_source_refuses_is_named_by_the_file_s_own_line()
    {
        var replayed = await Imports.ReplayAsync("csv", "time,alertname\n2026-01-31 12:01,a\n2026-01-31 12:00,");
        Assert.Equal(1, replayed.Result.Rejected);
        Assert.StartsWith("file1:3: labels: ", replayed.Result.FirstProblem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_files_are_one_story()
    {
        var replayed = await Imports.ReplayAsync("csv", "time,alertname,host\n2026-01-31 12:02,b,h", "time,alertname,host\n2026-01-31 12:01,a,h\n2026-01-31 12:03,a,h");
        Assert.Equal(["opened", "new-alert", "repeat"], replayed.Dispositions);
    }

    [Fact]
    public void A_gzipped_table_is_read_as_it_is()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(Encoding.UTF8.GetBytes(Table));
        Assert.Equal(Imports.Text("csv", new(), Encoding.UTF8.GetBytes(Table)), Imports.Text("csv", new(), packed.ToArray()));
    }

    [Fact]
    public void A_quote_that_is_not_closed_costs_the_rest_and_is_said()
    {
        var table = "time,alertname\n2026-01-31 12:00,a\n2026-01-31 12:00,\"b\n" + string.Concat(Enumerable.Repeat("2026-01-31 12:00,c\n", 100_000));
        Assert.Equal("file1:3: : has a cell of over 1 MiB: a quote that is not closed", Assert.Single(Imports.Unread("csv", table)));
        Assert.Single(Imports.Bodies("csv", table));
    }
}
