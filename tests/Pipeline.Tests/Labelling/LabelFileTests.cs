using System.IO.Compression;
using System.Text;
using Pipeline.Labelling;
using Pipeline.Replaying;
using Xunit;

namespace Pipeline.Tests.Labelling;

public sealed class LabelFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("labels").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("""[{"name":"memory","from":"2026-01-31T12:04:00Z","to":"2026-01-31T12:10:00Z","match":{"host":"db-1"}}]""")]
    [InlineData("""{"labels":[{"name":"memory","from":"2026-01-31T12:04:00Z","to":1769861400,"match":{"host":"db-1"}}]}""")]
    [InlineData("""{"name":"memory","from":"2026-01-31T12:04:00Z","to":"2026-01-31T12:10:00Z","match":{"host":"db-1"}}""")]
    [InlineData("name,from,to,host,alertname\nmemory,2026-01-31T12:04:00Z,2026-01-31T12:10:00Z,db-1,\n")]
    public void A_label_says_what_was_news_when_and_on_which_alerts(string text)
    {
        var news = Assert.Single(Read(text));
        Assert.Equal(("memory", 4, 10), (news.Name, news.From!.Value.Minute, news.To!.Value.Minute));
        Assert.Equal(["host=db-1"], news.Match.Select(m => $"{m.Key}={m.Value}"));
    }

    [Fact]
    public void Without_an_end_naming_it_counts_for_five_minutes() =>
        Assert.Equal(TimeSpan.FromMinutes(5), Assert.Single(Read("""[{"name":"a","from":"2026-01-31T12:04:00Z"}]""")) is var n ? n.To - n.From : null);

    [Theory]
    [InlineData("""[{"name":"a","lines":[3,4]},{"name":"b","line":7,"file":"outage.jsonl"}]""", "a: 3 4 ; b: 7 outage")]
    [InlineData("name,line,file\na,3,\nb,7,outage.jsonl.gz\n", "a: 3 ; b: 7 outage")]
    public void A_label_may_name_the_lines_instead(string text, string read) =>
        Assert.Equal(read, string.Join("; ", Read(text).Select(n => $"{n.Name}: {string.Join(' ', n.Lines!)} {n.File}")));

    [Fact]
    public void The_forms_of_the_real_sets_are_read()
    {
        Assert.Equal(["event scan outage 1642996618 1642996638"], Read("""{"outage":[{"kind":"event","label":"scan","alerts":50,"first":1642996618.0,"last":1642996638.0}],"other":[]}""").Select(Told));
        Assert.Equal(["cloud/outage.csv[0] outage 1393422300 1393482300"], Read("""{"cloud/outage.csv":[["2014-02-26 13:45:00.000000","2014-02-27 06:25:00.000000"]],"cloud/none.csv":[]}""").Select(Told));
        Assert.Equal(["fault 3: CPU load of cart  1647736751 1647737291"], Read("fault_id,fault_level,fault_entity,fault_type,fault_st_time,fault_ed_time\n3,service,cart,CPU load,1647736751,1647737291\n").Select(Told));
        Assert.Equal(["Docs down  1778433300 1778433600"], Read("unix_time,site,from,to\n1778433212,Docs,,up\n1778433300,Docs,up,down\n1778433400,Docs,down,up\n").Select(Told));
    }

    [Fact]
    public void A_label_for_each_alert_is_by_line_in_order_of_time()
    {
        var news = Read("time,name,ip,host,short,time_label,event_label\n300,x,i,h,s,scan,nmap\n100,x,i,h,s,false_positive,-\n200000000,x,i,h,s,scan,-\n".Replace("\n300,", "\n300000000,", StringComparison.Ordinal).Replace("\n100,", "\n100000001,", StringComparison.Ordinal));
        Assert.Equal(["phase scan: 2 3", "event nmap: 3"], news.Select(n => $"{n.Name}: {string.Join(' ', n.Lines!)}"));
        news = Read("unix_ms,truth_fault_id,kind,component,a,b,c\n1647736751094,1,t,c,a,b,c\n1647736751093,0,t,c,a,b,c\n,0,t,c,a,b,c\n");
        Assert.Equal(["fault 0: 1", "fault 1: 2"], news.Select(n => $"{n.Name}: {string.Join(' ', n.Lines!)}"));
    }

    [Fact]
    public void A_gzipped_file_is_read_as_it_is()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(Encoding.UTF8.GetBytes("name,line\na,1\n"));
        var path = Path.Combine(folder, "labels.csv.gz");
        File.WriteAllBytes(path, packed.ToArray());
        Assert.Single(LabelFile.Read([path], ["outage.jsonl"])[0]);
    }

    [Fact]
    public void One_file_is_for_all_and_each_takes_its_own()
    {
        var path = Write("all.json", """[{"name":"a","from":"2026-01-31T12:00:00Z","file":"one"},{"name":"b","from":"2026-01-31T12:00:00Z","file":"two"},{"name":"c","from":"2026-01-31T12:00:00Z"}]""");
        Assert.Equal(["a c", "b c"], LabelFile.Read([path], ["x/one.jsonl.gz", "two.jsonl"]).Select(l => string.Join(' ', l.Select(n => n.Name))));
    }

    [Fact]
    public void Several_are_one_for_each_in_their_order()
    {
        string[] paths = [Write("1.csv", "name,line\na,1\n"), Write("2.csv", "name,line\nb,1\n")];
        Assert.Equal(["a", "b"], LabelFile.Read(paths, ["one.jsonl", "two.jsonl"]).Select(l => l.Single().Name));
    }

    [Theory]
    [InlineData("""[{"from":"2026-01-31T12:00:00Z"}]""", "[0].name is missing")]
    [InlineData("""[{"name":"a"}]""", "[0].from is missing")]
    [InlineData("""[{"name":"a","from":"soon"}]""", "[0].from is not a time")]
    [InlineData("""{"labels":[{"name":"a","from":"2026-01-31T12:00:00Z","to":"2026-01-31T11:00:00Z"}]}""", "labels[0].to is before from")]
    [InlineData("""[{"name":"a","line":0}]""", "[0].line is no number of a line")]
    [InlineData("""[{"name":"a","line":1,"match":{"host":7}}]""", "[0].match.host is no text")]
    [InlineData("""[{"name":"a","line":1},7]""", "[1] is no label")]
    [InlineData("""{"a":7}""", "is no list of labels")]
    [InlineData("""[{"name":"a",}]""", "line 1: is not JSON")]
    [InlineData("name,from\n,2026-01-31T12:00:00Z\n", "line 2: name: is empty")]
    [InlineData("name,from\na,2026-01-31T12:00:00Z\nb,soon\n", "line 3: from: \"soon\" is not a time")]
    [InlineData("name,from\na\n", "line 2: has 1 columns")]
    [InlineData("what,when\na,b\n", "has no columns name and from; there are what, when")]
    [InlineData("", "has no columns")]
    [InlineData("[]", "holds no labels")]
    public void What_is_wrong_is_named_with_its_place(string text, string says)
    {
        var path = Write("labels", text);
        var error = Assert.Throws<ReplayInputException>(() => LabelFile.Read([path], ["outage.jsonl"]));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_of_other_files_are_none_and_say_whose_they_are()
    {
        var path = Write("truth.json", """{"shaw":[{"kind":"event","label":"scan","first":1642996618,"last":1642996638}]}""");
        Assert.Contains("the labels are of shaw", Assert.Throws<ReplayInputException>(() => LabelFile.Read([path], ["outage.jsonl"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_by_line_for_several_files_must_say_which()
    {
        var path = Write("lines.csv", "name,line\na,1\n");
        Assert.Contains("belong to one file", Assert.Throws<ReplayInputException>(() => LabelFile.Read([path], ["one.jsonl", "two.jsonl"])).Message, StringComparison.Ordinal);
        Assert.Contains("given 2 times, for 3 files", Assert.Throws<ReplayInputException>(() => LabelFile.Read([path, path], ["1", "2", "3"])).Message, StringComparison.Ordinal);
    }

    private static string Told(News news) => $"{news.Name} {news.File} {news.From!.Value.ToUnixTimeSeconds()} {news.To!.Value.ToUnixTimeSeconds()}";

    private IReadOnlyList<News> Read(string text) => LabelFile.Read([Write("labels", text)], ["outage.jsonl"])[0];

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
