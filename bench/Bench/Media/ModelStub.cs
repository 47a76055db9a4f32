using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Bench.Media;

/// <summary>
/// A model that repeats what it hears, in turns of five seconds with transcripts and usage.
/// </summary>
internal sealed class ModelStub : IDisposable
{
    private readonly Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<ModelSession> sessions = [];
    private readonly Lock gate = new();

    public ModelStub(int port, Wheel wheel, LoadOrder order, Latencies toModel)
    {
        (Wheel, Order, ToModel) = (wheel, order, toModel);
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(1024);
        _ = Accept();
    }

    public Wheel Wheel { get; }
    public LoadOrder Order { get; }
    public Latencies ToModel { get; }

    /// <summary>Those that were configured, also those that are over.</summary>
    public IReadOnlyList<ModelSession> Sessions
    {
        get
        {
            lock (gate)
            {
                return [.. sessions.Where(session => session.IsConfigured)];
            }
        }
    }

    public int Open
    {
        get
        {
            lock (gate)
            {
                return sessions.Count(session => session is { IsSession: true, IsClosed: false });
            }
        }
    }

    /// <summary>The model ends one of its sessions, whose ever it is.</summary>
    public void HangUpOne()
    {
        lock (gate)
        {
            sessions.Find(session => session is { IsConfigured: true, IsClosed: false })?.Dispose();
        }
    }

    public void Dispose() => listener.Dispose();

    private async Task Accept()
    {
        while (true)
        {
            try
            {
                var session = new ModelSession(await listener.AcceptAsync(), this);
                lock (gate)
                {
                    sessions.Add(session);
                }

                session.Start();
            }
            catch (Exception over) when (over is ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    /// <summary>What the protocol wants to hear before it is changed.</summary>
    public static string AcceptKey(string key)
    {
#pragma warning disable CA5350 // The protocol says SHA-1.
        return Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
    }
}
