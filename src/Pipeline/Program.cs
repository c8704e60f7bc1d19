using Pipeline.Cli;

return await Entry.RunAsync(args, Console.Out, Console.Error, CancellationToken.None);
