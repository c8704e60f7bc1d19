namespace Pipeline.Config;

/// <summary>Goes through the file's keys, nested (<c>page: {gather: 2s}</c>) or dotted (<c>page.gather: 2s</c>), and has each read.</summary>
internal sealed class KeyWalk(Draft draft, Problems problems)
{
    private static readonly Dictionary<string, Key> ByName =
        Keys.All.Concat(Keys.Aliases.Select(a => Keys.All.Single(k => k.Name == a.Value) with { Name = a.Key })).ToDictionary(k => k.Name);

    private readonly Dictionary<string, int> lines = new(StringComparer.Ordinal);

    /// <summary>Reads all keys; answers on which line each stands.</summary>
    public IReadOnlyDictionary<string, int> Walk(Node.Map root)
    {
        Walk(root, "");
        return lines;
    }

    private void Walk(Node.Map map, string prefix)
    {
        foreach (var entry in map.Entries)
        {
            var path = prefix + entry.Name;
            if (ByName.TryGetValue(path, out var key)) Read(key, entry);
            else if (!IsGroup(path)) Unknown(path, entry.Line);
            else if (entry.Value is Node.Map group) Walk(group, path + ".");
            // A group all of whose keys are commented out is an empty value.
            else if (entry.Value is not Node.Scalar { IsNull: true })
                problems.Add(entry.Value.Line, $"{path} is {entry.Value.Kind}, not a group of keys; its keys are {string.Join(", ", KeysUnder(path))}");
        }
    }

    private void Read(Key key, Node.Entry entry)
    {
        var name = Keys.Aliases.GetValueOrDefault(key.Name, key.Name);
        if (lines.TryAdd(name, entry.Line)) key.Read(draft, new(entry.Value, key.Name, key.Example, problems));
        else problems.Add(entry.Line, $"{key.Name} is set on line {lines[name]} already; take one out");
    }

    private void Unknown(string path, int line)
    {
        var group = path.LastIndexOf('.') is var dot and > 0 && IsGroup(path[..dot]) ? path[..dot] : "";
        // A whole group mistyped: its name is as good a guess as a key's.
        var candidates = ByName.Keys.Concat(ByName.Keys.Where(k => k.Contains('.')).Select(k => k[..k.IndexOf('.')])).Distinct();
        var near = Nearest.To(path, candidates);
        problems.Add(line, $"unknown key \"{path}\"; " + (near is null ? $"the keys are {string.Join(", ", KeysUnder(group))}" : $"did you mean {near}?"));
    }

    private static bool IsGroup(string path) => ByName.Keys.Any(k => k.StartsWith(path + ".", StringComparison.Ordinal));

    private static IEnumerable<string> KeysUnder(string group) => group.Length == 0
        ? Keys.All.Select(k => k.Name.Split('.')[0]).Distinct()
        : Keys.All.Where(k => k.Name.StartsWith(group + ".", StringComparison.Ordinal)).Select(k => k.Name);
}
