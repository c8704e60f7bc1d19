using Dedupe.Deciding;
using Dedupe.Vocabulary;

namespace Dedupe.Grouping;

/// <summary>Lines of logs all have one name, which relates nothing: of those, what they say tells which belong together.</summary>
internal static class AlikeLines
{
    /// <summary>Half of the words that either has, both have (Jaccard, "The distribution of the flora in the alpine zone", 1912).</summary>
    private const double Alike = 0.5;

    /// <summary>Of an incident's members, the last so many are looked at.</summary>
    private const int Looked = 64;

    public static bool IsLine(LabelSet labels) => labels["alertname"] == LogLabels.AlertName && labels[LogLabels.Template] is not null;

    /// <summary>The member of an incident that says much the same, the last to join first; null where none does.</summary>
    public static IdentityState? In(IncidentState incident, LabelSet labels)
    {
        var words = WordsOf(labels[LogLabels.Template]!);
        for (var i = incident.Members.Count - 1; i >= Math.Max(0, incident.Members.Count - Looked); i--)
        {
            var member = incident.Members[i];
            if (member.Labels[LogLabels.Template] is { } said && (said == labels[LogLabels.Template] || IsAlike(words, WordsOf(said)))) return member;
        }
        return null;
    }

    private static bool IsAlike(HashSet<string> words, HashSet<string> others)
    {
        var both = words.Count(others.Contains);
        return both > 0 && both >= Alike * (words.Count + others.Count - both);
    }

    /// <summary>What is letters, without case; masks and numbers say which one and not what.</summary>
    private static HashSet<string> WordsOf(string template)
    {
        var words = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in template.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            if (part.Trim(',', '.', ':', ';', '(', ')', '[', ']', '"', '\'') is { Length: > 0 } word && word.All(c => char.IsLetter(c) || c is '-' or '_')) words.Add(word);
        return words;
    }
}
