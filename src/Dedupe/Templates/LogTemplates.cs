using System.Runtime.InteropServices;
using System.Text;

namespace Dedupe.Templates;

/// <summary>Learns the templates of log lines online: what a line was called once, it is called for ever.</summary>
/// <remarks>
/// Source: Drain (He, Zhu, Zheng, Lyu: "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS 2017): lines of one service and one
/// length meet in a leaf and are compared there. What is other than in Drain, and why, is in docs/decisions/0090-log-templates.md:
/// values are masked by their shape before; a word that differs makes another template until many have differed; no template ever changes, and
/// the oldest that fits is taken, so that no line is called otherwise later.
/// </remarks>
internal sealed class LogTemplates
{
    /// <summary>At most so many templates; beyond it every further line that fits none is <see cref="Rest"/>.</summary>
    public const int Max = 20_000;

    /// <summary>So many templates that differ in a few words only are one whose words vary: a further one joins them.</summary>
    private const int Varying = 8;

    private const int MostDiffering = 3;
    private const double Alike = 0.6;

    /// <summary>Where all plain words are equal, so many of them, and half of all that is compared, are enough to call the rest values.</summary>
    private const int EnoughWords = 3;
    private const double EnoughEqual = 0.5;

    /// <summary>A leaf is searched no further: a service that writes free text must not become slow.</summary>
    private const int MostSearched = 1_000;

    /// <summary>Lines that joined a template of other words, so that they need not search again. Only for speed: forgetting changes nothing.</summary>
    private const int MostJoined = 20_000;

    /// <summary>What is of no known shape when there is no more room.</summary>
    public static LogTemplate Rest { get; } = new("", TokenMask.Shown, []);

    private readonly MaskedLine line = new();
    private readonly Word[] words = new Word[MaskedLine.MostTokens];
    private readonly Dictionary<ulong, LogTemplate> exact = [];
    private readonly Dictionary<ulong, LogTemplate> joined = [];
    private readonly Dictionary<ulong, List<LogTemplate>> leaves = [];
    private readonly List<LogTemplate> all = [];

    /// <summary>In the order in which they were learned.</summary>
    public IReadOnlyList<LogTemplate> All => all;

    /// <summary>The template of a message; learns from it.</summary>
    /// <param name="isNew">No line before had it.</param>
    public LogTemplate Learn(string service, ReadOnlySpan<char> message, out bool isNew)
    {
        isNew = false;
        line.Read(message);
        var read = Words();
        var hash = Hash(service, read);
        if (exact.TryGetValue(hash, out var known) || joined.TryGetValue(hash, out known)) return known;
        var leaf = leaves.GetValueOrDefault(Hash(service, read.Length));
        known = leaf is null ? null : Fitting(leaf, read);
        if (known is null && all.Count >= Max) return Rest;
        if (known is null)
        {
            isNew = true;
            return Add(new(service, Text(), read.ToArray()), hash);
        }
        if (joined.Count == MostJoined) joined.Clear();
        return joined[hash] = known;
    }

    /// <summary>Takes over one that was saved; in the order of <see cref="All"/>.</summary>
    public LogTemplate Restore(string service, string name)
    {
        var tokens = name.Replace(TokenMask.Shown, TokenMask.Mark.ToString(), StringComparison.Ordinal).Split(' ');
        var template = new LogTemplate(service, name, [.. tokens.Select(t => Word.Of(t))]);
        return Add(template, Hash(service, template.Words));
    }

    /// <summary>Other labels make an identity: what a template's lines are called is made anew.</summary>
    public void Rename()
    {
        foreach (var template in all) template.Identity = null;
    }

    /// <summary>The service does not tell lines apart any more: its templates are everybody's.</summary>
    public void OfOneService()
    {
        var before = all.ToList();
        all.Clear();
        exact.Clear();
        joined.Clear();
        leaves.Clear();
        foreach (var template in before)
        {
            template.Service = "";
            Add(template, Hash("", template.Words));
        }
    }

