using System.Net;
using Dedupe.Vocabulary;
using Ingest.Reading;

namespace Ingest;

/// <summary>GitHub's webhooks: what was deployed, released and pushed. The event is known by what the body holds.</summary>
/// <example><code>
/// {"action":"created","deployment":{"id":145988746,"sha":"f95f852b...","ref":"master","task":"deploy","environment":"production",
///   "created_at":"2026-01-31T12:00:00Z"},"repository":{"name":"shop","html_url":"https://github.com/acme/shop"}}
/// </code>As JSON, or as the form <c>payload=...</c> that GitHub sends unless told otherwise. A deployment's payload may name its service or services; else
/// the repository is the service. Events that change nothing (checks, comments, a branch other than the default one, a status before the end) are taken and
/// are no change.</example>
internal sealed class GitHubSource : ISource
{
    public string Name => "github";

    public Parsed Parse(ReadOnlyMemory<byte> body, ParseContext context) =>
        ObjectBody.Parse(body.Span.StartsWith(Form) ? WebUtility.UrlDecodeToBytes(body.ToArray(), Form.Length, body.Length - Form.Length) : body, context, Read);

    private static ReadOnlySpan<byte> Form => "payload="u8;

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
            : fields.Has("workflow_run") ? Workflow(fields.In("workflow_run"), fields.Maybe("action"), repository, name)
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
        var how = state is null ? "" : $", {state.Replace('_', ' ')}";
        return new(
            $"github:deployment:{id}", deployment.When("created_at") ?? default, ChangeWords.Kind(words, "deploy"),
            $"{repository}: {reference ?? sha} to {environment ?? "an environment"}{how}", services, Url: status.Maybe("target_url") ?? deployment.Maybe("url"), Version: sha, Environment: environment);
    }

    private static Change? Workflow(Fields run, string? action, Fields repository, string service)
    {
        if (action != "completed" || run.Maybe("conclusion") is not ("success" or "failure") || run.Maybe("id") is not { } id) return null;
        var (name, branch) = (run.Maybe("name") ?? run.Maybe("path") ?? "workflow", run.Maybe("head_branch"));
        var kind = ChangeWords.Kind(name, ChangeWords.Ci);
        // Runs of the night and of branches that are not merged change nothing that runs.
        if (kind == ChangeWords.Ci && (branch != (repository.Maybe("default_branch") ?? "main") || run.Maybe("event") is "schedule" or "pull_request" or "pull_request_target")) return null;
        if (kind == "deploy" && ChangeWords.IsRevert(run.In("head_commit").Maybe("message"))) kind = "rollback";
        // When it began: what breaks breaks before the run is through.
        return new(
            $"github:workflow:{id}", run.When("run_started_at") ?? run.When("created_at") ?? default, kind,
            $"{service}: {name} of {branch}{(run.Maybe("conclusion") == "failure" ? ", failure" : "")}", [service],
            Url: run.Maybe("html_url"), Version: run.Maybe("head_sha"));
    }

    private static Change? Release(Fields release, string? action, string repository) =>
        action is not ("published" or "released") || release.Maybe("draft") == "true" || release.Maybe("id") is not { } id ? null
        : new($"github:release:{id}", release.When("published_at") ?? default, "release", $"{repository}: release {release.Maybe("tag_name")}", [repository],
            Url: release.Maybe("html_url"), Version: release.Maybe("tag_name"));

    /// <summary>What the head takes back; of a merge, what the commit that was merged does.</summary>
    private static string? RevertedBy(Fields push, string? message)
    {
        if (!ChangeWords.IsRevert(message)) return null;
        var reverted = ChangeWords.Reverted(message);
        foreach (var commit in push.Objects("commits")) reverted ??= ChangeWords.Reverted(push.Inside(commit).Maybe("message"));
        return reverted;
    }

    private static Change? Push(Fields push, Fields repository, string name)
    {
        var (reference, after) = (push.Maybe("ref"), push.Maybe("after")!);
        if (reference != $"refs/heads/{repository.Maybe("default_branch") ?? "main"}" || after.All(c => c == '0')) return null;
        var head = push.In("head_commit");
        var message = head.Maybe("message");
        return new(
            after, repository.When("pushed_at") ?? default, ChangeWords.IsRevert(message) ? "rollback" : "push",
            $"{name}: {ChangeWords.Title(message) ?? after}", [name], RevertedBy(push, message), push.Maybe("compare"), after);
    }
}
