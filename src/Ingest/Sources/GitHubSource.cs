using Dedupe.Vocabulary;
using Ingest.Reading;

namespace Ingest;

/// <summary>GitHub's webhooks: what was deployed, released and pushed. The event is known by what the body holds.</summary>
/// <example><code>
/// {"action":"created","deployment":{"id":145988746,"sha":"f95f852b...","ref":"master","task":"deploy","environment":"production",
///   "created_at":"2026-01-31T12:00:00Z"},"repository":{"name":"shop","html_url":"https://github.com/acme/shop"}}
/// </code>A deployment's payload may name its service or services; else the repository is the service. Events that change nothing that runs
/// (checks, comments, a branch other than the default one, a status before the end) are taken and are no change.</example>
internal sealed class GitHubSource : ISource
{
    public string Name => "github";

    public Parsed Parse(ReadOnlyMemory<byte> body, ParseContext context) => ObjectBody.Parse(body, context, Read);

    private static bool Read(Fields fields, ParseContext context, Found found, out Flaw flaw)
    {
        flaw = default;
        var repository = fields.In("repository");
        if (repository.Maybe("name") is not { } name)
        {
            // A ping of an organisation's webhook names no repository.
            if (fields.Has("zen") || fields.Has("hook_id")) return true;
            flaw = new(fields.Path("repository.name"), "is missing; this is no event of GitHub");
            return false;
        }
        var change = fields.Has("deployment") ? Deployment(fields, name)
            : fields.Has("workflow_run") ? Workflow(fields.In("workflow_run"), fields.Maybe("action"), name)
            : fields.Has("release") ? Release(fields.In("release"), fields.Maybe("action"), name)
            : fields.Has("ref") && fields.Has("after") ? Push(fields, repository, name)
            : null;
        if (change is not null) found.Changes.Add(change with { At = change.At == default ? context.ReceivedAt : change.At });
        return true;
    }

    private static Change? Deployment(Fields fields, string repository)
    {
        var deployment = fields.In("deployment");
        var status = fields.In("deployment_status");
        // Statuses tell of the same change again, and only their end is news.
        var state = fields.Has("deployment_status") ? status.Maybe("state") : null;
        if (state is "pending" or "queued" or "waiting" or "inactive" || deployment.Maybe("id") is not { } id) return null;
        var (sha, reference, environment) = (deployment.Maybe("sha"), deployment.Maybe("ref"), deployment.Maybe("environment"));
        var payload = deployment.In("payload");
        var services = payload.List(payload.Has("services") ? "services" : "service", out var named, out _) && named.Count > 0 ? named : [repository];
        var words = $"{deployment.Maybe("task")} {deployment.Maybe("description")}";
        var ended = state is null or "success" or "in_progress" ? "" : $", {state}";
        return new(
            $"github:deployment:{id}", deployment.When("created_at") ?? default, ChangeWords.Kind(words, "deploy"),
            $"{repository}: {reference ?? sha} to {environment ?? "an environment"}{ended}", services, Url: status.Maybe("target_url") ?? deployment.Maybe("url"), Version: sha);
    }

    private static Change? Workflow(Fields run, string? action, string repository)
    {
        if (action != "completed" || run.Maybe("conclusion") is not ("success" or "failure") || run.Maybe("id") is not { } id) return null;
        var name = run.Maybe("name") ?? "workflow";
        // A run that only builds and tests changes nothing that runs.
        if (ChangeWords.Kind(name, "") is not { Length: > 0 } kind) return null;
        return new(
            $"github:workflow:{id}", run.When("updated_at") ?? run.When("created_at") ?? default, kind,
            $"{repository}: {name} of {run.Maybe("head_branch")}{(run.Maybe("conclusion") == "failure" ? ", failure" : "")}", [repository],
            Url: run.Maybe("html_url"), Version: run.Maybe("head_sha"));
    }

    private static Change? Release(Fields release, string? action, string repository) =>
        action is not ("published" or "released") || release.Maybe("draft") == "true" || release.Maybe("id") is not { } id ? null
        : new($"github:release:{id}", release.When("published_at") ?? default, "release", $"{repository}: release {release.Maybe("tag_name")}", [repository],
            Url: release.Maybe("html_url"), Version: release.Maybe("tag_name"));

    private static Change? Push(Fields push, Fields repository, string name)
    {
        var (reference, after) = (push.Maybe("ref"), push.Maybe("after")!);
        if (reference != $"refs/heads/{repository.Maybe("default_branch") ?? "main"}" || after.All(c => c == '0')) return null;
        var head = push.In("head_commit");
        var message = head.Maybe("message");
        return new(
            after, head.When("timestamp") ?? default, ChangeWords.IsRevert(message) ? "rollback" : "push",
            $"{name}: {ChangeWords.Title(message) ?? after}", [name], ChangeWords.Reverted(message), push.Maybe("compare"), after);
    }
}
