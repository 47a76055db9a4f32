using Sandbox.Core;

namespace Sandbox.Twilio.Calls;

/// <summary>Numbers of the account, and those for sale: searches, buys, reads, lists, repoints and releases them.</summary>
internal static class NumbersApi
{
    private static readonly string[] Names =
    [
        "FriendlyName", "VoiceUrl", "VoiceMethod", "VoiceFallbackUrl", "VoiceFallbackMethod", "StatusCallback", "StatusCallbackMethod", "SmsUrl", "SmsMethod",
        "AddressSid", "BundleSid",
    ];

    public static async Task<IResult> Buy(HttpContext context, NumberStock numbers, SandboxClock clock, SandboxOptions options)
    {
        var form = await TwilioForm.Read(context, ["PhoneNumber", "AreaCode", .. Names]);
        var number = (form["PhoneNumber"], form["AreaCode"]) switch
        {
            ({ } asked, null) when !TwilioNumbers.IsE164(asked) || asked == "+15005550001" => throw new TwilioError(400, 21421, $"{asked} is not a valid number"),
            ({ } asked, null) => numbers.Offers().FirstOrDefault(offer => offer.PhoneNumber == asked)?.PhoneNumber
                ?? throw new TwilioError(400, 21422, $"{asked} is not available."),
            (null, { } area) => numbers.Offers().FirstOrDefault(offer => offer.PhoneNumber.StartsWith("+1" + area, StringComparison.Ordinal))?.PhoneNumber
                ?? throw new TwilioError(400, 21452, $"No phone numbers found in area code {area}."),
            _ => throw new TwilioError(400, 21450, "Give either PhoneNumber or AreaCode."),
        };
        var bought = Read(form, new OwnNumber(number, clock.GetUtcNow()) { FriendlyName = CallShape.Formatted(number) });
        return numbers.Add(bought) ? Json.Answer(Shape(bought, numbers, options), 201) : throw new TwilioError(400, 21422, $"{number} is not available.");
    }

    public static IResult Get(HttpContext context, string sid, NumberStock numbers, SandboxOptions options) =>
        Json.Answer(Shape(Known(context, numbers.BySid(sid)), numbers, options));

    public static IResult List(HttpContext context, NumberStock numbers, SandboxOptions options)
    {
        var query = new TwilioQuery(context);
        return query.Page(
            "incoming_phone_numbers",
            [.. numbers.List().Where(one => (query["PhoneNumber"] is not { } part || one.PhoneNumber.Contains(part, StringComparison.Ordinal)) && query.Fits("FriendlyName", one.FriendlyName))],
            one => one.Sid, one => Shape(one, numbers, options));
    }

    public static async Task<IResult> Update(HttpContext context, string sid, NumberStock numbers, SandboxClock clock, SandboxOptions options)
    {
        var form = await TwilioForm.Read(context, Names);
        var changed = Read(form, Known(context, numbers.BySid(sid))) with { UpdatedAt = clock.GetUtcNow() };
        return Json.Answer(Shape(Known(context, numbers.Change(sid, _ => changed)), numbers, options));
    }

    public static IResult Release(HttpContext context, string sid, NumberStock numbers) =>
        numbers.Remove(sid) ? Results.NoContent() : throw TwilioError.NotFound(TwilioRoutes.Below(context));

