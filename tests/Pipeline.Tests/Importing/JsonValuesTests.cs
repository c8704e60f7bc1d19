using System.Text;
using Pipeline.Importing;
using Xunit;

namespace Pipeline.Tests.Importing;

public sealed class JsonValuesTests
{
    private const string Torn = "is torn off in the middle of its JSON";

    [Theory]
    [InlineData("{\"a\":1}\n{\"a\":2}\n", "1 {\"a\":1}", "2 {\"a\":2}")]
    [InlineData("\uFEFF{\"a\":1}\r\n\r\n{\"a\":2}", "1 {\"a\":1}", "3 {\"a\":2}")]
    [InlineData("{\"a\":1}{\"a\":2} [{}]", "1 {\"a\":1}", "1 {\"a\":2}", "1 [{}]")]
    [InlineData("{\n \"a\": [\n  {\"b\": \"}\\\"{\"}\n ]\n}\n{\n}\n", "1 {\n \"a\": [\n  {\"b\": \"}\\\"{\"}\n ]\n}", "6 {\n}")]
    [InlineData("[\n{\"a\":1},\n{\"a\":2}\n]", "1 [\n{\"a\":1},\n{\"a\":2}\n]")]
    [InlineData("{\"x\":[\n{\"a\":1},\n{\"a\":2}\n]}", "1 {\"x\":[\n{\"a\":1},\n{\"a\":2}\n]}")]
    [InlineData("2026-01-31T12:00:00Z {\"a\":1}\n[2026-01-31 12:00:00] {\"a\":2}", "1 2026-01-31T12:00:00Z|{\"a\":1}", "2 [2026-01-31 12:00:00]|{\"a\":2}")]
    [InlineData("", new string[0])]
    [InlineData(" \n\n", new string[0])]
    public void Values_are_found_however_they_are_written(string text, params string[] values) => Assert.Equal(values, Read(text));

    [Theory]
    [InlineData("{\"a\":1}\n{\"a\":\n{\"a\":3}\n", "1 {\"a\":1}", "2: " + Torn)]
    [InlineData("{\"a\":1}\n{\"a\":\"x\n{\"a\":3}\n", "1 {\"a\":1}", "2: " + Torn, "3 {\"a\":3}")]
    [InlineData("{\"a\":{\"b\":1}\n{\"a\":3}\n", "1: " + Torn, "2 {\"a\":3}")]
    [InlineData("{\"a\":1}\n{\"a\":", "1 {\"a\":1}", "2: " + Torn)]
    [InlineData("none\n{\"a\":1}\nnone", "1: holds no JSON object", "2 {\"a\":1}", "3: holds no JSON object")]
    public void A_torn_line_costs_itself_unless_what_follows_may_belong_to_it(string text, params string[] values) => Assert.Equal(values, Read(text));

    [Fact]
    public void How_the_bytes_come_in_changes_nothing()
    {
        var random = new Random(17);
        var text = string.Concat(Enumerable.Range(0, 3000).Select(i => (i % 5) switch
        {
            0 => $"{{\"a\":\"{new string('x', random.Next(300))}\\\\\"}}\n",
            1 => $"{{\n  \"b\": [1, {{\"c\": \"é\"}}]\n}}",
            2 => $"12:00 {{\"d\":{i}}}\n",
            3 => "{\"torn\n",
            _ => "\n",
        }));
        var whole = Read(text);
        Assert.Equal(2400, whole.Count);
        foreach (var step in new[] { 1, 7, 4096 }) Assert.Equal(whole, Read(text, step));
    }

    private static List<string> Read(string text, int step = int.MaxValue) =>
    [
        .. JsonValues.Of(new Steps(Encoding.UTF8.GetBytes(text), step))
            .Select(v => v.Problem is { } problem ? $"{v.Line}: {problem}" : $"{v.Line} {(v.Before.Length > 0 ? v.Before + "|" : "")}{Encoding.UTF8.GetString(v.Json.Span)}"),
    ];

    /// <summary>Gives at most so many bytes at once.</summary>
    private sealed class Steps(byte[] bytes, int step) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, step));
    }
}
