namespace Dedupe.Grouping;

/// <summary>Members of an incident that begin, all at once after a calm: a crowd that comes back is another failure than the one it was part of.</summary>
/// <remarks>A statistic of the incident. Deliveries are counted, not alerts: one that says everything again is a re-send.</remarks>
internal struct Wave
{
    /// <summary>More than these within a minute are a crowd.</summary>
    public const int Crowd = 8;
    private const long WithinMs = 60_000;

    public long LastBegin;

    /// <summary>When the present wave began, after a calm; 0 where it is the incident's own beginning.</summary>
    public long From;

    /// <summary>Deliveries with a member that began in it, and the last of them.</summary>
    public int Count;
    public long LastInput;

    public void Begin(long at, long input, long calmMs)
    {
        if (LastBegin == 0) (From, Count) = (0, 0);
        else if (at - LastBegin >= calmMs) (From, Count) = (at, 0);
        LastBegin = at;
        if (input == LastInput) return;
        LastInput = input;
        Count++;
    }

    /// <summary>True where one more that begins now, with another delivery, makes a crowd of it.</summary>
    public readonly bool Breaks(long at, long input) => From > 0 && at - From <= WithinMs && Count + (input == LastInput ? 0 : 1) > Crowd;
}