    private LogTemplate Add(LogTemplate template, ulong hash)
    {
        // One line's template may be another's already where two services became one: the older counts.
        exact.TryAdd(hash, template);
        ref var leaf = ref CollectionsMarshal.GetValueRefOrAddDefault(leaves, Hash(template.Service, template.Words.Length), out _);
        (leaf ??= []).Add(template);
        all.Add(template);
        return template;
    }

    /// <summary>The oldest template whose words are the same but for values; else the oldest of many that differ from it, and so from each other, in a few words.</summary>
    private static LogTemplate? Fitting(List<LogTemplate> leaf, ReadOnlySpan<Word> read)
    {
        LogTemplate? oldest = null;
        var alike = 0;
        for (var at = 0; at < leaf.Count && at < MostSearched; at++)
        {
            int equal = 0, values = 0, differing = 0;
            var template = leaf[at].Words;
            for (var i = 0; i < read.Length && differing <= MostDiffering; i++)
            {
                if (read[i].Text == template[i].Text) equal += read[i].HasLetter ? 1 : 0;
                else if (Differ(read[i], template[i])) differing++;
                else values++;
            }
            if (differing == 0 && equal >= EnoughWords && equal >= EnoughEqual * (equal + values)) return leaf[at];
            if (differing > MostDiffering || equal == 0 || equal < Alike * (equal + values + differing)) continue;
            oldest ??= leaf[at];
            alike++;
        }
        return alike >= Varying ? oldest : null;
    }

    /// <summary>Whether two unequal tokens say different things, and not only which one.</summary>
    private static bool Differ(Word a, Word b)
    {
        if (a.Key != b.Key) return !((a.Key == 0 && a.Kind == WordKind.Masked) || (b.Key == 0 && b.Kind == WordKind.Masked));
        if (a.Kind == WordKind.Plain || b.Kind == WordKind.Plain) return true;
        if (a.Kind == WordKind.Masked || b.Kind == WordKind.Masked) return false;
        return a.Kind != WordKind.Name || b.Kind != WordKind.Name;
    }

    private ReadOnlySpan<Word> Words()
    {
        for (var i = 0; i < line.Count; i++) words[i] = Word.Of(line[i]);
        return words.AsSpan(0, line.Count);
    }

    private string Text()
    {
        var text = new StringBuilder();
        for (var i = 0; i < line.Count; i++)
        {
            if (i > 0) text.Append(' ');
            text.Append(line[i]);
        }
        return text.Replace(TokenMask.Mark.ToString(), TokenMask.Shown).ToString();
    }

    private static ulong Hash(string service, ReadOnlySpan<Word> read)
    {
        var hash = Hash(service, read.Length);
        foreach (var word in read) hash = Mixed(hash, word.Text);
        return hash;
    }

    private static ulong Hash(string service, int count)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in service) hash = (hash ^ c) * 1099511628211;
        return Mixed(hash, (uint)count);
    }

    // The finalizer of MurmurHash3 (Appleby), so that words in another order or of another service fall elsewhere.
    private static ulong Mixed(ulong hash, uint next)
    {
        hash = (hash ^ next) * 0xFF51AFD7ED558CCD;
        return hash ^ (hash >> 33);
    }
}

/// <summary>A template; its name, once made, names it for ever.</summary>
/// <param name="service">Whose lines; empty for everybody's.</param>
internal sealed class LogTemplate(string service, string name, Word[] words)
{
    public string Service { get; set; } = service;
    public string Name { get; } = name;
    public Word[] Words { get; } = words;

    /// <summary>The template whose lines these are a part of: they are no error of their own.</summary>
    public LogTemplate? SameAs { get; set; }

    /// <summary>The identity of this template's lines, once made: a cache.</summary>
    public Vocabulary.Identity? Identity { get; set; }
}
