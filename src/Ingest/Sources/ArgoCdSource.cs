using Ingest.Reading;

namespace Ingest;

/// <summary>Argo CD's notifications webhook, whose body its users write: the application as it is, or the few fields that templates usually pick.</summary>
/// <example><code>
/// {"app":{"metadata":{"name":"orders"},"spec":{"destination":{"namespace":"shop"}},"status":{"operationState":{"phase":"Succeeded",
///   "startedAt":"2026-01-31T12:00:00Z","syncResult":{"revision":"c6d86dc6"}},"history":[{"revision":"279484c0"},{"revision":"c6d86dc6"}]}}}
/// {"app":"orders","phase":"Succeeded","revision":"c6d86dc6","startedAt":"2026-01-31T12:00:00Z"}
/// </code>The application is the service. A sync under way is no change yet, and health is none at all; the end of a sync is. A revision that the
/// application's history has already, with another one since, is a rollback.</example>
internal sealed class ArgoCdSource : ISource
{
    private static readonly string[] Names = ["app", "application", "appName", "app_name", "name"], Phases = ["phase", "operationPhase", "status", "syncStatus", "sync_status", "state"];
    private static readonly string[] Ends = ["Succeeded", "Synced", "Failed", "Error", "success", "failure"];

    public string Name => "argocd";

    public Parsed Parse(ReadOnlyMemory<byte> body, ParseContext context) => ObjectBody.Parse(body, context, Read);

    private static bool Read(Fields fields, ParseContext context, Found found, out Flaw flaw)
    {
        flaw = default;
        var app = fields.In(fields.Has("app") ? "app" : "application");
        var status = app.In("status");
        var operation = status.In("operationState");
        var name = app.In("metadata").Maybe("name") ?? FirstOf(fields, Names);
        if (name is null)
        {
            flaw = new(fields.Path("app"), "is missing; send {\"app\":{{toJson .app}}} or {\"app\":\"{{.app.metadata.name}}\",\"phase\":\"...\",\"revision\":\"...\"}");
            return false;
        }
        var phase = operation.Maybe("phase") ?? FirstOf(fields, Phases);
        if (phase is not null && !Ends.Contains(phase, StringComparer.OrdinalIgnoreCase)) return true;
        var revision = operation.In("syncResult").Maybe("revision") ?? fields.Maybe("revision") ?? status.In("sync").Maybe("revision");
        var at = operation.When("startedAt") ?? fields.When("startedAt") ?? fields.When("finishedAt");
        var message = fields.Maybe("message") ?? operation.Maybe("message");
        var back = ChangeWords.IsRevert(message) || (revision is not null && RanBefore(status, revision));
        var ended = phase is null || phase.StartsWith("S", StringComparison.OrdinalIgnoreCase) ? "" : $", {phase.ToLowerInvariant()}";
        found.Changes.Add(new(
            $"argocd:{name}:{revision ?? ""}:{at?.ToUnixTimeSeconds() ?? 0}", at ?? context.ReceivedAt, back ? "rollback" : ChangeWords.Kind(fields.Maybe("kind"), "deploy"),
            $"{name}: sync to {Short(revision) ?? "an unnamed revision"}{ended}", [name], Url: fields.Maybe("url"), Version: revision));
        return true;
    }

    /// <summary>The history ends with the revision that runs now.</summary>
    private static bool RanBefore(Fields status, string revision)
    {
        var revisions = new List<string?>();
        foreach (var entry in status.Objects("history")) revisions.Add(status.Inside(entry).Maybe("revision"));
        if (revisions.Count > 0 && revisions[^1] == revision) revisions.RemoveAt(revisions.Count - 1);
        return revisions.LastIndexOf(revision) is var at and >= 0 && at < revisions.Count - 1;
    }

    private static string? FirstOf(Fields fields, string[] names)
    {
        foreach (var name in names)
            if (fields.Maybe(name) is { } text) return text;
        return null;
    }

    private static string? Short(string? revision) => revision is { Length: 40 } ? revision[..8] : revision;
}
