import { html, page, type Html } from "./pages.js";
import type { ConnectInstance, ConnectNotice, ConnectView } from "./view.js";

/** How the pages look. */
export interface PageStyle {
  /** What people call the application. */
  readonly productName: string;
  readonly style?: string;
}

/** The page itself: no script, and readable without any style. */
export function show(view: ConnectView, { productName, style }: PageStyle): Response {
  const look = style === undefined ? {} : { style };
  if (view.kind === "failed") {
    const { status, title, message, startAgain } = view;
    const link = startAgain === undefined ? nothing : html`<p><a href="${startAgain}">Start again</a></p>`;
    return page(
      title,
      html`<p role="alert">${message}</p>
        ${link}`,
      { status, ...look },
    );
  }
  const { instances, notice, returnTo } = view;
  const body = html`${notice ? html`<p role="status">${inWords(notice)}</p>` : nothing}
    <p>${productName} acts in GitLab as you, with what you allow there.</p>
    ${instances.length === 0 ? html`<p>No GitLab is set up here yet. Ask your administrator.</p>` : nothing}
    ${instances.map((instance, index) => section(instance, index, view))}
    ${returnTo === undefined ? nothing : html`<p><a href="${returnTo}">Back</a></p>`}`;
  return page("Connect GitLab", body, look);
}

const nothing = html``;

function section(
  instance: ConnectInstance,
  index: number,
  { postTo, csrf, returnTo }: ConnectView & { readonly kind: "instances" },
): Html {
  const { connectionName, label, status, connectable } = instance;
  const id = `instance-${index + 1}`;
  const again = status === "PENDING" ? "" : " again";
  const connect = html`<button name="action" value="connect">Connect ${label}${again}</button>`;
  const disconnect = html`<button name="action" value="disconnect">Disconnect ${label}</button>`;
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${label}</h2>
    <p>${standing(instance)}</p>
    <form method="post" action="${postTo}">
      <input type="hidden" name="csrf" value="${csrf}" />
      <input type="hidden" name="connection" value="${connectionName}" />
      ${returnTo === undefined ? nothing : html`<input type="hidden" name="return_to" value="${returnTo}" />`}
      ${connectable ? connect : nothing} ${status === "PENDING" ? nothing : disconnect}
    </form>
  </section>`;
}

function standing({ status, gitlabUser }: ConnectInstance): string {
  switch (status) {
    case "ACTIVE":
      return gitlabUser ? `Connected as @${gitlabUser.username}.` : "Connected.";
    case "PENDING":
      return "Not connected.";
    case "EXPIRED":
      return "Your authorization has ended. Connect again to go on.";
    case "REVOKED":
      return "GitLab no longer accepts your authorization: you, or an administrator, have ended it there. Connect again to go on.";
  }
}

const ofToken = {
  revoked: "",
  none: "",
  kept: " The access token that you gave is still valid at GitLab.",
  failed: " GitLab has not confirmed that your authorization has ended: end it there, under Preferences, Applications.",
} as const;

function inWords(notice: ConnectNotice): string {
  if (notice.kind === "connected") return `${notice.label} is connected.`;
  return `${notice.label} is disconnected.${ofToken[notice.revocation]}`;
}
