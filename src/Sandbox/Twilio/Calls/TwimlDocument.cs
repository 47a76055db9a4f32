using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Sandbox.Core;

namespace Sandbox.Twilio.Calls;

/// <summary>Instructions could not be had; worded and numbered as in Twilio's debugger.</summary>
internal sealed class TwimlFailure(int code, string message) : Exception(message)
{
    public int Code { get; } = code;
}

/// <summary>Asks an address of ours, signed, what to do with a call, and reads the answer.</summary>
internal sealed class TwimlDocument(SandboxOptions options, NodeAddresses nodes) : IDisposable
{
    private const int LongestText = 64 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Patience, MaxResponseContentBufferSize = LongestText };

    /// <summary>The document, or that of the fallback address, which is told what went wrong.</summary>
    public async Task<XElement> Get(TwimlSource source, PhoneCall call, Action<TwimlFailure> failed, CancellationToken stop)
    {
        if (source.Url is not { } url)
        {
            return Parse(source.Text ?? "");
        }

        var form = CallCallbacks.Fields(call);
        foreach (var (name, value) in source.More)
        {
            form[name] = value;
        }

        try
        {
            return await Ask(url, source.Method, form, stop);
        }
        catch (TwimlFailure failure) when (source.FallbackUrl is not null)
        {
            failed(failure);
            form["ErrorCode"] = failure.Code.ToString(System.Globalization.CultureInfo.InvariantCulture);
            form["ErrorUrl"] = url.OriginalString;
            return await Ask(source.FallbackUrl, source.FallbackMethod, form, stop);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<XElement> Ask(Uri url, string method, Dictionary<string, string> form, CancellationToken stop)
    {
        var get = method == "GET";
        var text = get && form.Count > 0 ? url.OriginalString + (url.Query.Length > 0 ? "&" : "?") + TwilioCallback.Encode(form) : url.OriginalString;
        using var request = new HttpRequestMessage(get ? HttpMethod.Get : HttpMethod.Post, nodes.Reach(new Uri(text)));
        request.Headers.TryAddWithoutValidation(TwilioSignature.Header, TwilioSignature.Of(options.TwilioAuthToken, text, get ? [] : form));
        request.Headers.TryAddWithoutValidation("I-Twilio-Idempotency-Token", Ids.Hex(""));
        request.Headers.TryAddWithoutValidation("Accept", "*/*");
        if (!get)
        {
            request.Content = new StringContent(TwilioCallback.Encode(form), Encoding.UTF8, "application/x-www-form-urlencoded");
        }

        try
        {
            using var answer = await _http.SendAsync(request, stop);
            if (!answer.IsSuccessStatusCode)
            {
                throw new TwimlFailure(11200, $"{url.OriginalString} answered {(int)answer.StatusCode}.");
            }

            var type = answer.Content.Headers.ContentType?.MediaType;
            return answer.StatusCode == HttpStatusCode.NoContent ? new XElement("Response")
                : type is "text/xml" or "application/xml" or "text/html" ? Parse(await answer.Content.ReadAsStringAsync(stop))
                : throw new TwimlFailure(12300, $"{url.OriginalString} answered {type ?? "no content type"}; instructions are text/xml or application/xml.");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new TwimlFailure(11200, $"{url.OriginalString} did not answer within {Patience.TotalSeconds} seconds.");
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or SocketException)
        {
            throw new TwimlFailure(11205, $"{url.OriginalString} could not be asked: {broken.Message}");
        }
    }

    private static XElement Parse(string text)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(text), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            var root = XElement.Load(reader);
            return root.Name == "Response" ? root : throw new TwimlFailure(12100, $"The document begins with <{root.Name}>, not with <Response>.");
        }
        catch (XmlException wrong)
        {
            throw new TwimlFailure(12100, $"The document is no XML: {wrong.Message}");
        }
    }
}
