using Dedupe.Surfacing;
using Dedupe.Vocabulary;

namespace Dedupe.Deciding;

internal enum Phase : byte
{
    /// <summary>Only trained on so far, or only ever told resolved.</summary>
    Quiet,
    Firing,
    Resolved,

    /// <summary>Unheard for too long to count as firing; nobody said that it ended.</summary>
    Expired,
}

/// <summary>All that is remembered of one identity: facts fold only from decisions, statistics only from inputs.</summary>
/// <remarks>
/// Times are Unix milliseconds: a million of these are kept. At most <see cref="MostBytes"/> each, what it shares with others and its own texts aside; what most
/// identities never have is in <see cref="Seldom"/> or made when it is learned.
/// </remarks>
internal sealed partial class IdentityState(Fingerprint fingerprint, LabelSet labels, NameStatistics name, long ordinal) : IDue
{
    public const int MostObservers = 100;

    /// <summary>Of one that fires and is re-sent and never did anything else: 100,000 of these are 37 MiB. A test holds it.</summary>
    public const int MostBytes = 384;

    public Fingerprint Fingerprint { get; private set; } = fingerprint;
    public LabelSet Labels { get; set; } = labels;
    public NameStatistics Name { get; set; } = name;

    /// <summary>Order of creation: what makes ties at one due moment the same everywhere.</summary>
    public long Order { get; } = ordinal;
    public long Armed { get; set; } = Clock.Never;

    // Facts.
    public Phase Phase { get; set; }
    public Severity Severity { get; set; }
    public IncidentState? Incident { get; set; }
    public string Source { get; set; } = "";

    /// <summary>When the present firing stretch began.</summary>
    public long Began { get; set; }

    /// <summary>Went-silent was said, and nothing heard since.</summary>
    public bool Silent { get; set; }
    public bool FlapSaid { get; set; }
    public bool SurvivorSaid { get; set; }

    /// <summary>When a change of it was last surfaced.</summary>
    public long SurfacedAt { get; set; } = -1;

    /// <summary>A declared heartbeat: of no incident while it comes.</summary>
    public bool Beats { get; set; }

    /// <summary>True once a decision has carried the labels.</summary>
    public bool Recorded { get; set; }

    /// <summary>It was known before labels that count today did: an alert may bring what it lacks.</summary>
    public bool Lacks { get; set; }

    // Statistics.
    public long FirstSeen { get; set; } = -1;
    public long LastSeen { get; set; } = -1;
    public long Observations { get; set; }

    /// <summary>Firing observations in a row after the first, since a resolve; -1 before the first.</summary>
    public int Resends { get; set; } = -1;
    public long EndsAt { get; set; } = Clock.Never;

    /// <summary>The severity at which its sender fires it, where the sender has an alert for each; several in <see cref="Voices"/>.</summary>
    public Severity Voice { get; set; }

    /// <summary>No number is NaN: 8 bytes instead of 16.</summary>
    private double value = double.NaN, number = double.NaN;

    public double? Value
    {
        get => double.IsNaN(value) ? null : value;
        set => this.value = value ?? double.NaN;
    }

    /// <summary>Its value, or the number that its text is about.</summary>
    public double? Number
    {
        get => double.IsNaN(number) ? null : number;
        set => number = value ?? double.NaN;
    }

    public string Summary { get; set; } = "";
    public string? Url { get; set; }
    public Habit Habit;
    public FlapHistory Flaps;
    public Episodes Episodes;
    public Burst Burst;
    public HourlyRate Rate;

    /// <summary>The component whose habit it is part of; null where it names none.</summary>
    public string? Place { get; set; }

    private long begunByInput;
    private int begunByAlert;

    /// <summary>What began its present episode.</summary>
    public (long Input, int Alert) BegunBy
    {
        get => (begunByInput, begunByAlert);
        set => (begunByInput, begunByAlert) = value;
    }
    public ulong Mask { get; set; }

    /// <summary>Whose sending the habit is of, and when that was last heard: of several that see the same each keeps its own time.</summary>
    public IReadOnlyList<string> PacedBy { get; set; } = [];
    public long PacedAt { get; set; } = -1;
    public IReadOnlyList<string> Observers { get; set; } = [];
    public IReadOnlyList<string> LastObservers { get; set; } = [];
    public int Uncounted { get; set; }

    public bool IsFiring => Phase == Phase.Firing;

    /// <summary>False where the source brings a key of its own, and the labels are only shown.</summary>
    public bool IsKeyedByLabels => Fingerprint == Fingerprint.Of(Labels);

    /// <summary>Whoever heard this is not who heard it last.</summary>
    public bool HeardByAnother(Alert alert) => alert.Identity.Observers.Count > 0 && !alert.Identity.Observers.SequenceEqual(LastObservers);

    /// <summary>The same thing under the name that other rules give it.</summary>
    public void Rekey(Fingerprint to, LabelSet labels) => (Fingerprint, Labels) = (to, labels);

    /// <summary>Silent and flapping members count as neither firing nor ended.</summary>
    public bool SurelyFires => IsFiring && !Silent && !FlapSaid;
}
