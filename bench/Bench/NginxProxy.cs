namespace Bench;

/// <summary>nginx as a plain proxy with its default buffering: what carrying the same bytes costs when nothing is decided or booked.</summary>
internal sealed class NginxProxy : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("ledgerline-nginx-").FullName;

    private NginxProxy(string upstream)
    {
        var port = ServerProcess.FreePort();
        Address = new Uri($"http://127.0.0.1:{port}");
        File.WriteAllText(Path.Combine(folder, "nginx.conf"), $$"""
            user root; worker_processes 1; daemon off; pid {{folder}}/pid; error_log {{folder}}/error.log;
            events { worker_connections 512; }
            http {
                access_log off; client_max_body_size 64m;
                client_body_temp_path {{folder}}/body; proxy_temp_path {{folder}}/proxy; fastcgi_temp_path {{folder}}/f; uwsgi_temp_path {{folder}}/u; scgi_temp_path {{folder}}/s;
                upstream provider { server {{new Uri(upstream).Authority}}; keepalive 32; }
                server {
                    listen 127.0.0.1:{{port}};
                    location / { proxy_pass http://provider; proxy_http_version 1.1; proxy_set_header Connection ""; }
                }
            }
            """);
        Child = ChildProcess.Start("nginx", ["-c", Path.Combine(folder, "nginx.conf"), "-p", folder]);
    }

    public ChildProcess Child { get; }
    public Uri Address { get; }

    public static async Task<NginxProxy> Start(string upstream)
    {
        var proxy = new NginxProxy(upstream);
        using var client = new HttpClient();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var answer = await client.GetAsync(proxy.Address);
                return proxy;
            }
            catch (HttpRequestException) when (attempt < 500)
            {
                await Task.Delay(10);
            }
        }
    }

    public void Dispose()
    {
        Child.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
