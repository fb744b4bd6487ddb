import type { RunOptions } from "./ci/pipeline-engine.js";
import { runPipelineJobs } from "./ci/pipeline-runs.js";
import { graphqlPart } from "./graphql/graphql.js";
import { EmulatorHooks } from "./hooks/hooks.js";
import { addMember } from "./resources/members/member-entity.js";
import { Authority, type ApplicationOptions } from "./oauth/authority.js";
import { authorize } from "./oauth/authorize.js";
import { decideDevice } from "./oauth/device.js";
import { oauthPart } from "./oauth/part.js";
import type { GrantAttempt } from "./oauth/records.js";
import { routing } from "./routing.js";
import { createPersonalToken, type PersonalTokenOptions } from "./resources/users/personal-tokens.js";
import type { PipelineRecord } from "./state/pipeline-records.js";
import type { Plan, UserRecord } from "./state/records.js";
import type { EmulatorSeed } from "./seed/emulator-seed.js";
import { plantSeed } from "./seed/plant-seed.js";
import { takeSnapshot } from "./seed/take-snapshot.js";
import { seedGitLab } from "./seed/seed.js";
import { Api } from "./server/api.js";
import { declare, type DeclaredHandler, type EmulatorHandler } from "./server/custom-answers.js";
import type { Conditions } from "./server/conditions.js";
import { Faults } from "./server/faults.js";
import { RateLimiter, type RateLimit } from "./server/rate-limit.js";
import type { RecordedRequest } from "./server/recording.js";
import { Routes } from "./server/routes.js";
import { GitLabServer } from "./server/server.js";
import { createUser, type UserOptions } from "./resources/users/user-accounts.js";
import { EmulatorClock } from "./state/clock.js";
import { GitLabState } from "./state/gitlab-state.js";

/** Options of {@link createGitLabEmulator}. */
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
  /** What there is to begin with: a small company (see {@link createGitLabEmulator}), nothing, or your own. Default true. */
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

/**
 * Starts a GitLab in this process, on a free port of the loopback interface. It keeps what is written to it, checks
 * tokens, scopes, roles and parameters, and answers errors in GitLab's own shapes. Nothing leaves the machine.
 *
 * Unless `seed` is false it begins with:
 * - users `ada` (owner of the group), `ben` (developer), `guest` (guest) and `root` (administrator);
 * - the group `acme` with the private project `acme/app` (code, branches, tags, labels such as `bug` and `p1`,
 *   milestones, issues, merge requests, pipelines with jobs, variables, releases, webhooks, deploy keys, snippets), the
 *   public project `acme/website`, and the subgroup `acme/platform` with `acme/platform/api`;
 * - the private project `ada/notes`, which only its owner sees.
 *
 * @example
 * ```ts
 * const gitlab = await createGitLabEmulator();
 * const token = gitlab.tokens.create({ username: "ada", scopes: ["api"] });
 * const answer = await fetch(`${gitlab.baseUrl}/api/v4/projects/acme%2Fapp`, {
 *   headers: { authorization: `Bearer ${token}` },
 * });
 * await gitlab.close();
 * ```
 */
