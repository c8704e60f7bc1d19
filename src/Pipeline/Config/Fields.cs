namespace Pipeline.Config;

/// <summary>The named fields of one item of a list: a pager, a component.</summary>
internal sealed class Fields
{
    private readonly Dictionary<string, Node> nodes = new(StringComparer.Ordinal);
    private readonly string path;
    private readonly Problems problems;
    private readonly int line;
    private readonly bool whole;

    private Fields(Node.Map map, string path, Problems problems)
    {
        (this.path, this.problems) = (path, problems);
        line = map.Entries is [var first, ..] ? first.Line : map.Line;
        whole = !map.BrokeOff;
    }

    /// <summary>Names a key that should be there.</summary>
    public void Missing(string text)
    {
        if (whole) problems.Add(line, $"{path} {text}");
    }

    /// <summary>Null where the item is no group of keys. Unknown and repeated keys are named.</summary>
    public static Fields? Of(Node node, string path, Problems problems, string example, params string[] known)
    {
        if (node is not Node.Map map)
        {
            problems.Add(node.Line, $"{path} is {node.Kind}, not a group of keys; write {example}");
            return null;
        }
        var fields = new Fields(map, path, problems);
        foreach (var entry in map.Entries)
        {
            if (!known.Contains(entry.Name))
                problems.Add(entry.Line, $"unknown key \"{path}.{entry.Name}\"; " +
                    (Nearest.To(entry.Name, known) is { } near ? $"did you mean {near}?" : $"the keys are {string.Join(", ", known)}"));
            else if (!fields.nodes.TryAdd(entry.Name, entry.Value))
                problems.Add(entry.Line, $"{path}.{entry.Name} is set twice; take one out");
        }
        return fields;
    }

    /// <summary>Null where the item does not have the key.</summary>
    public Value? this[string name, string example] =>
        nodes.TryGetValue(name, out var node) ? new(node, $"{path}.{name}", example, problems) : null;
}
