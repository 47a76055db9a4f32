using Sandbox.Core;

namespace Sandbox.Twilio.Calls;

/// <summary>Phone calls on the control room's page: the newest, a button for each thing their other end can do, and one that rings us.</summary>
internal static class CallPanel
{
    public static Html Show(CallBook calls) => Html.Of($"""
        <section><h2>Phone calls</h2>{Page.Table(["Call", "From", "To", "Status", "Tone, Hz", "Heard", ""], calls.List().Take(10).Select(Row))}
        <form class="row" data-json="POST" action="/_sandbox/twilio/incoming"><label>Ring us from<input name="from" value="+15551230100"></label>
        <label>at<input name="to"></label><label>asking<input name="voice_url"></label><button class="go">Ring</button></form></section>
        """);

    private static Html[] Row(PhoneCall call)
    {
        var room = $"/_sandbox/twilio/calls/{call.Sid}";
        var talks = call.State.Talks;
        return
        [
            Html.Of($"""<a href="{room}"><code>{call.Sid}</code></a>"""), Html.Of($"{call.Order.From}"), Html.Of($"{call.Order.To}"), Html.Of($"{call.State.Status}"),
            Html.Of($"{Json.Text(call.Person.ToneHz)}"),
            Html.Of($"""{Json.Text(call.Sound.Heard.Stretches().Sum(stretch => stretch.Seconds))} s <a href="{room}/heard.wav">heard</a> <a href="{room}/both.wav">both</a>"""),
            Html.Join(
            [
                talks ? Page.Button("Say", "POST", room + "/say", new { }) : Html.Empty,
                talks ? Page.Button("Press 1", "POST", room + "/dtmf", new { digits = "1" }) : Html.Empty,
                call.IsOver ? Html.Empty : Page.Button("Hang up", "POST", room + "/hangup"),
            ]),
        ];
    }
}
