using Sandbox.Core;
using Sandbox.Twilio.Calls;

namespace Sandbox.Twilio;

/// <summary>Every address of the Twilio simulator: its main host below <c>/twilio</c>, the others below a name of their own there, since they share paths.</summary>
internal static class TwilioRoutes
{
    public const string Name = "twilio";
    public const string Verify = "/twilio/verify";
    private const string Main = "/twilio";

    public static void AddTwilio(this IServiceCollection services)
    {
        services.AddSingleton<TwilioWorld>();
        services.AddSingleton<MessageDelivery>();
        services.AddSingleton<Verifications>();
        services.AddSingleton<TwilioCallback>();
        services.AddCalls();
    }

    public static void MapTwilio(this IEndpointRouteBuilder app)
    {
        var services = app.ServiceProvider;
        var options = services.GetRequiredService<SandboxOptions>();
        var verifications = services.GetRequiredService<Verifications>();
        services.GetRequiredService<Simulators>().Add(new Simulator(Name)
        {
            Keys = origin => new
            {
                base_url = origin + Main,
                verify_base_url = origin + Verify,
                account_sid = options.TwilioAccountSid,
                auth_token = options.TwilioAuthToken,
                phone_number = options.TwilioPhoneNumber,
                verify_service_sid = options.TwilioVerifyServiceSid,
            },
            SendsWebhooks = true,
            Reset = () =>
            {
                services.GetRequiredService<MessageDelivery>().Clear();
                services.GetRequiredService<TwilioWorld>().Clear();
                verifications.Clear();
                services.ClearCalls();
            },
            Error = TwilioError.Shape,
            Controls = () => Html.Join([TwilioControl.Panel, CallPanel.Show(services.GetRequiredService<CallBook>())]),
        });

        var twilio = app.MapGroup(Main).AddEndpointFilter(TwilioEdge.Filter);
        twilio.MapGet("/2010-04-01/Accounts/{account}.json", AccountApi.Get);
        var account = twilio.MapGroup("/2010-04-01/Accounts/{account}");
        account.MapPost("/Messages.json", Messages.Send);
        account.MapGet("/Messages.json", Messages.List);
        account.MapGet("/Messages/{sid}.json", Messages.Get);
        account.MapPost("/Messages/{sid}.json", Messages.Update);
        account.MapDelete("/Messages/{sid}.json", Messages.Delete);
        account.MapCalls();
        var service = twilio.MapGroup("/verify/v2/Services/{service}");
        service.MapPost("/Verifications", verifications.Start);
        service.MapGet("/Verifications/{sid}", verifications.Get);
        service.MapPost("/Verifications/{sid}", verifications.Update);
        service.MapPost("/VerificationCheck", verifications.Check);
        twilio.Map("/{**path}", Unknown);

        var control = app.MapGroup("/_sandbox/twilio");
        control.MapPost("/deliveries", TwilioControl.Deliver);
        control.MapPost("/opt-out", TwilioControl.OptOut);
        control.MapPost("/trial", TwilioControl.Trial);
        control.MapCallControl();
        app.MapPost("/_sandbox/nodes", CallControl.SetNodes);
    }

    /// <summary>The address as Twilio's errors quote it.</summary>
    public static string Below(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        return path[(path.StartsWith(Verify, StringComparison.Ordinal) ? Verify : Main).Length..];
    }

    private static IResult Unknown(HttpContext context)
    {
        // No specification can say how an address is refused that it does not know.
        HeldAnswer.Excuse(context);
        throw TwilioError.NotFound(Below(context));
    }
}
