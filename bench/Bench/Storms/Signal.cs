namespace Bench.Storms;

/// <summary>What a check truly does over time; what of that is sent, and when, is its watcher's business.</summary>
internal sealed class Signal(Check check)
{
    private readonly SortedList<TimeSpan, (State State, string? Failure)> turns = [];

    public Check Check => check;

    /// <summary>Its number where it is bad, without noise; null for a check without a number.</summary>
    public Func<TimeSpan, double>? Number { get; set; } = check.Bad is { } bad ? _ => bad : null;

    /// <summary>The standard deviation of what is measured, as a part of the number; and the digits it is measured with.</summary>
    public double Noise { get; set; }
    public int Digits { get; set; }

    /// <summary>From then on its watcher says nothing of it any more.</summary>
    public TimeSpan SilentFrom { get; set; } = TimeSpan.MaxValue;

    public IEnumerable<TimeSpan> Turns => turns.Keys;

    public bool IsUsed => turns.Count > 0;

    /// <param name="failure">The failure that it is part of from then on; null where it is nobody's fault.</param>
    public void Turn(TimeSpan at, State state, string? failure) => turns[at] = (state, failure);

    /// <summary>Bad from a moment on, and well again at another one.</summary>
    public void Break(TimeSpan from, TimeSpan to, string? failure)
    {
        Turn(from, check.Severity, failure);
        Turn(to, State.Ok, failure);
    }

    public State At(TimeSpan at) => Last(at).State;

    public string? FailureAt(TimeSpan at) => Last(at).Failure;

    /// <summary>True where it is well for that time, a little before and after included.</summary>
    public bool IsFree(TimeSpan from, TimeSpan to)
    {
        var margin = TimeSpan.FromMinutes(5);
        return At(from - margin) == State.Ok && !turns.Keys.Any(t => t >= from - margin && t <= to + margin);
    }

    public double? Measure(TimeSpan at, Dice dice) => Number is null ? null : Math.Round(Number(at) * (1 + (Noise * dice.Normal())), Digits);

    private (State State, string? Failure) Last(TimeSpan at)
    {
        (State, string?) last = (State.Ok, null);
        foreach (var (when, turn) in turns)
        {
            if (when > at) break;
            last = turn;
        }
        return last;
    }
}
