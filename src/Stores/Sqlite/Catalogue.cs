using System.Collections.Immutable;
using Dedupe.Log;

namespace Stores.Sqlite;

/// <summary>What is where, as of one commit: kept in memory, so that an append asks the file nothing.</summary>
/// <param name="Scopes">Scope n is at n - 1.</param>
/// <param name="Inputs">Daily segments, oldest first.</param>
/// <param name="Decisions">Monthly segments, oldest first.</param>
internal sealed record Catalogue(ImmutableArray<ScopeState> Scopes, ImmutableArray<Segment> Inputs, ImmutableArray<Segment> Decisions)
{
    public ScopeState Scope(int number) =>
        number >= 1 && number <= Scopes.Length
            ? Scopes[number - 1]
            : throw new ArgumentOutOfRangeException(nameof(number), number, "no scope has this number; ILog.ScopeAsync makes one");

    public Catalogue With(int scope, LogPosition position) =>
        this with { Scopes = Scopes.SetItem(scope - 1, Scopes[scope - 1] with { Position = position }) };

    public ImmutableArray<Segment> Segments(string kind) => kind == Segment.Inputs ? Inputs : Decisions;

    public Catalogue With(Segment added) =>
        added.Kind == Segment.Inputs
            ? this with { Inputs = Inputs.Add(added) }
            : this with { Decisions = Decisions.Add(added) };

    public Catalogue Without(Segment segment) =>
        segment.Kind == Segment.Inputs
            ? this with { Inputs = Inputs.Remove(segment) }
            : this with { Decisions = Decisions.Remove(segment) };

    /// <summary>Reads it from the tables: a few seeks a segment and scope, however long the log is.</summary>
    public static Catalogue Read(Connection connection)
    {
        var going = new HashSet<string>(StringComparer.Ordinal);
        using (var rows = connection.Prepare("SELECT segment FROM going"))
            while (rows.Step()) going.Add(rows.Text(0));
        var segments = new List<Segment>();
        using (var rows = connection.Prepare("SELECT name FROM sqlite_master WHERE type = 'table'"))
            while (rows.Step())
                if (rows.Text(0) is var table && !going.Contains(table) && Segment.Parse(table) is { } segment) segments.Add(segment);
        segments.Sort();
        ImmutableArray<Segment> inputs = [.. segments.Where(s => s.Kind == Segment.Inputs)];
        ImmutableArray<Segment> decisions = [.. segments.Where(s => s.Kind == Segment.Decisions)];

        var scopes = ImmutableArray.CreateBuilder<ScopeState>();
        using (var rows = connection.Prepare(
            "SELECT name, gone_input, gone_at, gone_decision, gone_decided FROM scopes ORDER BY number"))
            while (rows.Step())
            {
                var gone = rows.Long(1);
                scopes.Add(new(rows.Text(0), new(gone, Tables.Time(rows.Long(2)), rows.Long(3), rows.Long(4), gone + 1)));
            }
        for (var i = 0; i < scopes.Count; i++)
        {
            var position = scopes[i].Position;
            if (Last(connection, inputs, i + 1, "at") is var (input, at))
                position = position with { LastInput = input, LastAt = Tables.Time(at) };
            if (Last(connection, decisions, i + 1, "input") is var (version, decided))
                position = position with { LastDecision = version, LastDecided = decided };
            scopes[i] = scopes[i] with { Position = position };
        }
        return new(scopes.ToImmutable(), inputs, decisions);
    }

    /// <summary>The scope's last row in the newest segment that has one: its number and another column.</summary>
    private static (long Number, long Value)? Last(Connection connection, ImmutableArray<Segment> segments, int scope, string column)
    {
        for (var i = segments.Length - 1; i >= 0; i--)
            if (Tables.Last(connection, segments[i], scope, column) is { } found) return found;
        return null;
    }
}

internal sealed record ScopeState(string Name, LogPosition Position);
