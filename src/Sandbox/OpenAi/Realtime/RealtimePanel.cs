using System.Globalization;
using Sandbox.Core;

namespace Sandbox.OpenAi.Realtime;

/// <summary>The sessions on the home page, and a form for the next one.</summary>
internal static class RealtimePanel
{
    private const int Shown = 10;

    public static Html Show(RealtimeSessions sessions) => Html.Of($"""
        <section><h2>OpenAI, by voice</h2>{Page.Table(["Session", "Began", "Heard", "Responses", "State", ""], sessions.List(Shown).Select(Row))}
        <form class="row" data-json="POST" action="/_sandbox/openai/realtime"><label>The next session's handshake takes, ms<input name="handshake_ms" type="number" min="0"></label>
        <label>ends after, seconds<input name="expires_after_seconds" type="number" min="1"></label>
        <label>is cut after so many events<input name="drop_after_events" type="number" min="1"></label><label>times<input name="times" type="number" min="1" value="1"></label>
        <label><input name="at_once" type="checkbox"> speaks without waiting</label><label><input name="half_open" type="checkbox"> goes deaf and dumb</label>
        <label><input name="no_update" type="checkbox"> never says session.updated</label><button>Prepare</button></form></section>
        """);

    private static Html[] Row(RealtimeSession session)
    {
        var view = session.View();
        var state = view.EndedBy is { } by ? $"ended: {by}" : view.Responding ? "speaks" : "listens";
        var heard = string.Create(CultureInfo.InvariantCulture, $"{view.HeardSeconds:0.0} s");
        return
        [
            Html.Of($"""<a href="/_sandbox/openai/realtime/sessions/{view.Id}"><code>{view.CallId ?? view.Id}</code></a>"""), Html.Of($"{Json.Instant(view.StartedAt)}"),
            Html.Of($"{heard}"), Html.Of($"{view.Responses}"), Html.Of($"{state}"),
            view.EndedBy is null ? Page.Button("Close", "POST", $"/_sandbox/openai/realtime/sessions/{view.Id}/close") : Html.Empty,
        ];
    }
}
