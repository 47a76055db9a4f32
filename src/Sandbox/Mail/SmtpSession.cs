using System.Net.Sockets;
using System.Text;
using Sandbox.Core;

namespace Sandbox.Mail;

/// <summary>One conversation with a mail client. Faults for <c>mail</c> with path <c>/smtp</c> and method <c>DATA</c> strike here.</summary>
internal sealed class SmtpSession(TcpClient client, MessageBox messages, SandboxClock clock, Faults faults, RequestLog log)
{
    private const int LongestLine = 64 * 1024;
    private const int LongestMail = 10 * 1024 * 1024;

    private readonly NetworkStream _wire = client.GetStream();
    private readonly byte[] _read = new byte[8 * 1024];
    private readonly List<string> _to = [];
    private string? _from;
    private int _readAt;
    private int _readLength;

    public async Task Run(CancellationToken stop)
    {
        await Say("220 sandbox ESMTP", stop);
        while (await Line(stop) is { } line)
        {
            var verb = line.Split([' ', ':'], 2)[0].ToUpperInvariant();
            switch (verb)
            {
                case "EHLO":
                    await Say($"250-sandbox\r\n250-SIZE {LongestMail}\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN LOGIN", stop);
                    break;
                case "HELO":
                    await Say("250 sandbox", stop);
                    break;
                case "AUTH":
                    await Authenticate(line, stop);
                    break;
                case "MAIL":
                    _from = Path(line);
                    _to.Clear();
                    await Say("250 2.1.0 OK", stop);
                    break;
                case "RCPT" when _from is null:
                    await Say("503 5.5.1 MAIL comes first", stop);
                    break;
                case "RCPT":
                    _to.Add(Path(line));
                    await Say("250 2.1.5 OK", stop);
                    break;
                case "DATA" when _to.Count == 0:
                    await Say("503 5.5.1 RCPT comes first", stop);
                    break;
                case "DATA":
                    if (!await Take(stop))
                    {
                        return;
                    }

                    break;
                case "RSET":
                    _from = null;
                    _to.Clear();
                    await Say("250 2.0.0 OK", stop);
                    break;
                case "NOOP":
                    await Say("250 2.0.0 OK", stop);
                    break;
                case "QUIT":
                    await Say("221 2.0.0 Bye", stop);
                    return;
                default:
                    await Say("502 5.5.2 This server does not know that word", stop);
                    break;
            }
        }
    }

    /// <summary>Takes the mail itself; false when a fault cut the connection.</summary>
    private async Task<bool> Take(CancellationToken stop)
    {
        var fault = faults.Take("mail", "DATA", "/smtp");
        if (fault is { When: FaultMoment.Before } && await Struck(fault, stop) is { } cut)
        {
            return !cut;
        }

        await Say("354 End with a line of one full stop", stop);
        using var data = new MemoryStream();
        var tooLong = false;
        while (await Line(stop) is { } line && line != ".")
        {
            tooLong |= data.Length + line.Length > LongestMail;
            if (!tooLong)
            {
                // A line that begins with a full stop was given a second one on the way.
                data.Write(Encoding.Latin1.GetBytes(line.StartsWith('.') ? line[1..] : line));
                data.Write("\r\n"u8);
            }
        }

        if (tooLong)
        {
            await Say("552 5.3.4 The mail is too long", stop);
            return true;
        }

        var mail = MimeMail.Parse(data.ToArray());
        var at = clock.GetUtcNow();
        foreach (var to in _to)
        {
            messages.Add(new Message("mail", to, mail.From ?? _from, mail.Subject, mail.Text, mail.Html, at));
        }

        var summary = Json.Text(new { from = _from, to = _to, subject = mail.Subject });
        log.Add(new LoggedRequest(Ids.New("log_", 12), "mail", "DATA", "/smtp", null, new Dictionary<string, string>(), summary, data.Length, 250, at));
        _from = null;
        _to.Clear();
        if (fault is { When: FaultMoment.After } && await Struck(fault, stop) is { } cutAfter)
        {
            return !cutAfter;
        }

        await Say("250 2.0.0 Taken", stop);
        return true;
    }

    /// <summary>True when the connection is cut, false when the mail was refused, nothing when the fault only cost time.</summary>
    private async Task<bool?> Struck(Fault fault, CancellationToken stop)
    {
        if (fault.DelayMs is > 0 and var milliseconds)
        {
            await Task.Delay(milliseconds, stop);
        }

        if (fault.Drop)
        {
            return true;
        }

        if (fault.Status is null)
        {
            return null;
        }

        await Say("451 4.3.0 The sandbox was told to fail this mail", stop);
        return false;
    }

    private async Task Authenticate(string line, CancellationToken stop)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 2)
        {
            await Say("334 ", stop);
            await Line(stop);
        }

        if (words.Length > 1 && words[1].Equals("LOGIN", StringComparison.OrdinalIgnoreCase))
        {
            await Say("334 UGFzc3dvcmQ6", stop);
            await Line(stop);
        }

        await Say("235 2.7.0 Any name and password will do", stop);
    }

    private static string Path(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        var rest = colon < 0 ? "" : line[(colon + 1)..].Trim();
        return rest.StartsWith('<') && rest.IndexOf('>', StringComparison.Ordinal) is > 0 and var end ? rest[1..end] : rest.Split(' ')[0];
    }

    /// <summary>A line as Latin-1, so that every byte survives; nothing at the end of the conversation.</summary>
    private async Task<string?> Line(CancellationToken stop)
    {
        var line = new List<byte>();
        while (true)
        {
            if (_readAt == _readLength)
            {
                (_readAt, _readLength) = (0, await _wire.ReadAsync(_read, stop));
                if (_readLength == 0)
                {
                    return null;
                }
            }

            var one = _read[_readAt++];
            if (one == (byte)'\n')
            {
                if (line is [.., (byte)'\r'])
                {
                    line.RemoveAt(line.Count - 1);
                }

                return Encoding.Latin1.GetString([.. line]);
            }

            if (line.Count >= LongestLine)
            {
                throw new IOException("A line of mail was too long.");
            }

            line.Add(one);
        }
    }

    private Task Say(string words, CancellationToken stop) => _wire.WriteAsync(Encoding.ASCII.GetBytes(words + "\r\n"), stop).AsTask();
}
