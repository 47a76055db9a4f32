using System.Security.Cryptography;
using System.Text;

namespace Sandbox.Core;

/// <summary>
/// The sandbox's pages: one layout, no dependency, one script under a nonce. A button with <c>data-call</c> sends its
/// <c>data-body</c> as JSON; a form with <c>data-json</c> sends its fields so; other forms are ordinary forms.
/// </summary>
internal static class Page
{
    private const string Style = """
        :root{color-scheme:light dark;--ink:#1c2128;--soft:#667085;--line:#d9dee5;--card:#fff;--back:#f4f6f8;--go:#2453d6;--bad:#b42318;--good:#177245}
        @media(prefers-color-scheme:dark){:root{--ink:#e6e9ee;--soft:#98a2b3;--line:#30363d;--card:#1a1e24;--back:#101318;--go:#7aa2ff;--bad:#ff8a80;--good:#6fcf97}}
        *{box-sizing:border-box}body{margin:0;background:var(--back);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
        header{display:flex;gap:1rem;align-items:baseline;padding:.9rem 1.5rem;border-bottom:1px solid var(--line);background:var(--card)}
        header a{color:inherit;text-decoration:none;font-weight:650}header span{color:var(--soft);font-size:.85rem}
        main{max-width:72rem;margin:1.5rem auto;padding:0 1.5rem}main.narrow{max-width:27rem}
        section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1rem 1.25rem;margin-bottom:1.25rem;overflow-x:auto}
        h1{font-size:1.35rem;margin:.2rem 0 .8rem}h2{font-size:1.02rem;margin:0 0 .6rem}p{margin:.4rem 0}
        table{border-collapse:collapse;width:100%;font-size:.87rem}th{text-align:left;color:var(--soft);font-weight:500}
        th,td{padding:.3rem .7rem .3rem 0;border-top:1px solid var(--line);vertical-align:top}thead th{border-top:0}
        code,pre{font:.84rem/1.45 ui-monospace,monospace}code{overflow-wrap:anywhere}td:first-child{white-space:nowrap}pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:.3rem 0;max-height:20rem;overflow:auto}
        label{display:block;margin:.6rem 0;color:var(--soft);font-size:.87rem}
        input,select{display:block;width:100%;margin-top:.2rem;padding:.5rem .6rem;border:1px solid var(--line);border-radius:7px;background:var(--back);color:var(--ink);font:inherit}
        input[type=checkbox]{display:inline;width:auto}
        .row{display:flex;flex-wrap:wrap;gap:.6rem;align-items:end}.row label{flex:1 1 8rem;margin:0}
        button{padding:.5rem .95rem;border:1px solid var(--line);border-radius:7px;background:var(--card);color:var(--ink);font:inherit;cursor:pointer}
        button.go{background:var(--go);border-color:var(--go);color:#fff}button:focus-visible,input:focus-visible{outline:2px solid var(--go);outline-offset:1px}
        .soft{color:var(--soft)}.bad{color:var(--bad)}.good{color:var(--good)}.big{font-size:1.6rem;font-weight:650}
        @media(prefers-color-scheme:dark){button.go{color:#101318}}
        """;

    private const string Script = """
        const call=async(method,url,body)=>{const r=await fetch(url,{method,headers:body?{'content-type':'application/json'}:{},body});
          if(!r.ok){alert((await r.text())||('status '+r.status));return}location.reload()};
        document.addEventListener('click',e=>{const b=e.target.closest('button[data-call]');if(!b)return;e.preventDefault();call(b.dataset.call,b.dataset.url,b.dataset.body)});
        document.addEventListener('submit',e=>{const f=e.target;if(!f.dataset.json)return;e.preventDefault();const o={};
          for(const i of f.elements){if(!i.name)continue;if(i.type==='checkbox'){if(i.checked)o[i.name]=true}
            else if(i.value!=='')o[i.name]=i.type==='number'?Number(i.value):i.value}
          call(f.dataset.json,f.action,JSON.stringify(o))});
        """;

    /// <summary>A whole page; <paramref name="narrow"/> for the pages that a customer of the provider would see.</summary>
    public static IResult Show(string title, Html body, int status = 200, bool narrow = false) => new PageResult(title, body, status, narrow);

    /// <summary>A button that makes one control call and shows the page again.</summary>
    public static Html Button(string label, string method, string url, object? body = null) =>
        Html.Of($"""<button data-call="{method}" data-url="{url}" data-body="{(body is null ? "" : Json.Text(body))}">{label}</button> """);

    /// <summary>A table, or a soft word where there is nothing yet.</summary>
    public static Html Table(IReadOnlyList<string> heads, IEnumerable<IReadOnlyList<Html>> rows)
    {
        var body = rows.Select(row => Html.Of($"<tr>{row.Select(cell => Html.Of($"<td>{cell}</td>"))}</tr>")).ToList();
        return body.Count == 0
            ? Html.Of($"""<p class="soft">Nothing yet.</p>""")
            : Html.Of($"<table><thead><tr>{heads.Select(head => Html.Of($"<th>{head}</th>"))}</tr></thead><tbody>{body}</tbody></table>");
    }

    private sealed class PageResult(string title, Html body, int status, bool narrow) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var nonce = RandomNumberGenerator.GetHexString(24, lowercase: true);
            var page = Html.Of($"""
                <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
                <title>{title} · Sandbox</title><style nonce="{nonce}">{new Html(Style)}</style></head>
                <body><header><a href="/">Sandbox</a><span>no real money, no real messages, no model</span></header>
                <main class="{(narrow ? "narrow" : "")}">{body}</main><script nonce="{nonce}">{new Html(Script)}</script></body></html>
                """);
            var response = httpContext.Response;
            response.StatusCode = status;
            response.ContentType = "text/html; charset=utf-8";
            // No form-action: browsers would apply it to the redirect that follows a form, and that leaves for the product.
            response.Headers.ContentSecurityPolicy =
                $"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'";
            response.Headers.CacheControl = "no-store";
            await response.Body.WriteAsync(Encoding.UTF8.GetBytes(page.Markup), httpContext.RequestAborted);
        }
    }
}
