namespace Pipeline.Tuning;

/// <summary>Looks for the rules that nothing beats in both pages and recall.</summary>
/// <remarks>
/// Pareto local search: from the rules as they are every knob alone is turned to every other value, then from each unbeaten trial every knob by one step,
/// until nothing unbeaten is left to start from or the trials are used up. Source: L. Paquete, M. Chiarandini, T. Stützle, "Pareto local optimum sets in
/// the biobjective traveling salesman problem", 2004. It gives the same trials in the same order however many of them run at once.
/// </remarks>
internal sealed class ParetoSearch(Board board, int most)
{
    private readonly List<Trial> trials = [];
    private readonly HashSet<Position> known = [];
    private readonly HashSet<Position> explored = [];

    /// <param name="evaluate">Tries positions, which may be done side by side, and gives an outcome a file for each in their order.</param>
    public async Task<IReadOnlyList<Trial>> RunAsync(Func<IReadOnlyList<Position>, Task<IReadOnlyList<IReadOnlyList<FileOutcome>>>> evaluate)
    {
        await TryAsync([board.Start], evaluate);
        for (IEnumerable<Position>? next = board.Others(board.Start); next is not null && trials.Count < most; next = Neighbours())
            await TryAsync([.. next.Where(p => !known.Contains(p)).Take(most - trials.Count)], evaluate);
        return trials;
    }

    /// <summary>The trials that no other beats, cheapest first; of equal ones that which was tried first, which is nearest to the rules as they are.</summary>
    public static IReadOnlyList<Trial> Front(IReadOnlyList<Trial> trials) =>
    [
        .. trials.Where(t => !trials.Any(o => o.Whole.Beats(t.Whole) || (o.Id < t.Id && o.Whole.Equals(t.Whole.Pages, t.Whole.Named)))).OrderBy(t => t.Whole.Pages),
    ];

    private IEnumerable<Position>? Neighbours()
    {
        explored.Add(board.Start);
        var from = Front(trials).Where(t => !explored.Contains(t.At)).MinBy(t => t.Id);
        if (from is null) return null;
        explored.Add(from.At);
        return board.Next(from.At);
    }

    private async Task TryAsync(List<Position> positions, Func<IReadOnlyList<Position>, Task<IReadOnlyList<IReadOnlyList<FileOutcome>>>> evaluate)
    {
        if (positions.Count == 0) return;
        known.UnionWith(positions);
        var outcomes = await evaluate(positions);
        for (var i = 0; i < positions.Count; i++) trials.Add(new(trials.Count, positions[i], outcomes[i]));
    }
}
