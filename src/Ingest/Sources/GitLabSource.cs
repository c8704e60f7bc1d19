using Dedupe.Vocabulary;
using Ingest.Reading;

namespace Ingest;

/// <summary>GitLab's webhooks: deployments, pipelines that deploy, pushes to the default branch, tags and feature flags.</summary>
/// <example><code>
/// {"object_kind":"deployment","status":"success","status_changed_at":"2026-01-31 12:00:00 +0100","deployment_id":15,"environment":"production",
///   "project":{"name":"shop","path_with_namespace":"acme/shop"},"short_sha":"279484c0","commit_title":"Add retries","ref":"main"}
/// </code>The project is the service. Events that change nothing that runs are taken and are no change.</example>
internal sealed class GitLabSource : ISource
{
    public string Name => "gitlab";

    public Parsed Parse(ReadOnlyMemory<byte> body, ParseContext context) => ObjectBody.Parse(body, context, Read);

    private static bool Read(Fields fields, ParseContext context, Found found, out Flaw flaw)
    {
        flaw = default;
        if (fields.Maybe("object_kind") is not { } kind)
        {
            flaw = new(fields.Path("object_kind"), "is missing; this is no event of GitLab");
            return false;
        }
        var project = fields.In("project");
        var service = project.Maybe("path_with_namespace")?.Split('/')[^1] ?? project.Maybe("name") ?? fields.In("repository").Maybe("name") ?? "gitlab";
        var change = kind switch
        {
            "deployment" => Deployment(fields, service),
            "pipeline" => Pipeline(fields.In("object_attributes"), project, service),
            "push" => Push(fields, project, service),
            "tag_push" => Tag(fields, service),
            "feature_flag" => Flag(fields.In("object_attributes"), service),
            _ => null,
        };
        if (change is null) return true;
        if (change.At == default) change = change with { At = context.ReceivedAt };
        found.Changes.Add(change.Id.Length > 0 ? change : change with { Id = ChangesSource.IdOf(change.Kind, change.Summary, change.At, change.Services) });
        return true;
    }

    private static Change? Deployment(Fields fields, string service)
    {
        if (fields.Maybe("status") is not ("running" or "success" or "failed") || fields.Maybe("deployment_id") is not { } id) return null;
        var title = fields.Maybe("commit_title");
        return new(
            $"gitlab:deployment:{id}", fields.When("status_changed_at") ?? default, ChangeWords.IsRevert(title) ? "rollback" : "deploy",
            $"{service}: {title ?? fields.Maybe("ref")} to {fields.Maybe("environment") ?? "an environment"}{(fields.Maybe("status") == "failed" ? ", failed" : "")}", [service],
            Url: fields.Maybe("deployable_url"), Version: fields.Maybe("short_sha"));
    }

    private static Change? Pipeline(Fields pipeline, Fields project, string service)
    {
        if (pipeline.Maybe("status") is not ("success" or "failed") || pipeline.Maybe("ref") != (project.Maybe("default_branch") ?? "main")) return null;
        var name = pipeline.Maybe("name");
        // A pipeline that nobody named to deploy may only build and test.
        if (pipeline.Maybe("id") is not { } id || ChangeWords.Kind(name, "") is not { Length: > 0 } kind) return null;
        return new($"gitlab:pipeline:{id}", pipeline.When("finished_at") ?? default, kind, $"{service}: {name}", [service], Url: pipeline.Maybe("url"), Version: pipeline.Maybe("sha"));
    }

    private static Change? Push(Fields push, Fields project, string service)
    {
        if (push.Maybe("after") is not { } after || after.All(c => c == '0') || push.Maybe("ref") != $"refs/heads/{project.Maybe("default_branch") ?? "main"}") return null;
        var commits = push.Objects("commits");
        var (message, at) = (default(string), default(DateTimeOffset?));
        foreach (var commit in commits)
            if (push.Inside(commit) is var one && (one.Maybe("id") == after || message is null)) (message, at) = (one.Maybe("message"), one.When("timestamp"));
        return new(
            after, at ?? default, ChangeWords.IsRevert(message) ? "rollback" : "push", $"{service}: {ChangeWords.Title(message) ?? after}", [service],
            ChangeWords.Reverted(message), project.Maybe("web_url"), after);
    }

    private static Change? Tag(Fields push, string service) =>
        push.Maybe("ref")?.Split('/')[^1] is not { } tag || push.Maybe("after") is not { } after || after.All(c => c == '0') ? null
        : new($"gitlab:tag:{service}:{tag}", default, "release", $"{service}: tag {tag}", [service], Version: tag);

    private static Change? Flag(Fields flag, string service) =>
        flag.Maybe("name") is not { } name ? null
        : new("", default, "config", $"{service}: feature flag {name} {(flag["active"].Type == System.Text.Json.JsonTokenType.True ? "on" : "off")}", [service]);
}
