import type { RunOptions } from "./ci/pipeline-engine.js";
import type { EmulatorHooks } from "./hooks/hooks.js";
import type { ApplicationOptions } from "./oauth/authority.js";
import type { GrantAttempt } from "./oauth/records.js";
import type { PersonalTokenOptions } from "./resources/users/personal-tokens.js";
import type { UserOptions } from "./resources/users/user-accounts.js";
import type { EmulatorSeed } from "./seed/emulator-seed.js";
import type { Conditions } from "./server/conditions.js";
import type { DeclaredHandler, EmulatorHandler } from "./server/custom-answers.js";
import type { Faults } from "./server/faults.js";
import type { RateLimit } from "./server/rate-limit.js";
import type { RecordedRequest } from "./server/recording.js";
import type { EmulatorClock } from "./state/clock.js";
import type { GitLabState } from "./state/gitlab-state.js";
import type { PipelineRecord } from "./state/pipeline-records.js";
import type { Plan, UserRecord } from "./state/records.js";

/** Options of `createGitLabEmulator`. */
export interface EmulatorOptions {
  /** A path before everything else, such as `"/gitlab"`, as self-managed instances can have it. Default none. */
  readonly pathPrefix?: string | undefined;
  /**
   * Puts a reverse proxy in front that takes no encoded slashes: whatever has `%2F` in its path ends there, with a page in
   * HTML. Default false.
   */
  readonly refuseEncodedSlashes?: boolean | undefined;
  /** Default 0: any free port. */
  readonly port?: number | undefined;
  /** The interface to listen on. Default `127.0.0.1`: its tokens are for nobody else. */
  readonly host?: string | undefined;
  /** `gitlab.com` asks for identity verification and has plans per group. Default `self-managed`. */
  readonly instance?: "gitlab.com" | "self-managed" | undefined;
  /** What `/version` and `/metadata` say. Default `19.5.0-ee`. */
  readonly version?: string | undefined;
  /** What is paid for. Default `premium`. */
  readonly plan?: Plan | undefined;
  /** What there is to begin with: a small company (see `createGitLabEmulator`), nothing, or your own. Default true. */
  readonly seed?: boolean | EmulatorSeed | undefined;
  /** The clock for every date, every expiry and every limit. Default the system's. */
  readonly now?: (() => Date) | undefined;
  /** How long OAuth access tokens live. Default 7200, as GitLab has it. */
  readonly accessTokenTtlSeconds?: number | undefined;
  /** How long a device waits before it asks again whether its person has entered the code. Default 5, as GitLab has it. */
  readonly devicePollSeconds?: number | undefined;
  /** How many requests a token may make in a period. Default 100,000 in 60 seconds: none that a test would meet. */
  readonly rateLimit?: RateLimit | undefined;
}

/** A running emulator. */
export interface GitLabEmulator {
  /** Where it listens, path prefix included and without a slash at the end. */
  readonly baseUrl: string;
  readonly users: {
    /** Adds a user who can sign in, and is a member of nothing yet. */
    create(options: UserOptions): UserRecord;
    /**
     * Blocks a user: every token of theirs is answered with 403 from now on. With a message of its own this stands for
     * whatever else makes GitLab refuse an account, such as terms of service or single sign-on.
     */
    block(username: string, message?: string): void;
    /** Lets a user in again. */
    unblock(username: string): void;
  };
  readonly members: {
    /** Makes a user a member of a project or a group, by its full path; a role that they have already is replaced. */
    set(membership: { readonly username: string; readonly of: string; readonly accessLevel: number }): void;
  };
  readonly tokens: {
    /** Makes a personal access token, `glpat-…`. */
    create(options: PersonalTokenOptions): string;
    /** Revokes a token of any kind. */
    revoke(token: string): void;
  };
  readonly oauth: {
    /** Registers an application. */
    createApplication(options: ApplicationOptions): { readonly clientId: string; readonly clientSecret: string };
    /**
     * Opens an authorization link as a user would in a browser, and agrees.
     *
     * @returns the address that the browser is sent to: the redirect URI with `code` and `state`, or with `error`
     * @throws Error when GitLab would show an error page: unknown client or redirect URI
     */
    authorize(
      link: string | URL,
      consent: { readonly username: string; readonly deny?: boolean; readonly scopes?: readonly string[] },
    ): string;
    /** Types in a device's user code and agrees. */
    approveDevice(userCode: string, consent: { readonly username: string; readonly deny?: boolean }): void;
    /** Takes back everything that a user has granted to applications, or to one of them. */
    revoke(username: string, clientId?: string): void;
    /** Everything that the token endpoint was asked for, with what came of it. */
    readonly attempts: readonly GrantAttempt[];
    /** How often tokens were refreshed, failed attempts left out. */
    refreshes(filter?: { readonly username?: string; readonly clientId?: string }): number;
  };
  /** The last 10,000 requests that arrived, oldest first, each with what served it. */
  readonly requests: readonly RecordedRequest[];
  /**
   * Answers an operation in place of the emulator, known to it or not. The path is written as in GitLab's documentation,
   * `"/projects/:id/badges"`, or as in the specification, `"/projects/{id}/badges"`. Tokens are still checked. A handler
   * that returns undefined leaves the request to the emulator.
   *
   * @example
   * ```ts
   * emulator.on("POST", "/projects/:id/badges", ({ body }) => ({ status: 201, body: { id: 1, ...body } }));
   * ```
   */
  on(method: string, path: string, handler: EmulatorHandler): DeclaredHandler;
  /**
   * What webhooks are told: whatever happens in a project or a group goes to its webhooks on this machine, signed, with
   * GitLab's headers. They are made through the API, or here.
   *
   * @example
   * ```ts
   * emulator.hooks.add({ of: "acme/app", url: `${receiver}/webhooks`, signingToken });
   * // … somebody comments …
   * const { body, status } = await emulator.hooks.waitFor("note");
   * ```
   */
  readonly hooks: EmulatorHooks;
  /** The clock for every date, every expiry, every limit, and for what GitLab does in the background. */
  readonly clock: EmulatorClock;
  /** Bad days that last: latency, failures by chance, lagging replicas, maintenance. */
  readonly conditions: Conditions;
  /** Mishaps for requests to come. */
  readonly faults: Faults;
  /** The whole state, to look into and to arrange. */
  readonly state: GitLabState;
  /**
   * Plays the runner: carries out a pipeline's jobs, all of them successful unless told otherwise, up to its manual jobs,
   * and merges what waited for it.
   *
   * @example
   * ```ts
   * emulator.runPipeline(pipeline.id, { outcomes: { "unit tests": "failed" } });
   * ```
   * @throws when there is no such pipeline
   */
  runPipeline(pipelineId: number, options?: RunOptions): PipelineRecord;
  /** The state as a seed, for another emulator to begin with: users, groups, projects with what they hold. */
  snapshot(): EmulatorSeed;
  /** Changes the rate limit from now on. */
  setRateLimit(rate: RateLimit): void;
  /** Stops listening and closes every connection. */
  close(): Promise<void>;
}