    /// <summary>Numbers for sale; the sandbox has some in the United States.</summary>
    public static IResult Search(HttpContext context, string account, string country, NumberStock numbers)
    {
        if (country != "US")
        {
            throw TwilioError.NotFound(TwilioRoutes.Below(context));
        }

        var query = new TwilioQuery(context);
        var offers = numbers.Offers().Where(offer =>
            (query["AreaCode"] is not { } area || offer.PhoneNumber.StartsWith("+1" + area, StringComparison.Ordinal))
            && (query["Contains"] is not { } part || offer.PhoneNumber.Contains(part.Trim('*'), StringComparison.Ordinal))
            && query.Fits("InRegion", offer.State) && query.Fits("InLocality", offer.City) && query.Fits("InPostalCode", offer.Zip));
        return Json.Answer(new
        {
            available_phone_numbers = offers.Take(query.Number("PageSize", 50, 1, 1000)).Select(offer => new
            {
                friendly_name = CallShape.Formatted(offer.PhoneNumber),
                phone_number = offer.PhoneNumber,
                lata = (string?)null,
                locality = offer.City,
                rate_center = offer.City.ToUpperInvariant(),
                latitude = (string?)null,
                longitude = (string?)null,
                region = offer.State,
                postal_code = offer.Zip,
                iso_country = "US",
                address_requirements = "none",
                beta = false,
                capabilities = new { voice = true, sms = true, mms = true, fax = false },
            }),
            uri = $"/2010-04-01/Accounts/{account}/AvailablePhoneNumbers/US/Local.json",
        });
    }

    // What is not named stays; an empty value empties.
    private static OwnNumber Read(TwilioForm form, OwnNumber number)
    {
        CallForm.OnlyPost(form, "StatusCallbackMethod");
        if (form["FriendlyName"] is { Length: > 64 })
        {
            throw new TwilioError(400, 21404, "FriendlyName has at most 64 characters.");
        }

        Uri? Address(string name, Uri? old) => form.Has(name) ? form.Address(name, 21502) : old;
        string Method(string name, string old) => form.Has(name) ? form.OneOf(name, "POST", "GET") : old;
        return number with
        {
            FriendlyName = form["FriendlyName"] ?? number.FriendlyName,
            VoiceUrl = Address("VoiceUrl", number.VoiceUrl),
            VoiceMethod = Method("VoiceMethod", number.VoiceMethod),
            VoiceFallbackUrl = Address("VoiceFallbackUrl", number.VoiceFallbackUrl),
            VoiceFallbackMethod = Method("VoiceFallbackMethod", number.VoiceFallbackMethod),
            StatusCallback = Address("StatusCallback", number.StatusCallback),
            SmsUrl = Address("SmsUrl", number.SmsUrl),
            SmsMethod = Method("SmsMethod", number.SmsMethod),
            AddressSid = form["AddressSid"] ?? number.AddressSid,
            BundleSid = form["BundleSid"] ?? number.BundleSid,
        };
    }

    private static object Shape(OwnNumber number, NumberStock numbers, SandboxOptions options) => new
    {
        sid = number.Sid,
        account_sid = options.TwilioAccountSid,
        api_version = "2010-04-01",
        phone_number = number.PhoneNumber,
        friendly_name = number.FriendlyName,
        date_created = TwilioMessage.Date(number.CreatedAt),
        date_updated = TwilioMessage.Date(number.UpdatedAt),
        voice_url = numbers.VoiceUrl(number)?.OriginalString,
        voice_method = number.VoiceMethod,
        voice_fallback_url = number.VoiceFallbackUrl?.OriginalString,
        voice_fallback_method = number.VoiceFallbackMethod,
        voice_application_sid = (string?)null,
        voice_caller_id_lookup = false,
        voice_receive_mode = "voice",
        status_callback = number.StatusCallback?.OriginalString,
        status_callback_method = "POST",
        sms_url = number.SmsUrl?.OriginalString,
        sms_method = number.SmsMethod,
        sms_fallback_url = (string?)null,
        sms_fallback_method = "POST",
        sms_application_sid = (string?)null,
        trunk_sid = (string?)null,
        identity_sid = (string?)null,
        address_sid = number.AddressSid,
        address_requirements = "none",
        bundle_sid = number.BundleSid,
        emergency_status = "Inactive",
        emergency_address_sid = (string?)null,
        emergency_address_status = "unregistered",
        beta = false,
        origin = "twilio",
        status = "in-use",
        type = "local",
        capabilities = new { voice = true, sms = true, mms = true, fax = false },
        uri = $"/2010-04-01/Accounts/{options.TwilioAccountSid}/IncomingPhoneNumbers/{number.Sid}.json",
    };

    private static OwnNumber Known(HttpContext context, OwnNumber? number) => number ?? throw TwilioError.NotFound(TwilioRoutes.Below(context));
}
