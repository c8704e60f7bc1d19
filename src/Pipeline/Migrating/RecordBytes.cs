using Dedupe.Log;

namespace Pipeline.Migrating;

/// <summary>A record as bytes that differ wherever two records do: what is compared and hashed. Not stored anywhere.</summary>
internal static class RecordBytes
{
    public static void Write(BinaryWriter to, InputRecord input)
    {
        to.Write(input.Scope);
        to.Write(input.Number);
        to.Write(input.At.ToUnixTimeMilliseconds());
        to.Write((byte)input.Kind);
        to.Write(input.ReceivedAt.ToUnixTimeMilliseconds());
        to.Write(input.Source);
        to.Write(input.Id);
        Write(to, input.Key);
        Write(to, input.Body);
    }

    public static void Write(BinaryWriter to, DecisionRecord decision)
    {
        to.Write(decision.Version);
        to.Write(decision.Input);
        to.Write(decision.At.ToUnixTimeMilliseconds());
        to.Write(decision.Type);
        Write(to, decision.Incident);
        Write(to, decision.Data);
    }

    public static void Write(BinaryWriter to, OutcomeRecord outcome)
    {
        to.Write(outcome.PageId);
        to.Write(outcome.Pager);
        to.Write((byte)outcome.State);
        to.Write(outcome.At.ToUnixTimeMilliseconds());
        to.Write(outcome.Attempts);
        to.Write(outcome.Answer);
    }

    public static void Write(BinaryWriter to, KeyRecord key)
    {
        to.Write(key.Source);
        to.Write(key.Key);
        to.Write(key.BodyHash);
        to.Write(key.At.ToUnixTimeMilliseconds());
    }

    private static void Write(BinaryWriter to, string? text)
    {
        to.Write(text is not null);
        if (text is not null) to.Write(text);
    }

    private static void Write(BinaryWriter to, ReadOnlyMemory<byte> bytes)
    {
        to.Write(bytes.Length);
        to.Write(bytes.Span);
    }
}
