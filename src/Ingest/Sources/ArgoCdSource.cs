using Ingest.Reading;

namespace Ingest;

/// <summary>Argo CD's notifications webhook, whose body its users write: the application as it is, or the few fields that templates usually pick.</summary>
/// <example><code>
/// {"app":{"metadata":{"name":"orders"},"spec":{"destination":{"namespace":"shop"}},"status":{"operationState":{"phase":"Succeeded",
///   "startedAt":"2026-01-31T12:00:00Z","syncResult":{"revision":"c6d86dc6"}}}}}
/// {"app":"orders","phase":"Succeeded","revision":"c6d86dc6","startedAt":"2026-01-31T12:00:00Z"}
/// </code>The application is the service. A sync under way is no change yet; the end of it is.</example>
internal sealed class ArgoCdSource : ISource
{
    public string Name => "argocd";

    public Parsed Parse(ReadOnlyMemory<byte> body, ParseContext context) => ObjectBody.Parse(body, context, Read);

    private static bool Read(Fields fields, ParseContext context, Found found, out Flaw flaw)
    {
        flaw = default;
        var named = fields.Has("app") ? "app" : "application";
        var app = fields.In(named);
        var operation = app.In("status").In("operationState");
        var name = app.In("metadata").Maybe("name") ?? fields.Maybe(named) ?? fields.Maybe("name");
        if (name is null)
        {
            flaw = new(fields.Path("app"), "is missing; send {\"app\":{{toJson .app}}} or {\"app\":\"{{.app.metadata.name}}\",\"phase\":\"...\",\"revision\":\"...\"}");
            return false;
        }
        var phase = operation.Maybe("phase") ?? fields.Maybe("phase") ?? fields.Maybe("status");
        if (phase is "Running" or "Terminating") return true;
        var revision = operation.In("syncResult").Maybe("revision") ?? fields.Maybe("revision") ?? app.In("status").In("sync").Maybe("revision");
        var at = operation.When("startedAt") ?? fields.When("startedAt") ?? fields.When("finishedAt");
        var message = fields.Maybe("message") ?? operation.Maybe("message");
        var ended = phase is null or "Succeeded" or "Synced" ? "" : $", {phase.ToLowerInvariant()}";
        found.Changes.Add(new(
            $"argocd:{name}:{revision ?? ""}:{at?.ToUnixTimeSeconds() ?? 0}", at ?? context.ReceivedAt, ChangeWords.Kind(ChangeWords.IsRevert(message) ? "revert" : fields.Maybe("kind"), "deploy"),
            $"{name}: sync to {Short(revision) ?? "an unnamed revision"}{ended}", [name], Url: fields.Maybe("url"), Version: revision));
        return true;
    }

    private static string? Short(string? revision) => revision is { Length: 40 } ? revision[..8] : revision;
}
