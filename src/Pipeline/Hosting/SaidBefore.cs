using System.Text.RegularExpressions;

namespace Pipeline.Hosting;

/// <summary>Knows what of an outage was said: it goes on every second or faster, and is said when it begins and then once in a while.</summary>
internal sealed partial class SaidBefore(TimeProvider time)
{
    /// <summary>Different ones remembered; beyond it all are forgotten, and said once more.</summary>
    private const int AtMost = 256;

    /// <summary>Not heard of for so long it is over: the next is another outage. Longer than any pause between two tries.</summary>
    private static readonly TimeSpan Over = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Again = TimeSpan.FromMinutes(5);

    private readonly Lock gate = new();
    private readonly Dictionary<string, (DateTimeOffset Said, DateTimeOffset Heard, int Unsaid)> known = new(StringComparer.Ordinal);

    /// <summary>True where it is to be said, and how often it was not since it was last.</summary>
    /// <param name="text">Numbers in it (attempts, counts) make no difference.</param>
    public bool IsNews(string text, out int unsaid)
    {
        var (now, key) = (time.GetUtcNow(), Numbers().Replace(text, "#"));
        unsaid = 0;
        lock (gate)
        {
            if (known.TryGetValue(key, out var before) && now - before.Heard < Over)
            {
                if (now - before.Said < Again)
                {
                    known[key] = (before.Said, now, before.Unsaid + 1);
                    return false;
                }
                unsaid = before.Unsaid;
            }
            if (known.Count >= AtMost) known.Clear();
            known[key] = (now, now, 0);
            return true;
        }
    }

    [GeneratedRegex("[0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Numbers();
}
