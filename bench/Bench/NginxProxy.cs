namespace Bench;

/// <summary>nginx as a plain proxy that sends an upload on as it comes: what carrying the same bytes costs when nothing is decided or booked.</summary>
internal static class NginxProxy
{
    /// <param name="folder">A new folder for its settings and what it buffers; the caller's to delete.</param>
    public static Task<Peer> Start(string upstream, string folder)
    {
        var port = ServerProcess.FreePort();
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "nginx.conf"), $$"""
            user root; worker_processes 1; daemon off; pid {{folder}}/pid; error_log {{folder}}/error.log;
            events { worker_connections 512; }
            http {
                access_log off; client_max_body_size 64m;
                client_body_temp_path {{folder}}/body; proxy_temp_path {{folder}}/proxy; fastcgi_temp_path {{folder}}/f; uwsgi_temp_path {{folder}}/u; scgi_temp_path {{folder}}/s;
                upstream provider { server {{new Uri(upstream).Authority}}; keepalive 32; }
                server {
                    listen 127.0.0.1:{{port}};
                    location / {
                        proxy_pass http://provider; proxy_http_version 1.1; proxy_set_header Connection "";
                        # Sent on as it comes. Held back first, nginx waits between head and body for an acknowledgement that comes 40 ms late.
                        proxy_request_buffering off; tcp_nodelay on;
                    }
                }
            }
            """);
        return Peer.Start("nginx", new Uri($"http://127.0.0.1:{port}"), "nginx", ["-c", Path.Combine(folder, "nginx.conf"), "-p", folder]);
    }
}
