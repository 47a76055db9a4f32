using System.Globalization;
using System.Text.Json.Nodes;
using Ledgerline.Kernel;
using Ledgerline.Usage;

namespace Ledgerline.Gateway.V1;

/// <summary>What an answer cost, and what can be spent now, as answers below <c>/v1</c> say it.</summary>
internal sealed record Cost(Credits Charged, Credits Available)
{
    public const string CostHeader = "x-ledgerline-cost-credits";
    public const string BalanceHeader = "x-ledgerline-balance-credits";

    public IReadOnlyDictionary<string, string> Headers => new Dictionary<string, string> { [CostHeader] = Amount(Charged), [BalanceHeader] = Amount(Available) };

    public static Cost Of(Settlement settled) => new(settled.Charged, settled.Available);

    public static Cost Of(TokenSettlement settled) => new(settled.Charged, settled.Available);

    public static string Amount(Credits credits) => (credits.Micro / (decimal)Credits.MicroPerCredit).ToString(CultureInfo.InvariantCulture);

    /// <summary>Adds both to what a last event says of its use.</summary>
    public void WriteTo(JsonObject usage)
    {
        usage["cost_credits"] = JsonNode.Parse(Amount(Charged));
        usage["balance_credits"] = JsonNode.Parse(Amount(Available));
    }
}
