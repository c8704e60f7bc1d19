using Dedupe.Log;
using Ingest;
using Pipeline.Hosting;
using Xunit;

namespace Pipeline.Tests.Hosting;

public sealed class RecordableTests
{
    /// <summary>Where the answer was made at the first look, hundreds of these were answered to nobody whenever both threads had a core.</summary>
    private const int Races = 10_000;

    [Fact]
    public async Task Who_asks_hears_the_answer_though_the_recorder_is_quicker()
    {
        var asked = new Recordable[Races];
        for (var i = 0; i < Races; i++) asked[i] = new(InputKind.Delivery) { ReceivedAt = DateTimeOffset.UnixEpoch };
        var heard = new Task<IntakeAnswer>[Races];
        int asker = 0, recorder = 0;

        var answering = Task.Factory.StartNew(() =>
        {
            for (var i = 0; i < Races; i++)
            {
                Meet(ref recorder, ref asker, i + 1);
                asked[i].Recorded.TrySetResult(new(IntakeStatus.Recorded));
            }
        }, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        for (var i = 0; i < Races; i++)
        {
            Meet(ref asker, ref recorder, i + 1);
            heard[i] = asked[i].Recorded.Task;
        }
        await answering;

        Assert.DoesNotContain(heard, answer => !answer.IsCompletedSuccessfully);
    }

    /// <summary>Goes on when the other one is there too: the race is within nanoseconds.</summary>
    private static void Meet(ref int mine, ref int other, int at)
    {
        Volatile.Write(ref mine, at);
        var spin = new SpinWait();
        while (Volatile.Read(ref other) < at) spin.SpinOnce(sleep1Threshold: -1);
    }
}
