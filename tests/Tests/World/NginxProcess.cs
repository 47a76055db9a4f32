using Tests.House;

namespace Tests.World;

/// <summary>nginx with the very file of <c>deploy/</c>, in front of these nodes.</summary>
internal static class NginxProcess
{
    public static async Task<(ShellServer Server, HttpClient Client)> Start(params Uri[] nodes)
    {
        var port = ShellServer.FreePort();
        var server = ShellServer.On(port, "nginx -e \"$FOLDER/error.log\" -p \"$FOLDER\" -c \"$FOLDER/nginx.conf\"");
        var folder = server.Folder;
        var deployed = await File.ReadAllTextAsync(Repository.Path("deploy", "nginx.conf"));
        deployed = deployed.Replace("${LISTEN}", $"127.0.0.1:{port}", StringComparison.Ordinal);
        for (var i = 0; i < nodes.Length; i++)
        {
            deployed = deployed.Replace($"${{NODE_{i + 1}}}", nodes[i].Authority, StringComparison.Ordinal);
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "ledgerline.conf"), deployed);
        await File.WriteAllTextAsync(Path.Combine(folder, "nginx.conf"), $$"""
            daemon off; worker_processes 1; pid {{folder}}/pid;
            {{(Environment.UserName == "root" ? "user root;" : "")}}
            events { worker_connections 512; }
            http {
                access_log off;
                client_body_temp_path {{folder}}/body; proxy_temp_path {{folder}}/proxy; fastcgi_temp_path {{folder}}/f; uwsgi_temp_path {{folder}}/u; scgi_temp_path {{folder}}/s;
                include {{folder}}/ledgerline.conf;
            }
            """);
        await server.Start();
        return (server, new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri($"http://127.0.0.1:{port}") });
    }
}
