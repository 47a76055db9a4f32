using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Sandbox.Core;

namespace Sandbox.Stripe.Billing;

/// <summary>The hosted invoice, <c>/stripe/i/{invoice}</c>: what it is for, a form that pays it, and its document.</summary>
internal static class InvoicePage
{
    private const string DefaultCard = "4242424242424242";

    public static void Map(IEndpointRouteBuilder app, StripeWorld world)
    {
        app.MapGet("/stripe/i/{invoice}", (HttpContext context, string invoice) =>
        {
            lock (world.Gate)
            {
                var call = StripeCall.Begin(world, context.Origin());
                return Show(call, call.World.Find("invoice", invoice), null);
            }
        });
        app.MapPost("/stripe/i/{invoice}", async (HttpContext context, string invoice) =>
        {
            var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : FormCollection.Empty;
            lock (world.Gate)
            {
                var call = StripeCall.Begin(world, context.Origin());
                if (call.World.Find("invoice", invoice) is not { } found)
                {
                    return Show(call, null, null);
                }

                var answer = form["answer"].ToString();
                try
                {
                    var failure = Pay(call, found, answer.Length > 0 ? new BuyerInput { Confirm = answer == "yes" } : new BuyerInput { Card = form["card"].ToString() });
                    return Show(call, found, failure?.Message);
                }
                catch (StripeError refusal)
                {
                    return Show(call, found, refusal.Message);
                }
            }
        });
        app.MapGet("/stripe/i/{invoice}/pdf", (HttpContext context, string invoice) =>
        {
            lock (world.Gate)
            {
                var call = StripeCall.Begin(world, context.Origin());
                return call.World.Find("invoice", invoice) is { } found ? Results.Bytes(Document(found), "application/pdf", found.Text("number") + ".pdf") : Show(call, null, null);
            }
        });
    }

    /// <summary>Confirms the invoice's payment as Stripe's script in a browser does, the customer being there.</summary>
    public static CardFailure? Pay(StripeCall call, JsonObject invoice, BuyerInput input)
    {
        if (invoice.Text("status") is not ("open" or "uncollectible") || InvoicePayments.Intent(call.World, invoice) is not { } intent)
        {
            throw StripeError.Invalid($"This invoice is {invoice.Text("status")}: there is nothing to pay.", "invoice");
        }

        if (intent.Text("status") == "requires_action" && input is { Card: null, Confirm: { } answer })
        {
            return Paid(call, intent, Payments.Answer(call, intent, answer));
        }

        var number = input.Card ?? DefaultCard;
        var method = PaymentMethods.Make(call, TestCard.ByName(number) ?? PaymentMethods.CardOf(number));
        var failure = Payments.Try(call, intent, method, new Attempt());
        return failure is null && intent.Text("status") == "requires_action" && input.Confirm is { } confirmed
            ? Paid(call, intent, Payments.Answer(call, intent, confirmed))
            : Paid(call, intent, failure);
    }

    private static CardFailure? Paid(StripeCall call, JsonObject intent, CardFailure? failure)
    {
        Payments.Aftermath(call, intent);
        return failure;
    }

    private static IResult Show(StripeCall call, JsonObject? invoice, string? trouble)
    {
        if (invoice is null)
        {
            return Page.Show("Not found", Html.Of($"<section><h1>There is no such invoice.</h1></section>"), 404, narrow: true);
        }

        var currency = invoice.Text("currency")!;
        var waits = InvoicePayments.Intent(call.World, invoice)?.Text("status") == "requires_action";
        var open = invoice.Text("status") is "open" or "uncollectible";
        return Page.Show("Invoice", Html.Of($"""
            <section><h1>Invoice {invoice.Text("number")}</h1><p class="big">{Currencies.Text(invoice.Long("amount_due"), currency)}</p><p>{invoice.Text("status")}</p>
            {invoice.List("lines").Select(line => Html.Of($"<p>{line.Text("description")} · {Currencies.Text(line.Long("amount"), currency)}</p>"))}
            <p><a href="/stripe/i/{invoice.Id()}/pdf">Document</a></p></section>
            {(!open ? Html.Empty : waits ? Html.Of($"<section>{AuthenticationPage.Question("this payment")}</section>") : Form(trouble))}
            """), trouble is null ? 200 : 402, narrow: true);
    }

    private static Html Form(string? trouble) => Html.Of($"""
        <section><form method="post">{(trouble is null ? Html.Empty : Html.Of($"""<p class="bad" role="alert">{trouble}</p>"""))}
        <label>Card number<input name="card" inputmode="numeric" autocomplete="cc-number" value="4242 4242 4242 4242" required></label>
        <p><button class="go">Pay</button></p></form></section>
        """);

    // One page of plain text, in the few lines that a reader of such documents asks for.
    private static byte[] Document(JsonObject invoice)
    {
        var currency = invoice.Text("currency")!;
        List<string> lines =
        [
            $"Invoice {invoice.Text("number")}", $"{invoice.Text("customer_name")} {invoice.Text("customer_email")}", $"Status: {invoice.Text("status")}", "",
            .. invoice.List("lines").Select(line => $"{line.Text("description")}   {Currencies.Text(line.Long("amount"), currency)}"), "",
            $"Total {Currencies.Text(invoice.Long("total"), currency)}", $"Due {Currencies.Text(invoice.Long("amount_due"), currency)}",
        ];
        var text = "BT /F1 11 Tf 60 780 Td 16 TL " + string.Concat(lines.Select(line => $"({Escape(line)}) Tj T* ")) + "ET";
        string[] objects =
        [
            "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
            string.Create(CultureInfo.InvariantCulture, $"<< /Length {text.Length} >>\nstream\n{text}\nendstream"),
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        ];
        var document = new StringBuilder("%PDF-1.4\n");
        var places = new List<int>();
        for (var at = 0; at < objects.Length; at++)
        {
            places.Add(document.Length);
            document.Append(CultureInfo.InvariantCulture, $"{at + 1} 0 obj\n{objects[at]}\nendobj\n");
        }

        var table = document.Length;
        document.Append(CultureInfo.InvariantCulture, $"xref\n0 {objects.Length + 1}\n0000000000 65535 f \n");
        places.ForEach(place => document.Append(CultureInfo.InvariantCulture, $"{place:D10} 00000 n \n"));
        document.Append(CultureInfo.InvariantCulture, $"trailer << /Size {objects.Length + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n");
        return Encoding.Latin1.GetBytes(document.ToString());
    }

    private static string Escape(string line) => line.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("(", "\\(", StringComparison.Ordinal).Replace(")", "\\)", StringComparison.Ordinal);
}
