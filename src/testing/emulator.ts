import { runPipelineJobs } from "./ci/pipeline-runs.js";
import { graphqlPart } from "./graphql/graphql.js";
import type { EmulatorOptions, GitLabEmulator } from "./emulator-types.js";
import { EmulatorHooks } from "./hooks/hooks.js";
import { addMember } from "./resources/members/member-entity.js";
import { Authority } from "./oauth/authority.js";
import { oauthControls } from "./oauth/controls.js";
import { oauthPart } from "./oauth/part.js";
import { routing } from "./routing.js";
import { createPersonalToken } from "./resources/users/personal-tokens.js";
import { plantSeed } from "./seed/plant-seed.js";
import { takeSnapshot } from "./seed/take-snapshot.js";
import { seedGitLab } from "./seed/seed.js";
import { Api } from "./server/api.js";
import { declare, type EmulatorHandler } from "./server/custom-answers.js";
import { Faults } from "./server/faults.js";
import { RateLimiter } from "./server/rate-limit.js";
import { Routes } from "./server/routes.js";
import { GitLabServer } from "./server/server.js";
import { createUser } from "./resources/users/user-accounts.js";
import { EmulatorClock } from "./state/clock.js";
import { GitLabState } from "./state/gitlab-state.js";

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
        const user = ready().requireUser(username);
        user.state = "blocked";
        user.refusal = message ?? user.refusal;
      },
      unblock: (username) => {
        ready().requireUser(username).state = "active";
      },
    },
    members: {
      set: ({ username, of, accessLevel }) => {
        const place = ready().projectByPath(of) ?? gitlab.groupByPath(of);
        if (place === undefined) throw new Error(`The emulator has no project or group "${of}"`);
        const { id } = ready().requireUser(username);
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

function normalizePrefix(prefix: string): string {
  const trimmed = prefix.replace(/^\/+|\/+$/g, "");
  return trimmed === "" ? "" : `/${trimmed}`;
}
