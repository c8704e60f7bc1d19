using System.Text.RegularExpressions;
using Dedupe.Vocabulary;

namespace Dedupe.Surfacing;

/// <summary>Learns the templates of log lines online.</summary>
/// <remarks>
/// Source: Drain (He, Zhu, Zheng, Lyu: "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS 2017): lines of one service, one
/// length and the same first words meet in a leaf; there a line joins the template it shares most words with, if at least half.
/// </remarks>
internal sealed partial class LogTemplates
{
    /// <summary>At most so many templates; beyond it every further line of a leaf joins its nearest.</summary>
    public const int Max = 20_000;
    private const double Similar = 0.5;
    private const int FirstWords = 2;
    private const string Any = "<*>";

    private readonly Dictionary<string, List<Template>> leaves = new(StringComparer.Ordinal);
    private int count;

    /// <summary>A template as it is now, and as it was when it was made: the latter names it for ever.</summary>
    public sealed class Template(string name, string[] words)
    {
        public string Name { get; } = name;
        public string[] Words { get; } = words;

        /// <summary>The identity of this template's lines, once made: a cache.</summary>
        public Identity? Identity { get; set; }
    }

    /// <summary>The template of a message; learns from it.</summary>
    public Template Learn(string service, string message)
    {
        var words = Split(message);
        var key = Key(service, words);
        // Full: whatever is of no known shape is one template, so that memory stays bounded and the lines are still counted.
        if (!leaves.TryGetValue(key, out var leaf))
        {
            if (count >= Max) (key, words) = ($"{service}\n0\n", [Any]);
            if (!leaves.TryGetValue(key, out leaf)) leaves[key] = leaf = [];
        }
        Template? best = null;
        var bestShared = -1;
        foreach (var template in leaf)
        {
            var shared = 0;
            for (var i = 0; i < words.Length; i++)
                if (template.Words[i] == words[i]) shared++;
            if (shared > bestShared) (best, bestShared) = (template, shared);
        }
        if (best is not null && (bestShared >= Similar * words.Length || count >= Max))
        {
            for (var i = 0; i < words.Length; i++)
                if (best.Words[i] != words[i]) best.Words[i] = Any;
            return best;
        }
        var made = new Template(string.Join(' ', words), words);
        leaf.Add(made);
        count++;
        return made;
    }

    /// <summary>Every leaf, for a snapshot.</summary>
    public IEnumerable<KeyValuePair<string, List<Template>>> Leaves => leaves;

    public void Restore(string key, IEnumerable<Template> templates)
    {
        var leaf = templates.ToList();
        leaves[key] = leaf;
        count += leaf.Count;
    }

    /// <summary>Other labels make an identity: what a template's lines are called is made anew.</summary>
    public void Rename()
    {
        foreach (var template in leaves.Values.SelectMany(l => l)) template.Identity = null;
    }

    /// <summary>The service does not tell lines apart any more: its templates are everybody's.</summary>
    public void OfOneService()
    {
        var all = leaves.OrderBy(l => l.Key, StringComparer.Ordinal).ToList();
        leaves.Clear();
        foreach (var (key, leaf) in all)
        {
            // A key begins with the service, which ends before the last two lines of it.
            var shape = key[key.LastIndexOf('\n', key.LastIndexOf('\n') - 1)..];
            if (leaves.TryGetValue(shape, out var known)) known.AddRange(leaf);
            else leaves[shape] = leaf;
        }
    }

    private static string Key(string service, string[] words)
    {
        var first = string.Join(' ', words.Take(FirstWords).Select(w => w.Any(char.IsAsciiDigit) ? Any : w));
        return $"{service}\n{words.Length}\n{first}";
    }

    private static string[] Split(string message)
    {
        var line = message.AsSpan();
        var end = line.IndexOfAny('\r', '\n');
        if (end >= 0) line = line[..end];
        var masked = Masks().Replace(line.ToString(), Any);
        var words = masked.Split((char[]?)null, 100, StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 0 ? [""] : words;
    }

    // Addresses, ids and numbers say which one, not what happened.
    [GeneratedRegex(@"(?<![A-Za-z0-9])(?:\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?|0x[0-9A-Fa-f]+|[0-9A-Fa-f]{8}-[0-9A-Fa-f-]{27}|blk_-?\d+|[-+]?\d+(?:\.\d+)?|[0-9A-Fa-f]{16,})(?![A-Za-z0-9])",
        RegexOptions.CultureInvariant)]
    private static partial Regex Masks();
}
