namespace Pipeline.Tests.Messages;

/// <summary>The contract, with everything in one process.</summary>
public sealed class InOneProcessTests : MessagesContract
{
    private protected override Task<Uri?> BrokerAsync() => Task.FromResult<Uri?>(null);

    private protected override async Task<string> FailedActAsync() => await Rig.Subscriber.FailedAct.WaitAsync(Counterparts.Wait.Patience, Cancel);
}
