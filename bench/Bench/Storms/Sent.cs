namespace Bench.Storms;

/// <summary>What was sent of each signal and class of log line, in the order in which it arrives: all that anybody can know.</summary>
internal sealed class Sent
{
    private readonly Dictionary<object, List<(TimeSpan At, State State)>> all = [];

    public Sent(IEnumerable<Line> lines)
    {
        foreach (var line in lines)
            foreach (var told in line.Alerts)
            {
                if (!all.TryGetValue(told.Of, out var list)) all[told.Of] = list = [];
                list.Add((line.At, told.State));
            }
    }

    public IReadOnlyList<(TimeSpan At, State State)> Of(object what) => all.GetValueOrDefault(what) ?? [];

    /// <summary>When it was first sent as bad, or worse, after a moment.</summary>
    public TimeSpan? FirstBad(object what, TimeSpan after, State atLeast = State.Warning) =>
        Of(what).Where(s => s.At >= after && s.State >= atLeast).Select(s => (TimeSpan?)s.At).FirstOrDefault();

    public TimeSpan? FirstWell(object what, TimeSpan after) => Of(what).Where(s => s.At >= after && s.State == State.Ok).Select(s => (TimeSpan?)s.At).FirstOrDefault();

    public TimeSpan? LastBad(object what, TimeSpan before) => Of(what).Where(s => s.At <= before && s.State != State.Ok).Select(s => (TimeSpan?)s.At).LastOrDefault();

    /// <summary>The last that was said of it by then.</summary>
    public State At(object what, TimeSpan at) => Of(what).LastOrDefault(s => s.At <= at).State;

    /// <summary>When it was said to be bad after having been said to be well, in order.</summary>
    public IEnumerable<TimeSpan> Begins(object what, TimeSpan from, TimeSpan to)
    {
        var before = At(what, from);
        foreach (var (at, state) in Of(what).Where(s => s.At > from && s.At <= to))
        {
            if (before == State.Ok && state != State.Ok) yield return at;
            before = state;
        }
    }
}