export async function createGitLabEmulator(options: EmulatorOptions = {}): Promise<GitLabEmulator> {
  const pathPrefix = normalizePrefix(options.pathPrefix ?? "");
  const clock = new EmulatorClock(options.now ?? (() => new Date()));
  let seedingAt: Date | undefined;
  const gitlab = new GitLabState({
    instance: options.instance ?? "self-managed",
    plan: options.plan ?? "premium",
    version: options.version,
    now: () => seedingAt ?? clock.now(),
  });
  const authority = new Authority(gitlab, options.accessTokenTtlSeconds ?? 7200, options.devicePollSeconds ?? 5);
  const limiter = new RateLimiter(options.rateLimit ?? { limit: 100_000, periodSeconds: 60 });
  const faults = new Faults();
  const hooks = new EmulatorHooks(gitlab);
  const custom = new Routes<EmulatorHandler>();
  const server = new GitLabServer({
    gitlab,
    prepare: () => ready(),
    changed: (username) => {
      hooks.look(username === undefined ? undefined : gitlab.userByName(username));
    },
    api: new Api({ gitlab, routing, custom, limiter }),
    parts: [oauthPart(authority), graphqlPart(gitlab)],
    faults,
    pathPrefix,
    refuseEncodedSlashes: options.refuseEncodedSlashes ?? false,
  });
  const baseUrl = await server.listen(options.port ?? 0, options.host ?? "127.0.0.1");
  gitlab.baseUrl = baseUrl;
  if (typeof options.seed === "object") {
    try {
      plantSeed(gitlab, options.seed);
    } catch (error) {
      await server.close();
      throw error;
    }
  }
  // The company that everybody gets is founded when somebody first looks, and dated as of now.
  let waiting = options.seed !== false && typeof options.seed !== "object" ? clock.now() : undefined;
  const ready = (): GitLabState => {
    if (waiting === undefined) return gitlab;
    seedingAt = waiting;
    waiting = undefined;
    seedGitLab(gitlab);
    seedingAt = undefined;
    return gitlab;
  };
  return {
    baseUrl,
    users: {
      create: (details) => createUser(ready(), details),
      block: (username, message) => {
        const user = requireName(ready(), username);
        user.state = "blocked";
        user.refusal = message ?? user.refusal;
      },
      unblock: (username) => {
        requireName(ready(), username).state = "active";
      },
    },
    members: {
      set: ({ username, of, accessLevel }) => {
        const place = ready().projectByPath(of) ?? gitlab.groupByPath(of);
        if (place === undefined) throw new Error(`The emulator has no project or group "${of}"`);
        const { id } = requireName(ready(), username);
        const member = place.members.find(({ userId }) => userId === id);
        if (member === undefined) addMember(gitlab, place.members, id, accessLevel);
        else member.accessLevel = accessLevel;
      },
    },
    tokens: {
      create: (details) => createPersonalToken(ready(), details),
      revoke: (token) => {
        const record = ready().tokens.get(token);
        if (record !== undefined) record.revoked = true;
      },
    },
    oauth: oauthControls(ready, authority),
    requests: server.requests,
    clock,
    get hooks() {
      ready();
      return hooks;
    },
    on: (method, path, handler) => declare(custom, method, path, handler),
    faults,
    conditions: server.conditions,
    get state() {
      return ready();
    },
    snapshot: () => takeSnapshot(ready()),
    runPipeline: (pipelineId, options) => {
      const pipeline = runPipelineJobs(ready(), pipelineId, options);
      hooks.look(gitlab.users.get(pipeline.userId));
      return pipeline;
    },
    setRateLimit: (rate) => {
      limiter.rate = rate;
    },
    close: async () => {
      await Promise.all([server.close(), gitlab.objectStorage.close()]);
    },
  };
}

const oauthControls = (ready: () => GitLabState, authority: Authority): GitLabEmulator["oauth"] => ({
  createApplication: (details) => {
    const { clientId, clientSecret } = authority.createApplication(details);
    return { clientId, clientSecret };
  },
  authorize: (link, { username, deny, scopes }) =>
    authorize(authority, new URL(link), { user: requireName(ready(), username), deny, scopes }),
  approveDevice: (userCode, { username, deny }) => {
    decideDevice(authority, userCode, requireName(ready(), username), deny);
  },
  revoke: (username, clientId) => {
    authority.revokeUser(requireName(ready(), username), clientId);
  },
  attempts: authority.attempts,
  refreshes: ({ username, clientId } = {}) =>
    authority.attempts.filter(
      (attempt) =>
        attempt.grantType === "refresh_token" &&
        attempt.error === undefined &&
        (username === undefined || attempt.username === username) &&
        (clientId === undefined || attempt.clientId === clientId),
    ).length,
});

function requireName(gitlab: GitLabState, username: string): UserRecord {
  const user = gitlab.userByName(username);
  if (user === undefined) throw new Error(`The emulator has no user "${username}": create it with users.create()`);
  return user;
}

function normalizePrefix(prefix: string): string {
  const trimmed = prefix.replace(/^\/+|\/+$/g, "");
  return trimmed === "" ? "" : `/${trimmed}`;
}
