using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Dedupe.Vocabulary;

/// <summary>Alertmanager's silence: matching alerts are recorded and join, but do not page.</summary>
public sealed record Silence(
    string Id, IReadOnlyList<LabelMatcher> Matchers, DateTimeOffset StartsAt, DateTimeOffset EndsAt, string CreatedBy, string Comment, DateTimeOffset UpdatedAt)
{
    public bool Covers(LabelSet labels, Severity severity)
    {
        foreach (var matcher in Matchers)
            if (!matcher.Matches(labels, severity)) return false;
        return Matchers.Count > 0;
    }

    /// <summary>A silence that names <c>severity="critical"</c> is not broken by a rise to critical.</summary>
    [JsonIgnore]
    public bool NamesCritical => Matchers.Any(m => m is { Name: "severity", IsEqual: true } && m.Matches("critical"));
}

/// <summary>One matcher: <c>name=value</c>, <c>name!=value</c>, <c>name=~regex</c> or <c>name!~regex</c>; a regex is anchored at both ends.</summary>
public sealed record LabelMatcher(string Name, string Value, bool IsRegex, bool IsEqual)
{
    private Regex? regex;

    /// <summary>An absent label has the empty value, as in Alertmanager. <c>severity</c> is matched by the alert's mapped severity.</summary>
    public bool Matches(LabelSet labels, Severity severity) =>
        Matches(Name == "severity" && labels["severity"] is null ? severity.Word() : labels[Name] ?? "");

    internal bool Matches(string actual)
    {
        if (!IsRegex) return actual == Value == IsEqual;
        // Non-backtracking: a person's pattern must not be able to stop the decider.
        regex ??= new($"^(?:{Value})$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        return regex.IsMatch(actual) == IsEqual;
    }

    /// <summary>Null when the pattern can be used, else what is wrong with it.</summary>
    public string? Problem()
    {
        if (Name.Length == 0) return "a matcher needs a name";
        if (!IsRegex) return null;
        try
        {
            _ = new Regex($"^(?:{Value})$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return null;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return $"\"{Value}\" is not a usable pattern: {e.Message}";
        }
    }
}
