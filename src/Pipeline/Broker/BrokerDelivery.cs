namespace Pipeline.Broker;

/// <summary>One delivery on its way through the broker, for one scope.</summary>
/// <param name="Id">"{incarnation}-{sequence}" of the ingest process that took it: the same in every scope, and in every copy of the message.</param>
/// <param name="Scope">Null for every scope there is.</param>
/// <param name="Source">The monitoring system's format, which the body is parsed by again.</param>
/// <param name="ReceivedAt">Whole milliseconds, UTC.</param>
/// <param name="Key">Idempotency-Key or the source's message id.</param>
/// <param name="Body">Raw, as received.</param>
internal sealed record BrokerDelivery(string Id, string? Scope, string Source, DateTimeOffset ReceivedAt, string? Key, ReadOnlyMemory<byte> Body);
