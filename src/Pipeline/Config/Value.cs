using System.Globalization;

namespace Pipeline.Config;

/// <summary>One key's value in the file. Each reader gives the value, or names the mistake and gives null.</summary>
/// <param name="Path">The key as messages name it.</param>
/// <param name="Example">A right value, for "write 5m".</param>
internal sealed record Value(Node Node, string Path, string Example, Problems Problems)
{
    private const int MaxWords = 1_000, MaxLabelName = 256;

    /// <summary>A duration within bounds.</summary>
    public TimeSpan? Duration(TimeSpan least, TimeSpan most)
    {
        if (Scalar("a duration") is not { } scalar) return null;
        if (!Durations.TryParse(scalar.Text, out var duration))
            return Wrong<TimeSpan?>(scalar, $"is not a duration; write {Durations.Guess(scalar.Text) ?? Example}");
        if (duration < least) return Wrong<TimeSpan?>(scalar, $"is too short; the least is {Durations.Write(least)}");
        return duration <= most ? duration : Wrong<TimeSpan?>(scalar, $"is too long; the most is {Durations.Write(most)}");
    }

    /// <summary>A whole number within bounds.</summary>
    public int? Count(int least, int most)
    {
        if (Scalar("a whole number") is not { } scalar) return null;
        var plain = scalar.Text.Replace("_", "", StringComparison.Ordinal).Replace(",", "", StringComparison.Ordinal);
        if (!int.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count))
            return Wrong<int?>(scalar, plain.Length > 0 && plain.All(char.IsAsciiDigit) && plain != scalar.Text
                ? $"is not a whole number; write {plain}"
                : $"is not a whole number from {least} to {most}; write {Example}");
        if (count < least) return Wrong<int?>(scalar, $"is too few; the least is {least}");
        return count <= most ? count : Wrong<int?>(scalar, $"is too many; the most is {most}");
    }

    /// <summary>A size in bytes within bounds.</summary>
    public long? Size(long least, long most)
    {
        if (Scalar("a size") is not { } scalar) return null;
        if (!Sizes.TryParse(scalar.Text, out var bytes)) return Wrong<long?>(scalar, $"is not a size; write {Example}");
        if (bytes < least) return Wrong<long?>(scalar, $"is too small; the least is {Sizes.Write(least)}");
        return bytes <= most ? bytes : Wrong<long?>(scalar, $"is too large; the most is {Sizes.Write(most)}");
    }

    /// <summary>A text that is not empty and has no control characters.</summary>
    public string? Text(int most = 1_024)
    {
        if (Scalar("a text") is not { } scalar) return null;
        if (scalar.Text.Length == 0) return Say<string>(scalar.Line, $"{Path} is empty; write {Example}");
        if (scalar.Text.Length > most) return Say<string>(scalar.Line, $"{Path} is longer than {most} characters");
        return scalar.Text.Any(char.IsControl) ? Wrong<string>(scalar, "holds control characters; take them out") : scalar.Text;
    }

    /// <summary>A token that fits in an HTTP header; never shown in a message.</summary>
    public string? Token()
    {
        if (Scalar("a token") is not { } scalar) return null;
        if (scalar.Text.Length == 0) return Say<string>(scalar.Line, $"{Path} is empty, which would let everybody in; give it a value");
        return scalar.Text.Length <= 1_024 && scalar.Text.All(c => c is > ' ' and <= '~')
            ? scalar.Text
            : Say<string>(scalar.Line, $"{Path} does not fit in an HTTP header; use at most 1024 visible ASCII characters and no spaces");
    }

    /// <summary>One of these words.</summary>
    public string? Word(params string[] words)
    {
        if (Scalar($"one of {string.Join(", ", words)}") is not { } scalar) return null;
        if (words.Contains(scalar.Text)) return scalar.Text;
        var near = Nearest.To(scalar.Text, words);
        return Wrong<string>(scalar, $"is not one of {string.Join(", ", words)}" + (near is null ? "" : $"; write {near}"));
    }

    /// <summary>A label's name, in any script.</summary>
    public string? LabelName() => Text() is { } name && CheckedLabel(name, Node.Line) ? name : null;

    /// <summary>An http or https address that is neither link-local nor a cloud's metadata service.</summary>
    public Uri? Address()
    {
        if (Scalar("an address") is not { } scalar) return null;
        if (!Uri.TryCreate(scalar.Text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            return Wrong<Uri>(scalar, $"is not an http or https address; write {Example}");
        return Addresses.Problem(uri) is { } problem ? Wrong<Uri>(scalar, $"{problem}, which is refused; use the receiver's own address") : uri;
    }

    /// <summary>A list whose items each pass a reader, none twice. The good ones of a list with mistakes are given.</summary>
    public IReadOnlyList<string>? List(Func<Value, string?> item)
    {
        if (Node is not Node.List list)
        {
            if (Node is Node.Scalar { Unread: true }) return null;
            var write = Node is Node.Scalar { IsNull: false } one ? $"[{one.Written}]" : Example;
            return Say<IReadOnlyList<string>>(Node.Line, $"{Path} is {Node.Kind}, not a list; write {write}");
        }
        if (list.Items.Count > MaxWords) return Say<IReadOnlyList<string>>(list.Line, $"{Path} has more than {MaxWords} items");
        var read = new List<string>();
        for (var i = 0; i < list.Items.Count; i++)
        {
            var one = this with { Node = list.Items[i], Path = $"{Path}[{i}]" };
            if (item(one) is not { } text) continue;
            if (read.Contains(text)) Problems.Add(one.Node.Line, $"{Path} names {Written(one.Node)} twice; take one out");
            else read.Add(text);
        }
        return read;
    }

    /// <summary>Labels and the values they must have.</summary>
    public IReadOnlyList<KeyValuePair<string, string>>? Labels()
    {
        if (Node is not Node.Map map)
            return Say<IReadOnlyList<KeyValuePair<string, string>>>(Node.Line, $"{Path} is {Node.Kind}, not labels; write {Example}");
        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in map.Entries)
        {
            if (!CheckedLabel(entry.Name, entry.Line)) continue;
            if ((this with { Node = entry.Value, Path = $"{Path}.{entry.Name}" }).Text(4_096) is not { } text) continue;
            if (!read.TryAdd(entry.Name, text)) Problems.Add(entry.Line, $"{Path} names the label {entry.Name} twice; take one out");
        }
        return [.. read];
    }

    public T? Say<T>(int line, string text)
    {
        Problems.Add(line, text);
        return default;
    }

    private bool CheckedLabel(string name, int line)
    {
        var good = name.Length is > 0 and <= MaxLabelName && !char.IsAsciiDigit(name[0]) && name[0] != '-'
            && name.All(c => c > ' ' && c != '\u007F' && !char.IsWhiteSpace(c) && !char.IsControl(c) && !"=!~{}()[]\"',;`".Contains(c));
        if (!good) Problems.Add(line, $"{Path} \"{name}\" is not a label name; write the name alone, such as service");
        return good;
    }

    private Node.Scalar? Scalar(string wanted)
    {
        if (Node is Node.Scalar { Unread: true }) return null;
        if (Node is Node.Scalar { IsNull: true }) return Say<Node.Scalar>(Node.Line, $"{Path} has no value; write {Example} or take the key out");
        return Node as Node.Scalar ?? Say<Node.Scalar>(Node.Line, $"{Path} is {Node.Kind}, not {wanted}; write {Example}");
    }

    private T? Wrong<T>(Node.Scalar scalar, string problem) => Say<T>(scalar.Line, $"{Path} \"{scalar.Written}\" {problem}");

    private static string Written(Node node) => node is Node.Scalar scalar ? $"\"{scalar.Written}\"" : node.Kind;
}
