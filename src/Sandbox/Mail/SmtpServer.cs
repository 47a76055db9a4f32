using System.Net;
using System.Net.Sockets;
using Sandbox.Core;

namespace Sandbox.Mail;

/// <summary>A mail server on loopback that delivers nothing: what it takes lands in the message box.</summary>
internal sealed class SmtpServer(SandboxOptions options, MessageBox messages, SandboxClock clock, Faults faults, RequestLog log)
    : BackgroundService
{
    private TcpListener? _listener;

    /// <summary>The port it listens on; known once the sandbox has started.</summary>
    public int Port { get; private set; }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _listener = Listen(options.SmtpPort);
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        // First the token, then the socket: an accept that is cut off without a reason would look like a failure.
        base.Dispose();
        _listener?.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var sessions = new HashSet<Task>();
        try
        {
            while (true)
            {
                var client = await _listener!.AcceptTcpClientAsync(stoppingToken);
                sessions.RemoveWhere(session => session.IsCompleted);
                sessions.Add(Serve(client, stoppingToken));
            }
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
        }
        finally
        {
            _listener!.Stop();
            await Task.WhenAll(sessions);
        }
    }

    private static TcpListener Listen(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return listener;
        }
        catch (SocketException) when (port != 0)
        {
            listener.Dispose();
            return Listen(0);
        }
    }

    private async Task Serve(TcpClient client, CancellationToken stop)
    {
        using (client)
        {
            try
            {
                await new SmtpSession(client, messages, clock, faults, log).Run(stop);
            }
            catch (Exception gone) when (gone is IOException or SocketException or OperationCanceledException)
            {
                // The client hung up, or the sandbox ends: neither needs an answer.
            }
        }
    }
}
