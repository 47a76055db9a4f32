using Sandbox.Core;
using Sandbox.Twilio.Line;

namespace Sandbox.Twilio.Calls;

/// <summary>Every address of phone calls, and what they are made of.</summary>
internal static class CallRoutes
{
    public static void AddCalls(this IServiceCollection services)
    {
        services.AddSingleton<LineClock>();
        services.AddSingleton<MediaSockets>();
        services.AddSingleton<CallBook>();
        services.AddSingleton<CallCallbacks>();
        services.AddSingleton<Recordings>();
        services.AddSingleton<NumberStock>();
        services.AddSingleton<TwimlDocument>();
        services.AddSingleton<MediaVerb>();
        services.AddSingleton<TwimlRun>();
        services.AddSingleton<Dialler>();
        services.AddHostedService(provider => provider.GetRequiredService<Dialler>());
    }

    public static void ClearCalls(this IServiceProvider services)
    {
        services.GetRequiredService<CallBook>().Clear();
        services.GetRequiredService<Recordings>().Clear();
        services.GetRequiredService<NumberStock>().Clear();
    }

    public static void MapCalls(this IEndpointRouteBuilder account)
    {
        account.MapPost("/Calls.json", CallsApi.Dial);
        account.MapGet("/Calls.json", CallsApi.List);
        account.MapGet("/Calls/{sid}.json", CallsApi.Get);
        account.MapPost("/Calls/{sid}.json", CallsApi.Update);
        account.MapDelete("/Calls/{sid}.json", CallsApi.Delete);
        account.MapPost("/Calls/{call}/Recordings.json", RecordingsApi.Start);
        account.MapGet("/Calls/{call}/Recordings.json", RecordingsApi.ListOfCall);
        account.MapGet("/Calls/{call}/Recordings/{sid}.json", RecordingsApi.GetOfCall);
        account.MapPost("/Calls/{call}/Recordings/{sid}.json", RecordingsApi.Update);
        account.MapDelete("/Calls/{call}/Recordings/{sid}.json", RecordingsApi.DeleteOfCall);
        account.MapGet("/Recordings.json", RecordingsApi.List);
        account.MapGet("/Recordings/{sid}.json", RecordingsApi.Get);
        account.MapDelete("/Recordings/{sid}.json", RecordingsApi.Delete);
        account.MapGet("/Recordings/{sid}.wav", RecordingsApi.Media);
        account.MapGet("/Recordings/{sid}", RecordingsApi.Media);
        account.MapPost("/IncomingPhoneNumbers.json", NumbersApi.Buy);
        account.MapGet("/IncomingPhoneNumbers.json", NumbersApi.List);
        account.MapGet("/IncomingPhoneNumbers/{sid}.json", NumbersApi.Get);
        account.MapPost("/IncomingPhoneNumbers/{sid}.json", NumbersApi.Update);
        account.MapDelete("/IncomingPhoneNumbers/{sid}.json", NumbersApi.Release);
        account.MapGet("/AvailablePhoneNumbers/{country}/Local.json", NumbersApi.Search);
        account.MapGet("/Balance.json", AccountApi.Balance);
    }

    public static void MapCallControl(this IEndpointRouteBuilder control)
    {
        control.MapGet("/calls", CallControl.List);
        control.MapGet("/calls/{sid}", CallControl.Get);
        control.MapGet("/calls/{sid}/heard.wav", CallControl.Heard);
        control.MapGet("/calls/{sid}/both.wav", CallControl.Both);
        control.MapPost("/calls/{sid}/say", CallControl.Say);
        control.MapPost("/calls/{sid}/dtmf", CallControl.Press);
        control.MapPost("/calls/{sid}/hangup", CallControl.HangUp);
        control.MapPost("/people", CallControl.Expect);
        control.MapGet("/dialling", (CallBook calls) => Json.Answer(calls.Dialling));
        control.MapPost("/dialling", CallControl.SetDialling);
        control.MapPost("/incoming", CallControl.Ring);
    }
}
