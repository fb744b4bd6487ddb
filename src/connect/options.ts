import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { GitLab } from "../gitlab-types.js";
import * as o from "../options/words.js";
import type { ConnectView } from "./view.js";

/** Options of {@link createConnectHandler}. */
export interface ConnectHandlerOptions<Context = unknown> {
  readonly gitlab: GitLab;
  /**
   * Who is signed in to your application where the request comes from; `undefined` for nobody. It has to come from your
   * own session, never from what the request claims. `context` is what the handler was called with: Express's request,
   * Hono's context, whatever you pass.
   */
  readonly identify: (request: Request, context: Context) => string | undefined | Promise<string | undefined>;
  /** Where the pages are. Default: `/connect`; GitLab sends people back to `/connect/{connection}`. */
  readonly path?: string | undefined;
  /**
   * Which connections a person may use, by name; `"all"` for all that there are. Default: those of `createGitLab`'s
   * options. Connections added at run time may be named after your customers, so whom they are shown to is yours to say.
   */
  readonly connections?: "all" | ((identifier: string) => readonly string[] | Promise<readonly string[]>);
  /** Scopes to ask for. Default: the connection's. */
  readonly scopes?: readonly string[];
  /** Asks for the least scopes that these tools need, in place of `scopes`. */
  readonly tools?: readonly string[];
  /** Where people go once connected, where the page was not opened with `?return_to=`. Default: the page. */
  readonly returnTo?: string | undefined;
  /** Where people who are signed out are sent to sign in. Default: a page that says so. */
  readonly signInUrl?: string | ((request: Request) => string) | undefined;
  /** What people call your application. Default: "This application". */
  readonly productName?: string | undefined;
  /** The pages' style sheet, in place of the plain one. */
  readonly style?: string | undefined;
  /** A page of your own; `undefined` for ours. What protects pages (framing, caching, cookies) is added to it. */
  readonly render?:
    | ((view: ConnectView, request: Request) => Response | undefined | Promise<Response | undefined>)
    // Default: our pages.
    | undefined;
  /** Told what people cannot mend, such as an application that GitLab refuses. Default: a warning of the process. */
  readonly onError?: ((error: unknown, request: Request) => unknown) | undefined;
}

const shape = o.strict<ConnectHandlerOptions>({
  gitlab: o.having("as", "the client that createGitLab returns"),
  identify: o.func,
  path: o.maybe(o.textThat((path) => /^(?:\/[\w.~-]+)+$/.test(path), "a path such as /connect")),
  connections: o.unlessUndefined(o.either(o.choice(["all"]), o.func, '"all", or a function')),
  scopes: o.unlessUndefined(o.texts),
  tools: o.unlessUndefined(o.texts),
  returnTo: o.maybe(o.text),
  signInUrl: o.maybe(o.either(o.text, o.func, "a URL, or a function")),
  productName: o.maybe(o.text),
  style: o.maybe(o.textThat((style) => !style.includes("</"), "CSS")),
  render: o.maybe(o.func),
  onError: o.maybe(o.func),
});

/** @throws {GitLabToolError} `invalid_input` */
export function checkConnectOptions(options: unknown): void {
  o.refuseUndefined(options, "The options of the connect handler");
  o.checkOptions(shape, options, { of: "The options of the connect handler" });
}

export function unusableClient(): GitLabToolError {
  return new GitLabToolError({
    code: "invalid_input",
    message: "The connect handler needs the client that createGitLab returns, of the same copy of this package.",
    hint: "Pass gitlab: createGitLab(…).",
  });
}
