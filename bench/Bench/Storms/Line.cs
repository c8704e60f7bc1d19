using System.Text.Json.Nodes;

namespace Bench.Storms;

/// <summary>One delivery, and what its alerts are in truth, in their order.</summary>
internal sealed record Line(TimeSpan At, string Source, JsonNode Body, IReadOnlyList<Told> Alerts);

/// <summary>An alert of a line.</summary>
/// <param name="Of">The signal, or the class of log line, that it is.</param>
internal readonly record struct Told(object Of, State State, string? Failure);
