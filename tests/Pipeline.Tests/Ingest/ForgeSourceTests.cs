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

    [Theory]
    [InlineData("github/deployment-payload.json", "github:deployment:145988746", "deploy", "Hello-World: master to production", "2019-05-15T15:20:53Z")]
    [InlineData("github/deployment_status-payload.json", "github:deployment:145988746", "deploy", "Hello-World: master to production, success", "2019-05-15T15:20:53Z")]
    [InlineData("github/gp-deployment.json", "github:deployment:710692", "deploy", "public-repo: master to production", "2015-05-05T23:40:38Z")]
    [InlineData("github/gp-release.json", "github:release:1261438", "release", "public-repo: release 0.0.1", "2015-05-05T23:40:38Z")]
    [InlineData("github/push-with-new-branch.json", "6113728f27ae82c7b1a177c8d03f9e96e0adf246", "push", "Hello-World: Initial commit", "2019-05-15T15:20:57Z")]
    [InlineData("github/workflow_run-completed.json", "github:workflow:289782451", "ci", "octo-repo: .github/workflows/test.yml of master", "2020-10-05T16:33:49Z")]
    [InlineData("gitlab/push.json", "da1560886d4f094c3e6c9ef40349f7d38b5d27d7", "push", "diaspora: fixed readme", null)]
    [InlineData("gitlab/tag_push.json", "gitlab:tag:example:v1.0.0", "release", "example: tag v1.0.0", null)]
    [InlineData("gitlab/feature_flag.json", null, "config", "gitlab-test: feature flag test-feature-flag on", null)]
    public void What_these_systems_send_is_a_change(string file, string? id, string kind, string summary, string? at)
    {
        var parsed = Parse(file.Split('/')[0], Shared($"payloads/{file}"));
        Assert.Empty(parsed.Rejected);
        var change = Assert.Single(parsed.Changes);
        Assert.Equal((id ?? change.Id, kind, summary), (change.Id, change.Kind, change.Summary));
        Assert.Equal(at is null ? Now : DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture), change.At);
    }

    [Theory]
    [InlineData("github/check_run-completed.json")]
    [InlineData("github/push-1.json")]
    [InlineData("gitlab/build.json")]
    public void What_else_they_send_is_taken(string file)
    {
        var parsed = Parse(file.Split('/')[0], Shared($"payloads/{file}"));
        Assert.Null(parsed.Problem);
        Assert.Empty(parsed.Changes);
    }

    [Fact]
    public void GitHub_sends_forms_unless_told_otherwise()
    {
        var form = "payload=" + Uri.EscapeDataString($$"""{"deployment":{"id":7,"task":"deploy","description":"50 % + rest"},{{Repository}}}""");
        Assert.Equal("github:deployment:7", One("github", form).Id);
    }

    [Theory]
    [InlineData("Merge pull request #12 from acme/revert-11-retries\\n\\nRevert \\\"Add retries\\\"", "rollback", "0123456789abcdef", "shop: Revert \"Add retries\"")]
    [InlineData("Revert \\\"Revert \\\"Add retries\\\"\\\"\\n\\nThis reverts commit 0123456789abcdef.", "push", null, "shop: Revert \"Revert \"Add retries\"\"")]
    [InlineData("Add retries\\n\\nNot as in: This reverts commit 0123456789abcdef.", "push", null, "shop: Add retries")]
    public void A_push_reverts_where_its_head_does(string message, string kind, string? reverts, string summary)
    {
        var change = One("github", $$$"""
            {"ref":"refs/heads/main","after":"bbb2","head_commit":{"message":"{{{message}}}"},"commits":[{"id":"a","message":"Revert \"Add retries\"\n\nThis reverts commit 0123456789abcdef."}],{{{Repository}}}}
            """);
        Assert.Equal((kind, reverts, summary), (change.Kind, change.Reverts, change.Summary));
    }

    [Theory]
    [InlineData("Deploy to production", "push", "Revert \\\"Add retries\\\"", "rollback")]
    [InlineData("Roll back production", "workflow_dispatch", "Add retries", "rollback")]
    [InlineData("Restart deployment", "workflow_dispatch", "Add retries", "restart")]
    [InlineData("Tests", "push", "Add retries", "ci")]
    public void A_workflow_is_what_it_is_called_and_what_it_deploys(string name, string why, string message, string kind) =>
        Assert.Equal(kind, One("github", $$$"""{"action":"completed","workflow_run":{"id":5,"name":"{{{name}}}","event":"{{{why}}}","conclusion":"success","head_branch":"main","head_commit":{"message":"{{{message}}}"}},{{{Repository}}}}""").Kind);

    [Fact]
    public void A_pipeline_on_GitLab_deploys_where_one_of_its_jobs_does_and_began_before_it_ended()
    {
        const string project = "\"project\":{\"name\":\"Shop\",\"path_with_namespace\":\"acme/shop\",\"default_branch\":\"main\"}";
        static string Pipeline(string builds, string source = "push") => $$$"""{"object_kind":"pipeline","object_attributes":{"id":31,"ref":"main","sha":"bcbb5ec3","source":"{{{source}}}","status":"success","created_at":"2026-01-31 11:00:00 UTC","finished_at":"2026-01-31 11:30:00 UTC"},"builds":[{{{builds}}}],{{{project}}}}""";
        var deploy = One("gitlab", Pipeline("""{"name":"go","stage":"deploy","status":"success","environment":{"name":"production","action":"start"}}"""));
        Assert.Equal(("gitlab:pipeline:31", "deploy", "shop: pipeline of main to production", "production", Now.AddHours(-1)), (deploy.Id, deploy.Kind, deploy.Summary, deploy.Environment, deploy.At));
        Assert.Equal("ci", One("gitlab", Pipeline("""{"name":"unit","stage":"test","status":"success","environment":null}""")).Kind);
        Assert.Empty(Parse("gitlab", Pipeline("", "schedule")).Changes);
    }

    [Theory]
    [InlineData("main", "job/shop/job/deploy-orders/job/main/", "orders")]
    [InlineData("deploy", "job/orders/job/deploy/", "orders")]
    [InlineData("rollback_orders", "job/rollback_orders/", "orders")]
    public void A_Jenkins_job_is_called_by_its_whole_path(string name, string url, string service)
    {
        var change = One("jenkins", $$"""{"name":"{{name}}","url":"{{url}}","build":{"number":3,"phase":"COMPLETED","status":"SUCCESS","parameters":{"ENVIRONMENT":"live"} } }""");
        Assert.Equal([service], change.Services);
        Assert.Equal("live", change.Environment);
    }

    [Theory]
    [InlineData("a", "b", "a", "rollback")]
    [InlineData("a", "b", "b", "deploy")]
    [InlineData("a", "b", "c", "deploy")]
    public void A_sync_to_what_ran_before_is_a_rollback(string first, string second, string now, string kind) =>
        Assert.Equal(kind, One("argocd", $$$"""{"app":{"metadata":{"name":"orders"},"status":{"history":[{"revision":"{{{first}}}"},{"revision":"{{{second}}}"},{"revision":"{{{now}}}"}],"operationState":{"phase":"Succeeded","syncResult":{"revision":"{{{now}}}"} } } } }""").Kind);

    [Theory]
    [InlineData("Degraded")]
    [InlineData("Running")]
    [InlineData("OutOfSync")]
    public void What_Argo_CD_says_of_health_and_of_what_is_under_way_is_no_change(string phase) =>
        Assert.Empty(Parse("argocd", $$"""{"app":"orders","status":"{{phase}}"}""").Changes);

    [Fact]
    public void A_change_in_other_tools_words_is_understood()
    {
        var change = One("changes", """{"type":"deploy","title":"orders 4.2","timestamp":"2026-01-31T11:00:00Z","service":"orders","commit":"c6d8","env":"live"}""");
        Assert.Equal(("deploy", "orders 4.2", Now.AddHours(-1), "orders", "c6d8", "live"), (change.Kind, change.Summary, change.At, change.Services[0], change.Version, change.Environment));
        Assert.Equal("rollback", One("changes", """{"summary":"orders rolled back to 4.1","services":["orders"]}""").Kind);
        Assert.Equal("deploy", One("pagerduty-change", """{"payload":{"summary":"Deployed the new restart policy"}}""").Kind);
    }
}
