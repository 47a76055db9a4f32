using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using MimeKit;
using Polly.Timeout;

namespace Ledgerline.Providers.Mail;

/// <summary>Mail by Resend's HTTP address; the mail's id is the idempotency key, so that an attempt in doubt is not a second mail.</summary>
internal sealed class ResendTransport(HttpClient http, MailOptions options)
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private const string StillRunning = "concurrent_idempotent_requests";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public async Task Send(OutgoingMail mail, MailboxAddress to, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "emails")
        {
            Headers = { Authorization = new("Bearer", options.ResendKey), },
            Content = JsonContent.Create(
                new Request(options.From, [to.ToString(encode: false)], mail.Subject, mail.Text, mail.Html, new() { ["Auto-Submitted"] = "auto-generated" }),
                options: Json),
        };
        request.Headers.Add("Idempotency-Key", mail.Id);
        try
        {
            using var answer = await http.SendAsync(request, stop);
            if (!answer.IsSuccessStatusCode)
            {
                throw new MailFailure($"Resend answered {(int)answer.StatusCode}.", await IsFinal(answer, stop));
            }
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or TimeoutRejectedException)
        {
            throw new MailFailure($"Resend cannot be reached: {failure.GetType().Name}.", isFinal: false);
        }
    }

    // A wrong key is mended by the operator, and then the mail goes out; a mail that Resend objects to never will.
    private static async Task<bool> IsFinal(HttpResponseMessage answer, CancellationToken stop) => answer.StatusCode switch
    {
        HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity or HttpStatusCode.RequestEntityTooLarge => true,
        HttpStatusCode.Conflict => !(await answer.Content.ReadAsStringAsync(stop)).Contains(StillRunning, StringComparison.Ordinal),
        _ => false,
    };

    private sealed record Request(string From, string[] To, string Subject, string Text, string? Html, Dictionary<string, string> Headers);
}
