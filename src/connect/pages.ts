import { createHash } from "node:crypto";

/**
 * Pages of our own: no script, nothing from elsewhere, and every word of somebody else's escaped. Shared by the sign-in
 * of the MCP server and the connect handler for products.
 */

const plainStyle = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:32rem;margin:10vh auto;padding:0 1rem}
h1{font-size:1.4rem}
h2{font-size:1.1rem;margin:2rem 0 0;overflow-wrap:anywhere}
h2+p{margin:.25rem 0 0}
[role=status],[role=alert]{border-left:.25rem solid currentColor;padding-left:.75rem}
dt{font-weight:600;margin-top:.75rem}
dd{margin:0;overflow-wrap:anywhere}
form{display:flex;gap:.75rem;flex-wrap:wrap;margin-top:1.5rem}
button{font:inherit;padding:.5rem 1rem;border-radius:.4rem;border:1px solid currentColor;cursor:pointer}
label{display:block;width:100%}
small{opacity:.75}`;

/** What the browser compares with a style's whole text (Content Security Policy Level 3, section 6.7.3). */
const hashOf = (style: string): string => createHash("sha256").update(style).digest("base64");

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text of somebody else's, for HTML. */
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? "");

/** HTML whose inserted values are escaped, unless they are HTML of ours. */
export class Html {
  constructor(readonly text: string) {}
}

export function html(parts: TemplateStringsArray, ...values: readonly (string | Html | readonly Html[])[]): Html {
  const shown = values.map((value) =>
    value instanceof Html
      ? value.text
      : typeof value === "string"
        ? escaped(value)
        : value.map(({ text }) => text).join(""),
  );
  return new Html(parts.map((part, index) => part + (shown[index] ?? "")).join(""));
}

/**
 * A page that no other can frame and that runs no script. `form-action` is left out: browsers apply it to where GitLab
 * sends the person next, which may be an application of its own.
 */
export function page(
  title: string,
  body: Html,
  init: { readonly status?: number; readonly cookie?: string; readonly style?: string; readonly lang?: string } = {},
): Response {
  const { style = plainStyle, lang = "en" } = init;
  const document = html`<!doctype html>
    <html lang="${lang}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
        ${new Html(`<style>${style}</style>`)}
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html>`;
  const headers = new Headers({
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": `default-src 'none'; style-src 'sha256-${hashOf(style)}'; base-uri 'none'; frame-ancestors 'none'`,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    // Under "no-referrer" a form's own Origin would be null (https://fetch.spec.whatwg.org/#append-a-request-origin-header).
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
  });
  if (init.cookie) headers.append("Set-Cookie", init.cookie);
  return new Response(document.text, { status: init.status ?? 200, headers });
}

/** Something that cannot go on, for the person. */
export const failurePage = (status: number, title: string, message: string): Response =>
  page(title, html`<p>${message}</p>`, { status });

/** Sends the browser on, with nothing of where it comes from. */
export function sendTo(url: string, cookie?: string): Response {
  const headers = new Headers({ Location: url, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer" });
  if (cookie) headers.append("Set-Cookie", cookie);
  return new Response(null, { status: 303, headers });
}
