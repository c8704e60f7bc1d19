using System.Net;
using System.Net.Sockets;

namespace Pipeline.Tests.Servers;

/// <summary>A TCP path to a server that a test can cut, or on which it can let answers get lost.</summary>
internal sealed class Wire : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource closing = new();
    private readonly int port;
    private readonly Task accepting;
    private readonly Lock gate = new();
    private readonly List<TcpClient> open = [];
    private volatile bool swallowing;

    public Wire(int port)
    {
        this.port = port;
        listener.Start();
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>From now on the server hears us and we do not hear it.</summary>
    public void SwallowAnswers() => swallowing = true;

    /// <summary>Ends every connection; new ones are whole again.</summary>
    public void Cut()
    {
        swallowing = false;
        lock (gate)
        {
            foreach (var client in open) client.Dispose();
            open.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        listener.Stop();
        Cut();
        await accepting;
        closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> pumps = [];
        try
        {
            while (true)
            {
                var near = await listener.AcceptTcpClientAsync(closing.Token);
                var far = new TcpClient { NoDelay = true };
                near.NoDelay = true;
                try
                {
                    await far.ConnectAsync(IPAddress.Loopback, port, closing.Token);
                }
                catch (SocketException)
                {
                    // Nobody listens there now: who connects is told by an end.
                    near.Dispose();
                    far.Dispose();
                    continue;
                }
                lock (gate) open.AddRange([near, far]);
                pumps.Add(PumpAsync(near, far, answers: false));
                pumps.Add(PumpAsync(far, near, answers: true));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(pumps);
        }
    }

    private async Task PumpAsync(TcpClient from, TcpClient to, bool answers)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            var (reading, writing) = (from.GetStream(), to.GetStream());
            while (await reading.ReadAsync(buffer, closing.Token) is var read and > 0)
                if (!answers || !swallowing) await writing.WriteAsync(buffer.AsMemory(0, read), closing.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut.
        }
        finally
        {
            from.Dispose();
            to.Dispose();
        }
    }
}
