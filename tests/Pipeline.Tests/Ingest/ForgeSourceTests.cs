using Dedupe.Vocabulary;
using Xunit;
using static Pipeline.Tests.Ingest.Parsing;

namespace Pipeline.Tests.Ingest;

/// <summary>Where changes come from: GitHub, GitLab, Jenkins, Argo CD.</summary>
public sealed class ForgeSourceTests
{
    private const string Repository = "\"repository\":{\"name\":\"shop\",\"default_branch\":\"main\"}";

    private static Change One(string source, string body)
    {
        var parsed = Parse(source, body);
        Assert.Empty(parsed.Rejected);
        return Assert.Single(parsed.Changes);
    }

    [Fact]
    public void A_deployment_on_GitHub_is_a_deploy_and_its_status_the_same_change()
    {
        const string deployment = "\"deployment\":{\"id\":7,\"sha\":\"f95f\",\"ref\":\"v4.2\",\"task\":\"deploy\",\"environment\":\"production\",\"created_at\":\"2026-01-31T11:00:00Z\",\"payload\":{\"service\":\"orders\"}}";
        var began = One("github", $$"""{"action":"created",{{deployment}},{{Repository}}}""");
        var ended = One("github", $$"""{"action":"created","deployment_status":{"state":"failure"},{{deployment}},{{Repository}}}""");
        Assert.Equal(("github:deployment:7", "deploy", "shop: v4.2 to production", "f95f", Now.AddHours(-1)), (began.Id, began.Kind, began.Summary, began.Version, began.At));
        Assert.Equal(["orders"], began.Services);
        Assert.Equal((began.Id, "shop: v4.2 to production, failure"), (ended.Id, ended.Summary));
        Assert.Empty(Parse("github", $$"""{"deployment_status":{"state":"pending"},{{deployment}},{{Repository}}}""").Changes);
    }

    [Theory]
    [InlineData("deploy:rollback", "rollback")]
    [InlineData("restart", "restart")]
    [InlineData("migrate", "config")]
    public void A_deployments_task_says_its_kind(string task, string kind) =>
        Assert.Equal(kind, One("github", $$"""{"deployment":{"id":7,"task":"{{task}}"},{{Repository}}}""").Kind);

    [Fact]
    public void A_push_that_reverts_is_a_rollback_of_that_commit()
    {
        var change = One("github", $$$"""
            {"ref":"refs/heads/main","before":"aaa1","after":"bbb2","head_commit":{"message":"Revert \"Add retries\"\n\nThis reverts commit 0123456789abcdef.","timestamp":"2026-01-31T11:30:00Z"},{{{Repository}}}}
            """);
        Assert.Equal(("bbb2", "rollback", "0123456789abcdef"), (change.Id, change.Kind, change.Reverts));
        Assert.Equal("shop: Revert \"Add retries\"", change.Summary);
    }

    [Theory]
    [InlineData("\"ref\":\"refs/heads/topic\",\"after\":\"bbb2\"")]
    [InlineData("\"ref\":\"refs/tags/v1\",\"after\":\"0000\"")]
    [InlineData("\"action\":\"completed\",\"check_run\":{\"id\":1}")]
    [InlineData("\"action\":\"completed\",\"workflow_run\":{\"id\":1,\"name\":\"Unit tests\",\"conclusion\":\"success\"}")]
    [InlineData("\"action\":\"requested\",\"workflow_run\":{\"id\":1,\"name\":\"Deploy\",\"conclusion\":null}")]
    public void What_changes_nothing_that_runs_is_taken_and_is_no_change(string what)
    {
        var parsed = Parse("github", $$"""{{{what}},{{Repository}}}""");
        Assert.Null(parsed.Problem);
        Assert.Empty(parsed.Changes);
    }

