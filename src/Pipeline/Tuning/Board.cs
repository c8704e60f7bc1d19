using Dedupe.Rules;

namespace Pipeline.Tuning;

/// <summary>All knobs as they stand for one set of rules, and what other positions mean. A position is a step for each knob.</summary>
internal sealed class Board
{
    private readonly RuleSet rules;

    public Board(RuleSet rules)
    {
        this.rules = rules;
        Knobs = [.. Knob.All.Select(k => k.With(rules))];
        Start = new([.. Knobs.Select(k => k.Steps.ToList().IndexOf(k.Read(rules)))]);
    }

    public IReadOnlyList<Knob> Knobs { get; }

    /// <summary>The rules as they are.</summary>
    public Position Start { get; }

    public RuleSet Rules(Position at)
    {
        var turned = rules;
        for (var i = 0; i < Knobs.Count; i++)
            if (at[i] != Start[i]) turned = Knobs[i].Turn(turned, Knobs[i].Steps[at[i]]);
        return turned;
    }

    /// <summary>What differs from the rules as they are, by key.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Settings(Position at) =>
        [.. Knobs.Select((k, i) => (k, i)).Where(x => at[x.i] != Start[x.i]).Select(x => KeyValuePair.Create(x.k.Key, x.k.Steps[at[x.i]]))];

    /// <summary>Each knob turned to every other value.</summary>
    public IEnumerable<Position> Others(Position at) =>
        Knobs.SelectMany((knob, i) => Enumerable.Range(0, knob.Steps.Count).Where(step => step != at[i]).Select(step => at.With(i, step)));

    /// <summary>Each knob turned by one step.</summary>
    public IEnumerable<Position> Next(Position at) => Others(at).Where(other => Enumerable.Range(0, Knobs.Count).All(i => Math.Abs(other[i] - at[i]) <= 1));
}

/// <summary>A step for each knob; two with the same steps are the same.</summary>
internal sealed class Position(int[] steps) : IEquatable<Position>
{
    public int this[int knob] => steps[knob];

    public Position With(int knob, int step)
    {
        var other = (int[])steps.Clone();
        other[knob] = step;
        return new(other);
    }

    public bool Equals(Position? other) => other is not null && this.ToString() == other.ToString();

    public override bool Equals(object? obj) => Equals(obj as Position);

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    public override string ToString() => string.Join(',', steps);
}
