using System.Text;

namespace Pipeline.Config;

/// <summary>Takes <c>${NAME}</c> from the environment; <c>$${</c> is a plain <c>${</c>. Done on read values, so no variable can change the YAML around it.</summary>
internal sealed class EnvironmentText(Func<string, string?> variable)
{
    /// <summary>Null where a variable is not there; that is named already.</summary>
    public string? Fill(string text, int line, Problems problems)
    {
        if (!text.Contains("${", StringComparison.Ordinal)) return text;
        var filled = new StringBuilder();
        var (from, good) = (0, true);
        while (text.IndexOf("${", from, StringComparison.Ordinal) is var at and >= 0)
        {
            if (at > from && text[at - 1] == '$')
            {
                filled.Append(text, from, at - 1 - from).Append("${");
                from = at + 2;
                continue;
            }
            filled.Append(text, from, at - from);
            var end = text.IndexOf('}', at);
            var name = end < 0 ? "" : text[(at + 2)..end];
            if (name.Length == 0 || char.IsAsciiDigit(name[0]) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
            {
                problems.Add(line, $"\"{text}\" has a ${{ that names no environment variable; write ${{NAME}}, or $${{ for a plain ${{");
                return null;
            }
            good &= variable(name) is not null;
            if (variable(name) is { } value) filled.Append(value);
            else problems.Add(line, $"environment variable {name} is not set; set it, or write $${{{name}}} if ${{{name}}} itself is meant");
            from = end + 1;
        }
        return good ? filled.Append(text, from, text.Length - from).ToString() : null;
    }
}
