using Dedupe.Deciding;
using Dedupe.Log;
using Dedupe.Rules;
using Dedupe.Vocabulary;
using Ingest;

namespace Pipeline.Hosting;

/// <summary>A recorded input on its way to its scope's decider, and who waits for it to be decided.</summary>
internal readonly record struct Envelope(Input Input, TaskCompletionSource? Decided)
{
    /// <summary>Something to look up in the decider, behind what came before it; no input then.</summary>
    public Action<Decider>? Asks { get; init; }

    /// <summary>No input: it wakes who decides, or asks.</summary>
    public bool OnlyWakes => Input is null;
}

/// <summary>Something to record: a delivery, or an input of our own. Answered once it is durable.</summary>
internal sealed class Recordable(InputKind kind)
{
    public InputKind Kind => kind;
    public required DateTimeOffset ReceivedAt { get; init; }
    public ReadOnlyMemory<byte> Body { get; init; }
    public string Source { get; init; } = "";
    public string? Key { get; init; }

    /// <summary>Of a delivery: what the parser found.</summary>
    public Parsed? Parsed { get; init; }

    /// <summary>The scopes it goes to; null for every scope there is. A delivery finds its own.</summary>
    public int? Scope { get; init; }

    /// <summary>Of a delivery that came over the broker: its id there, and the one scope it is for.</summary>
    public (string Id, string Scope)? Carried { get; init; }

    /// <summary>Why it was not recorded with the rest of its group, where it was not.</summary>
    public string? Refused { get; set; }

    /// <summary>Makes the decider's input of it.</summary>
    public Func<long, DateTimeOffset, Input>? Make { get; init; }

    /// <summary>Completed when every scope it went to has decided it and the views show it; null where nobody waits for that.</summary>
    public List<Task>? DecidedTasks { get; init; }

    /// <summary>
    /// Answered once committed. Of a delivery, what waits for it runs on in the recorder's thread: it only writes the answer, and a wake of
    /// another thread would cost more than that. Our own inputs run on elsewhere.
    /// </summary>
    /// <remarks>Made at once: the recorder may answer before who asks has begun to wait, and both must hold the same one.</remarks>
    public TaskCompletionSource<IntakeAnswer> Recorded { get; } =
        new(kind == InputKind.Delivery ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>Which scope an alert is of.</summary>
internal static class ScopeNames
{
    public const string Default = ScopeRules.Default;

    public static string Of(Alert alert, string? label) => label is null ? Default : alert.Identity.Labels[label] ?? Default;
}
