using Ledgerline.Http;

namespace Ledgerline.Calls.Answering;

/// <summary>Our sockets as the carrier reaches them: always over TLS, which a proxy before us may end.</summary>
internal static class WebSocketUrl
{
    public static string Of(PublicUrl address, string path) => $"wss://{address.Address.Authority}{address.Address.AbsolutePath.TrimEnd('/')}{path}";
}
