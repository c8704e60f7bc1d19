using Dedupe.Vocabulary;
using Ingest.Reading;

namespace Ingest;

/// <summary>GitLab's webhooks: deployments, pipelines, pushes to the default branch, tags, releases and feature flags.</summary>
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
            "pipeline" => Pipeline(fields, project, service),
            "push" => Push(fields, project, service),
            "tag_push" => Tag(fields, service),
            "release" => Release(fields, service),
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
            $"{service}: {title ?? fields.Maybe("ref")} to {fields.Maybe("environment") ?? "an environment"}, {fields.Maybe("status")}", [service],
            Url: fields.Maybe("deployable_url"), Version: fields.Maybe("short_sha"), Environment: fields.Maybe("environment"));
    }

    private static Change? Pipeline(Fields fields, Fields project, string service)
    {
        var pipeline = fields.In("object_attributes");
        if (pipeline.Maybe("status") is not ("success" or "failed") || pipeline.Maybe("ref") is not { } branch || pipeline.Maybe("id") is not { } id) return null;
        var (name, environment) = (pipeline.Maybe("name"), Deployed(fields));
        var kind = ChangeWords.Kind(name, environment is null ? ChangeWords.Ci : "deploy");
        // One that only builds and tests changes nothing where its branch is not merged, or at night.
        if (kind == ChangeWords.Ci && (branch != (project.Maybe("default_branch") ?? "main") || pipeline.Maybe("source") is "schedule" or "merge_request_event")) return null;
        if (kind == "deploy" && ChangeWords.IsRevert(fields.In("commit").Maybe("message"))) kind = "rollback";
        var ended = pipeline.Maybe("status") == "failed" ? ", failed" : "";
        // When it began: what breaks breaks before the pipeline is through.
        return new(
            $"gitlab:pipeline:{id}", pipeline.When("created_at") ?? default, kind,
            $"{service}: {name ?? "pipeline"} of {branch}{(environment is null ? "" : $" to {environment}")}{ended}", [service],
            Url: pipeline.Maybe("url"), Version: pipeline.Maybe("sha"), Environment: environment);
    }

    /// <summary>The environment to which a job of the pipeline deployed; null where none did.</summary>
    private static string? Deployed(Fields fields)
    {
        foreach (var build in fields.Objects("builds"))
            if (fields.Inside(build) is var job && job.Maybe("status") is "success" or "failed" && job.In("environment") is var to && to.Maybe("name") is { } name && to.Maybe("action") is null or "start")
                return name;
        return null;
    }

    private static Change? Push(Fields push, Fields project, string service)
    {
        if (push.Maybe("after") is not { } after || after.All(c => c == '0') || push.Maybe("ref") != $"refs/heads/{project.Maybe("default_branch") ?? "main"}") return null;
        var (message, reverted) = (default(string), default(string));
        foreach (var commit in push.Objects("commits"))
        {
            var said = push.Inside(commit).Maybe("message");
            reverted = ChangeWords.Reverted(said) ?? reverted;
            if (message is null || push.Inside(commit).Maybe("id") == after) message = said;
        }
        var reverts = ChangeWords.IsRevert(message);
        // No time of the push itself: its commits may be days old.
        return new(
            after, default, reverts ? "rollback" : "push", $"{service}: {ChangeWords.Title(message) ?? after}", [service],
            reverts ? reverted : null, project.Maybe("web_url"), after);
    }

    private static Change? Tag(Fields push, string service) =>
        push.Maybe("ref")?.Split('/')[^1] is not { } tag || push.Maybe("after") is not { } after || after.All(c => c == '0') ? null
        : new($"gitlab:tag:{service}:{tag}", default, "release", $"{service}: tag {tag}", [service], Version: tag);

    private static Change? Release(Fields release, string service) =>
        release.Maybe("action") is not (null or "create") || release.Maybe("tag") is not { } tag ? null
        : new($"gitlab:release:{service}:{tag}", release.When("released_at") ?? default, "release", $"{service}: release {release.Maybe("name") ?? tag}", [service], Url: release.Maybe("url"), Version: tag);

    private static Change? Flag(Fields flag, string service) =>
        flag.Maybe("name") is not { } name ? null
        : new("", default, "config", $"{service}: feature flag {name} {(flag["active"].Type == System.Text.Json.JsonTokenType.True ? "on" : "off")}", [service]);
}
