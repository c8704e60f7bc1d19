using Dedupe.Log;

namespace Stores.Sqlite;

/// <summary>What an append writes. Numbers are checked before the first row, so that a refused request leaves nothing behind.</summary>
internal static class Appends
{
    public static Catalogue Scope(Connection connection, Catalogue now, string name)
    {
        // Two callers may have asked at once.
        if (now.Scopes.Any(s => s.Name == name)) return now;
        var empty = new LogPosition(0, DateTimeOffset.MinValue, 0, 0, 1);
        connection.Prepare("INSERT INTO scopes (number, name, gone_at) VALUES (?, ?, ?)")
            .Bind(1, now.Scopes.Length + 1).Bind(2, name).Bind(3, Tables.Milliseconds(empty.LastAt)).Run();
        return now with { Scopes = now.Scopes.Add(new(name, empty)) };
    }

    public static Catalogue Begin(Connection connection, Catalogue now, int scope, LogPosition position)
    {
        var (stands, begins) = (now.Scope(scope).Position, position.AsBeginning());
        if (stands == begins) return now;
        if (stands is not { LastInput: 0, LastDecision: 0 })
            throw new WrongNumberException($"scope {scope} has begun: it stands at input {stands.LastInput} and decision {stands.LastDecision}");
        connection.Prepare("UPDATE scopes SET gone_input = ?, gone_at = ?, gone_decision = ?, gone_decided = ? WHERE number = ?")
            .Bind(1, begins.LastInput).Bind(2, Tables.Milliseconds(begins.LastAt)).Bind(3, begins.LastDecision).Bind(4, begins.LastDecided).Bind(5, scope)
            .Run();
        return now.With(scope, begins);
    }

    /// <param name="keys">False where keys come on their own.</param>
    public static Catalogue Inputs(Connection connection, Catalogue now, IReadOnlyList<InputRecord> inputs, bool keys = true)
    {
        var positions = new InputRecord?[now.Scopes.Length + 1];
        for (var i = 0; i < inputs.Count; i++)
        {
            var input = inputs[i];
            var last = now.Scope(input.Scope).Position.LastInput;
            if (positions[input.Scope] is { } earlier) last = earlier.Number;
            if (input.Number != last + 1)
                throw new WrongNumberException($"scope {input.Scope}: input {input.Number} does not follow the last one, {last}");
            positions[input.Scope] = input;
        }

        Statement? insert = null;
        var segment = default(Segment);
        InputRecord? keyed = null;
        for (var i = 0; i < inputs.Count; i++)
        {
            var input = inputs[i];
            var wanted = Segment.OfInputs(input.At);
            if (insert is null || wanted.Period > segment.Period)
            {
                segment = Current(connection, ref now, wanted);
                insert = connection.Prepare(Tables.InsertInput(segment));
            }
            Tables.Insert(insert, input);
            // A delivery for several scopes comes as neighbours under one key.
            if (!keys || input.Key is null || (keyed is not null && keyed.Key == input.Key && keyed.Source == input.Source)) continue;
            keyed = input;
            Key(connection, new(input.Source, input.Key, KeyRecord.HashOf(input.Body.Span), input.ReceivedAt));
        }

        for (var scope = 1; scope < positions.Length; scope++)
            if (positions[scope] is { } last)
                now = now.With(scope, now.Scope(scope).Position with { LastInput = last.Number, LastAt = last.At });
        return now;
    }

    public static Catalogue Keys(Connection connection, Catalogue now, IReadOnlyList<KeyRecord> keys)
    {
        foreach (var key in keys) Key(connection, key);
        return now;
    }

    public static Catalogue Decisions(
        Connection connection, Catalogue now, int scope, long expected, IReadOnlyList<DecisionRecord> decisions)
    {
        var position = now.Scope(scope).Position;
        if (position.LastDecision != expected)
            throw new WrongNumberException($"scope {scope}: the last decision is {position.LastDecision}, not {expected}");
        for (var i = 0; i < decisions.Count; i++)
            if (decisions[i].Version != expected + 1 + i)
                throw new WrongNumberException($"scope {scope}: decision {decisions[i].Version} does not follow {expected + i}");
        if (decisions.Count == 0) return now;

        Statement? insert = null;
        var segment = default(Segment);
        for (var i = 0; i < decisions.Count; i++)
        {
            var wanted = Segment.OfDecisions(decisions[i].At);
            if (insert is null || wanted.Period > segment.Period)
            {
                segment = Current(connection, ref now, wanted);
                insert = connection.Prepare(Tables.InsertDecision(segment));
            }
            Tables.Insert(insert, scope, decisions[i]);
        }
        return now.With(scope, position with { LastDecision = decisions[^1].Version, LastDecided = decisions[^1].Input });
    }

    public static Catalogue Outcomes(Connection connection, Catalogue now, IReadOnlyList<OutcomeRecord> outcomes)
    {
        foreach (var outcome in outcomes)
            connection.Prepare("INSERT INTO outcomes (page, pager, state, at, attempts, answer) VALUES (?, ?, ?, ?, ?, ?)")
                .Bind(1, outcome.PageId).Bind(2, outcome.Pager).Bind(3, (long)outcome.State).Bind(4, Tables.Milliseconds(outcome.At))
                .Bind(5, outcome.Attempts).Bind(6, outcome.Answer).Run();
        return now;
    }

    private static void Key(Connection connection, KeyRecord key) => connection.Prepare("INSERT INTO keys (at, source, key, hash) VALUES (?, ?, ?, ?)")
        .Bind(1, Tables.Milliseconds(key.At)).Bind(2, key.Source).Bind(3, key.Key).Bind(4, unchecked((long)key.BodyHash)).Run();

    /// <summary>The segment to append to: never one before the newest, so that a scope's numbers follow the segments' order.</summary>
    private static Segment Current(Connection connection, ref Catalogue now, Segment wanted)
    {
        var segments = now.Segments(wanted.Kind);
        if (segments.Length > 0 && segments[^1].Period >= wanted.Period) return segments[^1];
        Tables.Create(connection, wanted);
        now = now.With(wanted);
        return wanted;
    }
}
