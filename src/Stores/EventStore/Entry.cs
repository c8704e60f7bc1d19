using Dedupe.Log;

namespace Stores.EventStore;

/// <summary>One numbered record as it is stored: an input or a decision.</summary>
internal sealed record Entry(string Type, Head Head, ReadOnlyMemory<byte> Data)
{
    public long Number => Head.Number;

    /// <summary>Decisions are JSON; a delivery is whatever was sent.</summary>
    public bool IsJson => Head.Kind == 0 && Data.Span is [(byte)'{', ..];

    public DateOnly Day => DateOnly.FromDateTime(Time(Head.At).UtcDateTime);

    public static Entry Of(InputRecord input) => new(
        TypeOf(input.Kind),
        new()
        {
            Number = input.Number, At = input.At.ToUnixTimeMilliseconds(), Kind = (byte)input.Kind,
            Received = input.ReceivedAt.ToUnixTimeMilliseconds(), Source = NotEmpty(input.Source), Id = NotEmpty(input.Id), Key = input.Key,
        },
        input.Body);

    public static Entry Of(DecisionRecord decision) => new(
        decision.Type,
        new()
        {
            Number = decision.Version, At = decision.At.ToUnixTimeMilliseconds(), Input = decision.Input, Incident = decision.Incident,
        },
        decision.Data);

    public InputRecord ToInput(int scope) => new(
        scope, Number, Time(Head.At), (InputKind)Head.Kind, Time(Head.Received), Head.Source ?? "", Head.Id ?? "", Head.Key, Data);

    public DecisionRecord ToDecision() => new(Number, Head.Input, Time(Head.At), Type, Head.Incident, Data);

    public static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    // For people and for subscriptions by type; we read the kind's number.
    private static string TypeOf(InputKind kind) => $"{kind.ToString().ToLowerInvariant()}-received";

    private static string? NotEmpty(string text) => text.Length == 0 ? null : text;
}
