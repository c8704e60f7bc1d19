using System.Text.RegularExpressions;
using Pipeline.Tests.Architecture;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Pipeline.Tests.Deployment;

/// <summary>compose/compose.yaml and what lies beside it, as read.</summary>
internal sealed partial class ComposeFile
{
    public static readonly string Folder = Repository.Path("compose");

    private readonly Dictionary<object, object> root;

    public ComposeFile()
    {
        Text = File.ReadAllText(Path.Combine(Folder, "compose.yaml"));
        using var reader = new StringReader(Text);
        root = new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(new MergingParser(new Parser(reader)));
        Example = File.ReadAllLines(Path.Combine(Folder, ".env.example")).Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split('=', 2)).ToDictionary(p => p[0], p => p[1]);
        Services = Map(root["services"]).ToDictionary(s => s.Key, s => Map(s.Value));
        Volumes = [.. Map(root["volumes"]).Keys];
    }

    public string Text { get; }

    /// <summary>Variables in .env.example with what they have there.</summary>
    public IReadOnlyDictionary<string, string> Example { get; }

    public IReadOnlyDictionary<string, Dictionary<string, object>> Services { get; }

    public IReadOnlyList<string> Volumes { get; }

    /// <summary>The services that run the program.</summary>
    public IEnumerable<KeyValuePair<string, Dictionary<string, object>>> Ours => Services.Where(s => ((string)s.Value["image"]).StartsWith("pipeline:", StringComparison.Ordinal));

    /// <summary>Every use of a variable, with what stands after its name: <c>:-default</c>, <c>:?message</c>, or nothing.</summary>
    public IEnumerable<(string Name, string Otherwise)> Variables => Uses().Matches(Code).Select(m => (m.Groups[1].Value, m.Groups[2].Value));

    public static Dictionary<string, object> Map(object node) => ((Dictionary<object, object>)node).ToDictionary(p => (string)p.Key, p => p.Value);

    public static string[] List(object node) => [.. ((List<object>)node).Cast<string>()];

    /// <summary>With the values of .env.example; those that have none there get one.</summary>
    public string Filled(string text) => Uses().Replace(text, m => Value(m.Groups[1].Value));

    public string Value(string variable) => Example[variable] is { Length: > 0 } value ? value : variable.EndsWith("_URL", StringComparison.Ordinal) ? "https://pager.example/hook" : "0123456789abcdef";

    private string Code => string.Join('\n', Text.Split('\n').Where(l => !l.TrimStart().StartsWith('#')));

    [GeneratedRegex(@"(?<!\$)\$\{([A-Z0-9_]+)([^}]*)\}")]
    private static partial Regex Uses();
}
