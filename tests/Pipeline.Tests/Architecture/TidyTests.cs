using System.Text.RegularExpressions;
using Xunit;

namespace Pipeline.Tests.Architecture;

/// <summary>What a reader may rely on in every file. Each finding is listed as file:line, all at once.</summary>
public sealed partial class TidyTests
{
    private const int MaxLines = 400;

    // In pieces, so that this file does not find itself.
    private static readonly Regex Unfinished = new(@"\b(TO" + "DO|FIX" + @"ME|HA" + @"CK)\b");

    [Fact]
    public void No_file_is_longer_than_a_reader_can_hold() =>
        AssertNone(Repository.Sources("src", "tests").Where(f => Lines(f).Length > MaxLines).Select(f => $"{f} has {Lines(f).Length} lines"));

    [Fact]
    public void Time_and_chance_come_into_Dedupe_from_outside() => AssertNone(Find(line => Impure().IsMatch(Code(line)), "src/Dedupe"));

    [Fact]
    public void Views_read_no_clock_and_no_chance_either() => AssertNone(Find(line => Impure().IsMatch(Code(line)), "src/Projections"));

    [Fact]
    public void Nothing_unfinished_is_left_behind() => AssertNone(Find(Unfinished.IsMatch, "src", "tests"));

    [Fact]
    public void No_type_has_a_name_that_says_nothing() => AssertNone(Find(line => Vague().IsMatch(Code(line)), "src", "tests"));

    [Fact]
    public void Nothing_waits_by_blocking_or_runs_without_being_awaited() => AssertNone(Find(line => Blocking().IsMatch(Code(line)), "src"));

    [Theory]
    [InlineData("var now = DateTimeOffset.UtcNow;", true)]
    [InlineData("var id = Guid.NewGuid();", true)]
    [InlineData("var r = new Random(1);", true)]
    [InlineData("// DateTime.Now is banned here", false)]
    [InlineData("var at = input.At;", false)]
    public void Impurity_is_seen(string line, bool seen) => Assert.Equal(seen, Impure().IsMatch(Code(line)));

    [Theory]
    [InlineData("PageManager", true)]
    [InlineData("JsonUtils", true)]
    [InlineData("DecisionBase", true)]
    [InlineData("Database", false)]
    [InlineData("Words", false)]
    public void Vague_names_are_seen(string name, bool seen) => Assert.Equal(seen, Vague().IsMatch($"public sealed class {name}(int x)"));

    private static IEnumerable<string> Find(Func<string, bool> bad, params string[] folders) =>
        from file in Repository.Sources(folders)
        from line in Lines(file).Index()
        where bad(line.Item)
        select $"{file}:{line.Index + 1}: {line.Item.Trim()}";

    private static string[] Lines(string file) => File.ReadAllLines(Repository.Path(file));

    private static string Code(string line) => line.IndexOf("//", StringComparison.Ordinal) is var at and >= 0 ? line[..at] : line;

    private static void AssertNone(IEnumerable<string> findings) => Assert.Equal("", string.Join('\n', findings));

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Now|UtcNow|Today)\b|\bGuid\.(NewGuid|CreateVersion7)\b|\bRandom\b|\bStopwatch\b|\bEnvironment\.TickCount")]
    private static partial Regex Impure();

    [GeneratedRegex(@"\b(class|record|struct|interface|enum)\s+(struct\s+)?\w*(Manager|Helpers?|Util|Utils|Utility|Common|Base|Impl)\b")]
    private static partial Regex Vague();

    [GeneratedRegex(@"\basync void\b|\bThread\.Sleep\b")]
    private static partial Regex Blocking();
}
