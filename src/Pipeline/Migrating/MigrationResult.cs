using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Client;
using Pipeline.Hosting;

namespace Pipeline.Migrating;

/// <summary>What was copied and compared.</summary>
internal sealed record MigrationResult
{
    /// <summary>Inputs and decisions that an earlier attempt had copied.</summary>
    public long Resumed { get; init; }

    public long Copied { get; init; }

    public int Snapshots { get; init; }

    public IReadOnlyList<MigratedPart> Parts { get; init; } = [];

    /// <summary>Why the copy was not decided again; null where it was, with the same decisions.</summary>
    public string? NotReplayed { get; init; }
}

/// <param name="Scope">Null for what belongs to the whole log.</param>
/// <param name="First">The first number there is: above 1 where the oldest are dropped.</param>
/// <param name="Sha256">Of all records; the same on both sides.</param>
internal sealed record MigratedPart(string What, string? Scope, long First, long Count, string Sha256);

/// <summary>The summary as a program reads it.</summary>
internal sealed record MigrationSummary(
    string From, string To, bool Same, long Resumed, long Copied, int Snapshots, bool Replayed, string? NotReplayed, IReadOnlyList<MigratedPart> Parts);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MigrationSummary))]
internal sealed partial class MigrationJson : JsonSerializerContext;

/// <summary>How a migration is told.</summary>
internal static class MigrationReport
{
    public static void WriteJson(TextWriter output, LogPlace from, LogPlace to, MigrationResult result) => output.WriteLine(JsonSerializer.Serialize(
        new(from.Name, to.Name, true, result.Resumed, result.Copied, result.Snapshots, result.NotReplayed is null, result.NotReplayed, result.Parts), MigrationJson.Default.MigrationSummary));

    public static void WriteTable(TextWriter output, LogPlace from, LogPlace to, MigrationResult result)
    {
        var table = Terminal.Table("what", "scope", ">first", ">count", "sha256");
        foreach (var part in result.Parts) table.AddCells(part.What, part.Scope ?? "", Number(part.First), Number(part.Count), part.Sha256[..16]);
        Terminal.On(output).Write(table);
        output.WriteLine($"{from.Name} and {to.Name} are the same: {Number(result.Copied)} inputs and decisions copied now, {Number(result.Resumed)} before.");
        output.WriteLine(result.NotReplayed is null ? "Decided again by a fresh decider, every decision came out as recorded." : $"Not decided again: {result.NotReplayed}.");
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
