using System.Text;
using System.Text.Json.Serialization;
using Dedupe.Deciding;
using Dedupe.Log;
using Xunit;

namespace Pipeline.Tests.Architecture;

/// <summary>The storage format: names never change, and what was once written is read for ever.</summary>
/// <remarks>
/// Golden files are NAME.json for the first form of a decision and NAME.2.json, NAME.3.json for later ones, which only add fields.
/// A release adds files and changes none. The missing file of a new form is written by running this class with PIPELINE_GOLDEN=write;
/// a form that no release has written yet is deleted first, so that it is replaced instead of followed.
/// </remarks>
public sealed class StoredNamesTests
{
    private static readonly Type[] Cases = [.. typeof(Decision).GetNestedTypes().Where(t => t.IsSubclassOf(typeof(Decision)))];

    public static TheoryData<string> Names => [.. Cases.Select(t => Kebab(t.Name))];

    [Fact]
    public void Every_case_is_in_the_catalogue_by_its_kebab_case_name() =>
        Assert.Equal(
            Cases.Select(t => (Kebab(t.Name), t)).OrderBy(c => c.Item1, StringComparer.Ordinal),
            DecisionCodec.Names.Select(n => (n.Key, n.Value)).OrderBy(c => c.Key, StringComparer.Ordinal));

    [Fact]
    public void Every_case_has_a_sample() =>
        Assert.Equal(Cases.Select(t => t.Name).Order(StringComparer.Ordinal), DecisionSamples.All.Select(d => d.GetType().Name).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_golden_file_belongs_to_a_case() =>
        Assert.Empty(Directory.GetFiles(Folder).Select(f => Path.GetFileName(f).Split('.')[0]).Except(DecisionCodec.Names.Select(n => n.Key)));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_sample_sets_every_member(string name)
    {
        var sample = Sample(name);
        var members = sample.GetType().GetProperties().Where(p => p.GetCustomAttributes(typeof(JsonIgnoreAttribute), true).Length == 0);
        Assert.Empty(members.Where(p => IsUnset(p.GetValue(sample))).Select(p => p.Name));
    }

    private static bool IsUnset(object? value) => value is null || (value.GetType().IsValueType && value.Equals(Activator.CreateInstance(value.GetType())));

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_written_today_is_the_latest_golden_form(string name)
    {
        var written = Text(DecisionCodec.Write(Sample(name), 1, 1));
        var latest = Forms(name).LastOrDefault();
        if (Environment.GetEnvironmentVariable("PIPELINE_GOLDEN") == "write" && (latest is null || File.ReadAllText(latest).TrimEnd() != written))
        {
            latest = Path.Combine(Folder, latest is null ? $"{name}.json" : $"{name}.{Forms(name).Length + 1}.json");
            File.WriteAllText(latest, written + "\n");
        }
        Assert.True(latest is not null, $"{name} has no golden file; run with PIPELINE_GOLDEN=write and commit it. It should hold: {written}");
        Assert.Equal(File.ReadAllText(latest).TrimEnd(), written);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_form_ever_written_is_read_and_keeps_what_it_said(string name)
    {
        Assert.NotEmpty(Forms(name));
        foreach (var form in Forms(name))
        {
            var json = File.ReadAllText(form).TrimEnd();
            var read = DecisionCodec.Read(new(1, 1, default, name, null, Encoding.UTF8.GetBytes(json)));
            using var was = System.Text.Json.JsonDocument.Parse(json);
            using var now = System.Text.Json.JsonDocument.Parse(Text(DecisionCodec.Write(read, 1, 1)));
            foreach (var member in was.RootElement.EnumerateObject())
                Assert.Equal(member.Value.GetRawText(), now.RootElement.TryGetProperty(member.Name, out var kept) ? kept.GetRawText() : $"{member.Name} is gone");
        }
    }

    [Fact]
    public void A_name_of_a_newer_release_stops_the_reader() =>
        Assert.Throws<InvalidDataException>(() => DecisionCodec.Read(new(7, 1, default, "moon-phase-decided", null, "{}"u8.ToArray())));

    private static readonly string Folder = Repository.Path("tests", "Pipeline.Tests", "Golden");

    private static Decision Sample(string name) => DecisionSamples.All.Single(d => DecisionCodec.NameOf(d) == name);

    private static string[] Forms(string name) =>
        [.. Directory.GetFiles(Folder, $"{name}.*").OrderBy(f => Path.GetFileName(f).Split('.') is [_, var version, "json"] ? int.Parse(version) : 1)];

    private static string Text(DecisionRecord record) => Encoding.UTF8.GetString(record.Data.Span);

    private static string Kebab(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : "-") + char.ToLowerInvariant(c) : c.ToString()));
}