    [Fact]
    public void A_workflow_that_deploys_and_a_release_are_changes()
    {
        Assert.Equal("deploy", One("github", $$"""{"action":"completed","workflow_run":{"id":5,"name":"Deploy to production","conclusion":"success","head_branch":"main"},{{Repository}}}""").Kind);
        Assert.Equal("shop: release v4.2", One("github", $$"""{"action":"published","release":{"id":5,"tag_name":"v4.2"},{{Repository}}}""").Summary);
    }

    [Fact]
    public void Something_else_than_an_event_is_refused_by_name()
    {
        Assert.Equal("repository.name", Parse("github", """{"a":1}""").Problem!.Field);
        Assert.Equal("object_kind", Parse("gitlab", """{"a":1}""").Problem!.Field);
        Assert.Equal("build", Parse("jenkins", """{"name":"x"}""").Problem!.Field);
        Assert.Equal("app", Parse("argocd", """{"a":1}""").Problem!.Field);
    }

    [Fact]
    public void GitLab_tells_deployments_flags_and_reverts()
    {
        const string project = "\"project\":{\"name\":\"Shop\",\"path_with_namespace\":\"acme/shop\",\"default_branch\":\"main\"}";
        var deploy = One("gitlab", $$"""{"object_kind":"deployment","status":"success","status_changed_at":"2026-01-31 12:00:00 +0100","deployment_id":15,"environment":"production","short_sha":"279484c0","commit_title":"Add retries",{{project}}}""");
        Assert.Equal(("gitlab:deployment:15", "deploy", Now.AddHours(-1), "shop"), (deploy.Id, deploy.Kind, deploy.At, deploy.Services[0]));
        Assert.Equal("shop: feature flag retries off", One("gitlab", $$$"""{"object_kind":"feature_flag","object_attributes":{"name":"retries","active":false},{{{project}}}}""").Summary);
        var revert = One("gitlab", $$$"""{"object_kind":"push","ref":"refs/heads/main","after":"c2","commits":[{"id":"c1","message":"x"},{"id":"c2","message":"Revert \"x\"\n\nThis reverts commit abcdef1234"}],{{{project}}}}""");
        Assert.Equal(("rollback", "abcdef1234"), (revert.Kind, revert.Reverts));
        Assert.Empty(Parse("gitlab", $$"""{"object_kind":"build","build_id":1,{{project}}}""").Changes);
    }

    [Fact]
    public void A_Jenkins_job_is_a_change_by_its_name_once_it_is_through()
    {
        static string Job(string name, string phase) => $$$"""{"name":"{{{name}}}","build":{"number":18,"timestamp":1769857200000,"phase":"{{{phase}}}","status":"FAILURE","scm":{"commit":"c6d8"} } }""";
        var change = One("jenkins", Job("deploy-orders-prod", "FINALIZED"));
        Assert.Equal(("jenkins:deploy-orders-prod#18", "deploy", "orders", "c6d8", Now.AddHours(-1)), (change.Id, change.Kind, change.Services[0], change.Version, change.At));
        Assert.Equal("deploy-orders-prod #18, failure", change.Summary);
        Assert.Empty(Parse("jenkins", Job("deploy-orders-prod", "STARTED")).Changes);
        Assert.Empty(Parse("jenkins", Job("unit-tests", "FINALIZED")).Changes);
    }

    [Theory]
    [InlineData("""{"app":{"metadata":{"name":"orders"},"status":{"operationState":{"phase":"Succeeded","startedAt":"2026-01-31T11:00:00Z","syncResult":{"revision":"c6d86dc6"}}}}}""")]
    [InlineData("""{"app":"orders","phase":"Succeeded","startedAt":"2026-01-31T11:00:00Z","revision":"c6d86dc6"}""")]
    public void A_sync_of_Argo_CD_is_a_deploy_of_its_application(string body)
    {
        var change = One("argocd", body);
        Assert.Equal(("deploy", "orders", "c6d86dc6", Now.AddHours(-1)), (change.Kind, change.Services[0], change.Version, change.At));
        Assert.Equal("orders: sync to c6d86dc6", change.Summary);
    }
}
