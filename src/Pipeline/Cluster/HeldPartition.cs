using System.Collections.Concurrent;

namespace Pipeline.Cluster;

/// <summary>A partition that is read here, and what its reader has learned of scopes that are decided elsewhere.</summary>
internal sealed class HeldPartition(int number)
{
    /// <summary>Names and ids remembered of each kind; beyond it all are forgotten, and asked for again.</summary>
    private const int AtMost = 10_000;

    private readonly HashSet<string> beyond = new(StringComparer.Ordinal), sentOn = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> left = new(StringComparer.Ordinal);

    public int Number => number;

    public CancellationTokenSource Stop { get; } = new();

    public Task Reading { get; set; } = Task.CompletedTask;

    /// <summary>Used by what begins it, and then by its reader alone.</summary>
    public bool Hears { get; set; }

    /// <summary>Scopes whose deliveries came here once; at most as many as there may be scopes.</summary>
    public IEnumerable<string> Left => left.Keys;

    public void NoteLeft(string scope) => left[scope] = true;

    public void NoteBack(string scope) => left.TryRemove(scope, out _);

    /// <summary>Turned away for want of room: scopes are never fewer, so it stays that way while this node runs.</summary>
    public bool IsBeyond(string scope) => beyond.Contains(scope);

    public void NoteBeyond(string scope) => Note(beyond, scope);

    /// <summary>True when a delivery was sent to its scope's own partition from here, and is here again.</summary>
    public bool WasSentOn(string delivery) => sentOn.Contains(delivery);

    public void NoteSentOn(string scope, string delivery)
    {
        NoteLeft(scope);
        Note(sentOn, delivery);
    }

    private static void Note(HashSet<string> among, string text)
    {
        if (among.Count >= AtMost) among.Clear();
        among.Add(text);
    }
}
