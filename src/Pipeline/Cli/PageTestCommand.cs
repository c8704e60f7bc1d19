using System.CommandLine;
using Pipeline.Client;
using Spectre.Console;

namespace Pipeline.Cli;

/// <summary><c>page-test [NAME]</c>: sends a test page and says what the pager answered.</summary>
public static class PageTestCommand
{
    public static Command Create()
    {
        var name = new Argument<string?>("NAME") { Description = "The pager [default: every one]", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("page-test", "Sends a test page and says what the pager answered.") { name };
        var options = new ClientOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var client = options.Connect(parsed);
            var query = parsed.GetValue(name) is { } pager ? $"?pager={Uri.EscapeDataString(pager)}" : "";
            var answer = await client.PostAsync($"api/page-test{query}", null, cancel);
            var tried = answer.Items("items").ToList();
            options.Print(parsed, answer, console =>
            {
                foreach (var one in tried)
                    console.WriteLine(Terminal.Clean($"{one.Text("pager")}: {(one.Text("delivered") == "true" ? "delivered" : "NOT DELIVERED")}: {one.Text("answer")}"));
            });
            return tried.All(t => t.Text("delivered") == "true") ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }
}
