using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Sandbox.Twilio;
using Tests.World;
using Xunit;

namespace Tests.Sandbox;

/// <summary>Phone calls over plain HTTP towards the sandbox's Twilio.</summary>
internal static class PhoneCalls
{
    public const string Callee = "+15551231000";

    public static string Account(SandboxHost sandbox) => $"/twilio/2010-04-01/Accounts/{sandbox.Options.TwilioAccountSid}";

    /// <summary>Dials with instructions and callbacks of the test's own side.</summary>
    public static async Task<JsonElement> Dial(SandboxHost sandbox, PhoneSide side, string to = Callee, params (string Name, string Value)[] more)
    {
        var fields = new List<(string Name, string Value)>
        {
            ("To", to), ("From", sandbox.Options.TwilioPhoneNumber), ("Url", side.Address + "/twiml?call=17"), ("StatusCallback", side.Address + "/status"),
            ("StatusCallbackEvent", "initiated"), ("StatusCallbackEvent", "ringing"), ("StatusCallbackEvent", "answered"), ("StatusCallbackEvent", "completed"),
        };
        fields.RemoveAll(field => more.Any(one => one.Name == field.Name));
        using var answer = await Post(sandbox, "/Calls.json", [.. fields, .. more.Where(field => field.Value.Length > 0)]);
        return await ChatCalls.Json(answer, 201);
    }

    public static Task<HttpResponseMessage> Post(SandboxHost sandbox, string path, params (string Name, string Value)[] form) => Send(
        sandbox, HttpMethod.Post, path, new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value))));

    public static async Task<HttpResponseMessage> Send(SandboxHost sandbox, HttpMethod method, string path, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, Account(sandbox) + path) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{sandbox.Options.TwilioAccountSid}:{sandbox.Options.TwilioAuthToken}")));
        return await sandbox.Http.SendAsync(request);
    }

    public static async Task<JsonElement> Get(SandboxHost sandbox, string path) => await ChatCalls.Json(await Send(sandbox, HttpMethod.Get, path));

    public static string Sid(this JsonElement call) => call.GetProperty("sid").GetString()!;

    public static string? Text(this JsonElement thing, string name) => thing.GetProperty(name).GetString();

    /// <summary>The call as the control room shows it.</summary>
    public static Task<JsonElement> View(SandboxHost sandbox, string sid) => sandbox.Get("/_sandbox/twilio/calls/" + sid);

    public static async Task<JsonElement> Until(SandboxHost sandbox, string sid, Func<JsonElement, bool> happened, string what)
    {
        JsonElement view = default;
        await Until(async () => happened(view = await View(sandbox, sid)), () => $"{what}; the call: {view}");
        return view;
    }

    /// <summary>Waits for what is bound to happen; after a real minute it says how things stand then.</summary>
    public static async Task Until(Func<Task<bool>> happened, Func<string> what, int pauseMilliseconds = 20)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await happened())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromMinutes(1), $"Waited a minute and it has not happened: {what()}");
            await Task.Delay(TimeSpan.FromMilliseconds(pauseMilliseconds), TimeProvider.System);
        }
    }

    public static Task<JsonElement> UntilStatus(SandboxHost sandbox, string sid, string status) => Until(sandbox, sid, view => view.Text("status") == status, $"the call to be {status}");

    /// <summary>Whether a request was signed over our address as Twilio was given it.</summary>
    public static void AssertSigned(SandboxHost sandbox, PhoneSide side, PhoneRequest request) => Assert.Equal(
        TwilioSignature.Of(sandbox.Options.TwilioAuthToken, side.Address + request.Target, request.Method == "GET" ? [] : request.Form), request.Signature);

    public static Task Instantly(SandboxHost sandbox) => sandbox.Post("/_sandbox/twilio/dialling", new { ring_seconds = 0, calls_per_second = 10_000 });

    public static double[] Tones(this JsonElement stretches) =>
        [.. stretches.EnumerateArray().SelectMany(one => one.GetProperty("tones_hz").EnumerateArray().Select(tone => tone.GetDouble())).Distinct()];

    /// <summary>Of all stretches together, to the millisecond: hundredths do not add up to what they are.</summary>
    public static double Seconds(this JsonElement stretches) => Math.Round(stretches.EnumerateArray().Sum(one => one.GetProperty("seconds").GetDouble()), 3);
}
