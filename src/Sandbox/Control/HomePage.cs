using System.Globalization;
using Sandbox.Core;

namespace Sandbox.Control;

/// <summary>The page at <c>/</c>: what the sandbox plays, what arrived, and a button for every control call.</summary>
internal static class HomePage
{
    public static IResult Show(
        HttpContext context, Simulators simulators, SandboxClock clock, RequestLog log, MessageBox messages, WebhookSender webhooks, Faults faults) =>
        Page.Show("Control room", Html.Of($"""
            <h1>Control room</h1>
            {Clock(clock)}{Providers(simulators, context.Origin())}{simulators.All.Select(simulator => simulator.Controls())}{Messages(messages)}{Requests(log)}
            {Webhooks(webhooks, simulators)}{FaultList(faults, simulators)}
            <section><h2>An empty world</h2><p class="soft">Forgets everything but the time.</p>{Page.Button("Reset", "POST", "/_sandbox/reset")}</section>
            """));

    private static Html Clock(SandboxClock clock) => Html.Of($"""
        <section><h2>Clock</h2><p class="big">{Json.Instant(clock.GetUtcNow())}</p>
        {Move("An hour on", TimeSpan.FromHours(1))}{Move("A day on", TimeSpan.FromDays(1))}{Move("A month on", TimeSpan.FromDays(31))}</section>
        """);

    private static Html Move(string label, TimeSpan by) =>
        Page.Button(label, "POST", "/_sandbox/clock", new { advance_seconds = (long)by.TotalSeconds });

    private static Html Providers(Simulators simulators, string origin) => Html.Of($"""
        <section><h2>Providers</h2>{Page.Table(["Provider", "Address and keys"], simulators.All.Select(simulator => Row(
            simulator.Page is { } page ? Html.Of($"""<a href="{page}">{simulator.Name}</a>""") : Html.Of($"{simulator.Name}"),
            Html.Of($"<code>{Json.Text(simulator.Keys(origin))}</code>"))))}</section>
        """);

    private static Html Messages(MessageBox messages) => Html.Of($"""
        <section><h2>Messages</h2>{Page.Table(["When", "To", "Subject", "Text"], messages.List(limit: 10).Select(message => Row(
            When(message.At), Html.Of($"{message.Channel}: {message.To}"), Html.Of($"{message.Subject}"), Html.Of($"<pre>{message.Text}</pre>"))))}</section>
        """);

    private static Html Requests(RequestLog log) => Html.Of($"""
        <section><h2>Newest requests</h2>{Page.Table(["When", "Provider", "Request", "Status"], log.List(limit: 15).Select(request => Row(
            When(request.At), Html.Of($"{request.Provider}"),
            Html.Of($"<details><summary><code>{request.Method} {request.Path}</code></summary><pre>{Json.Text(request.Headers)}</pre><pre>{request.Body}</pre></details>"),
            Status(request.Status))))}</section>
        """);

    private static Html Webhooks(WebhookSender webhooks, Simulators simulators) => Html.Of($"""
        <section><h2>Webhooks</h2>{Page.Table(["When", "Event", "State", "Attempts", ""], webhooks.List(limit: 15).Select(delivery => Row(
            When(delivery.CreatedAt), Html.Of($"<details><summary><code>{delivery.EventId}</code></summary><pre>{delivery.Body}</pre></details>"),
            Html.Of($"{delivery.State}"),
            Html.Of($"{delivery.Attempts.Select(attempt => Html.Of($"{When(attempt.At)} {attempt.Status?.ToString(CultureInfo.InvariantCulture) ?? attempt.Error}<br>"))}"),
            Page.Button("Send again", "POST", $"/_sandbox/{delivery.Provider}/events/{Uri.EscapeDataString(delivery.EventId)}/resend"))))}
        <p class="soft">How the next ones travel:</p>{simulators.All.Where(simulator => simulator.SendsWebhooks).Select(simulator => Html.Of($"""
            <form class="row" data-json="POST" action="/_sandbox/{simulator.Name}/webhooks"><label>{simulator.Name}: extra copies<input name="duplicate" type="number" min="0" max="100"></label>
            <label>delay, ms<input name="delay_ms" type="number" min="0"></label><label><input name="reorder" type="checkbox"> newest first</label>
            <label><input name="hold" type="checkbox"> hold back</label><button>Set</button></form>
            """))}</section>
        """);

    private static Html FaultList(Faults faults, Simulators simulators) => Html.Of($"""
        <section><h2>Faults</h2>{Page.Table(["Provider", "Fault"], faults.List().Select(fault => Row(
            Html.Of($"{fault.Provider}"), Html.Of($"<code>{Json.Text(fault)}</code>"))))}
        <form class="row" data-json="POST" action="/_sandbox/faults">
        <label>provider<select name="provider">{simulators.All.Select(simulator => Html.Of($"<option>{simulator.Name}</option>"))}</select></label>
        <label>part of the path<input name="path"></label><label>times<input name="times" type="number" min="1" value="1"></label>
        <label>status<input name="status" type="number" min="200" max="599"></label><label>delay, ms<input name="delay_ms" type="number" min="0"></label>
        <label>when<select name="when"><option>before</option><option>after</option></select></label>
        <label><input name="drop" type="checkbox"> cut the connection</label><label><input name="truncate" type="checkbox"> send half</label>
        <button class="go">Add</button></form><p>{Page.Button("Clear all faults", "DELETE", "/_sandbox/faults")}</p></section>
        """);

    private static Html[] Row(params Html[] cells) => cells;

    private static Html When(DateTimeOffset at) => Html.Of($"""<span class="soft">{at.UtcDateTime.ToString("MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}</span>""");

    private static Html Status(int status) =>
        status == 0 ? Html.Of($"""<span class="bad">cut</span>""") : Html.Of($"""<span class="{(status < 400 ? "good" : "bad")}">{status}</span>""");
}
