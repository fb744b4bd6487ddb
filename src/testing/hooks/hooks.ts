import { createHash, randomUUID } from "node:crypto";
import { signWebhook } from "../../webhooks/signature.js";
import type { GitLabState } from "../state/gitlab-state.js";
import type { GroupRecord, ProjectRecord, UserRecord } from "../state/records.js";
import type { Payload } from "./entities.js";
import { groupPayload } from "./group-payloads.js";
import { projectPayload } from "./payloads.js";
import { groupRows, happenings, projectRows, type Row } from "./rows.js";
import { countFailures, isLocal, post, targetOf, text, type Target } from "./targets.js";

/** An attempt to tell a webhook what happened. */
export interface HookDelivery {
  /** `webhook-id`: a delivery that is sent again keeps it. */
  readonly id: string;
  readonly hookId: number;
  readonly url: string;
  /** `issue`, `note`, `merge_request` … */
  readonly kind: string;
  /** As they were sent, but for the secret token. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  readonly at: Date;
  /** What the receiver answered; undefined when it could not be reached, or was not asked. */
  readonly status: number | undefined;
  /** Why it was not sent, or what went wrong. */
  readonly error: string | undefined;
}

/** A webhook to be made. */
export interface NewHook {
  /** The full path of a project or a group. */
  readonly of: string;
  /** Only addresses of this machine are called. */
  readonly url: string;
  readonly token?: string;
  /** `whsec_…`. */
  readonly signingToken?: string;
  /** GitLab's settings, such as `{ note_events: true }`. Default: all events. */
  readonly events?: Readonly<Record<string, boolean>>;
}

type Place = { readonly project: ProjectRecord } | { readonly group: GroupRecord };

const all: ReadonlySet<string> = new Set([
  "push_events",
  "tag_push_events",
  "issues_events",
  "confidential_issues_events",
  "note_events",
  "confidential_note_events",
  "merge_requests_events",
  "pipeline_events",
  "job_events",
  "releases_events",
  "milestone_events",
  "emoji_events",
  "wiki_page_events",
  "feature_flag_events",
  "deployment_events",
  "member_events",
  "project_events",
  "subgroup_events",
  "vulnerability_events",
  "resource_access_token_events",
  "resource_deploy_token_events",
]);

const kept = 1_000;

/**
 * Tells webhooks what happens. Nothing in the emulator knows of it: what was there before a request and after it is
 * compared, for the projects and groups that have webhooks to this machine, and only for them.
 */
export class EmulatorHooks {
  /** The last 1,000 deliveries, oldest first. */
  readonly deliveries: HookDelivery[] = [];
  readonly #seen = new Map<string, Map<string, Row>>();
  readonly #waiting: {
    readonly matches: (delivery: HookDelivery) => boolean;
    readonly found: (it: HookDelivery) => void;
  }[] = [];
  #queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly gitlab: GitLabState) {
    gitlab.testHook = (hookId, trigger, by) => this.#test(hookId, trigger, by);
  }

  /** Makes a webhook, for all events unless told otherwise; what happens from now on is sent to it. */
  add({ of, url, token, signingToken, events }: NewHook): number {
    const { gitlab } = this;
    const settings: Record<string, unknown> = events
      ? { ...events }
      : Object.fromEntries([...all].map((name) => [name, true]));
    const project = gitlab.projectByPath(of);
    const group = gitlab.groupByPath(of);
    const place = project ?? group;
    if (place === undefined) throw new Error(`The emulator has no project or group "${of}"`);
    const values = { ...settings, url, token: token ?? null, signing_token: signingToken ?? null };
    const [resource, key] = project === undefined ? ["group_hooks", "groups"] : ["hooks", "projects"];
    const { id } = gitlab.resources.add(resource, `${key}/${String(place.id)}`, values, { by: 0, at: gitlab.now() });
    this.look(undefined);
    return id;
  }

  /**
   * Sends a payload of your own to the webhooks of a project or a group: for what does not happen in the emulator, such as
   * vulnerabilities and tokens about to expire.
   */
  send(of: string, payload: { readonly kind: string; readonly header: string; readonly body: object }): void {
    const project = this.gitlab.projectByPath(of);
    const group = this.gitlab.groupByPath(of);
    const targets =
      project !== undefined ? this.#targets({ project }) : group !== undefined ? this.#targets({ group }) : [];
    for (const target of targets) this.#enqueue(target, { setting: "", ...payload, body: { ...payload.body } });
  }

  /** Sends a delivery again, under the same id. */
  resend(delivery: HookDelivery): void {
    const target = this.#everyTarget().find(({ id }) => id === delivery.hookId);
    if (target === undefined) throw new Error("The webhook is gone");
    const header = delivery.headers["x-gitlab-event"] ?? "";
    this.#enqueue(target, { kind: delivery.kind, header, setting: "", body: delivery.body }, delivery.id);
  }

  /** Waits until everything that happened so far has been sent, and answered. */
  async settled(): Promise<void> {
    this.look(undefined);
    for (let queue: unknown; queue !== this.#queue;) {
      queue = this.#queue;
      await this.#queue;
    }
  }

  /** The first delivery of a kind, or that a test takes: one that was, or the next one to come. */
  waitFor(kindOrTest: string | ((delivery: HookDelivery) => boolean)): Promise<HookDelivery> {
    const matches = typeof kindOrTest === "string" ? ({ kind }: HookDelivery) => kind === kindOrTest : kindOrTest;
    this.look(undefined);
    const known = this.deliveries.find(matches);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((found) => this.#waiting.push({ matches, found }));
  }

  /** Compares what is there with what was there, and tells the webhooks. */
  look(actor: UserRecord | undefined): void {
    const { gitlab } = this;
    const watched = new Map<string, Place>();
    const local = (resource: string): number[] =>
      gitlab.resources
        .of(resource)
        .flatMap(({ place, values }) => (isLocal(text(values["url"]) ?? "") ? [Number(place.split("/")[1])] : []));
    for (const id of local("hooks")) {
      const project = gitlab.projects.get(id);
      if (project !== undefined) watched.set(`project ${String(id)}`, { project });
    }
    for (const id of local("group_hooks")) {
      const group = gitlab.groups.get(id);
      if (group === undefined) continue;
      watched.set(`group ${String(group.id)}`, { group });
      for (const project of gitlab.projects.values()) {
        if (gitlab.ancestry(project.namespaceId).includes(group))
          watched.set(`project ${String(project.id)}`, { project });
      }
    }
    for (const key of this.#seen.keys()) if (!watched.has(key)) this.#seen.delete(key);
    for (const [key, place] of watched) this.#compare(key, place, actor);
  }

  /** Sends the newest thing that a webhook's event would tell of, as GitLab's "Test" does, whether it asks for it or not. */
  async #test(
    hookId: number,
    trigger: string,
    by: UserRecord | undefined,
  ): Promise<{ status?: number; error?: string }> {
    const { gitlab } = this;
    const hook = this.#everyTarget().find(({ id }) => id === hookId);
    const [kind, id] = hook?.place.split("/") ?? [];
    const project =
      kind === "projects"
        ? gitlab.projects.get(Number(id))
        : [...gitlab.projects.values()].find(({ namespaceId }) =>
            gitlab.ancestry(namespaceId).some((group) => group.id === Number(id)),
          );
    if (hook === undefined || project === undefined) return { error: "Ensure the group has a project." };
    for (const row of [...projectRows(gitlab, project).values()].reverse()) {
      const payload = projectPayload(gitlab, project, { row, what: "created", changes: {} }, by);
      if (payload?.setting !== trigger) continue;
      this.#enqueue(hook, payload);
      const queue = this.#queue;
      await queue;
      const { status, error } = this.deliveries.findLast((delivery) => delivery.hookId === hookId) ?? {};
      return { status, error };
    }
    return { error: `Ensure the project has ${trigger.replace(/_events$/, "").replaceAll("_", " ")}.` };
  }

  #compare(key: string, place: Place, actor: UserRecord | undefined): void {
    const { gitlab } = this;
    const rows = "project" in place ? projectRows(gitlab, place.project) : groupRows(gitlab, place.group);
    const before = this.#seen.get(key);
    this.#seen.set(key, rows);
    if (before === undefined) return;
    const found = happenings(before, rows);
    const many = (kind: string): boolean => found.filter(({ row }) => row.kind === kind).length > 3;
    for (const happening of found) {
      // A push of more than three branches or tags tells nothing: https://docs.gitlab.com/user/project/integrations/webhook_events/
      if (happening.row.kind.endsWith("push") && many(happening.row.kind)) continue;
      const payload =
        "project" in place
          ? projectPayload(gitlab, place.project, happening, actor)
          : groupPayload(gitlab, place.group, happening);
      if (payload === undefined) continue;
      for (const target of this.#targets(place)) {
        const asked = target.settings[payload.setting] ?? payload.setting === "push_events";
        if (asked === true) this.#enqueue(target, payload);
      }
    }
  }

  #targets(place: Place): Target[] {
    const { gitlab } = this;
    const own = "project" in place ? gitlab.resources.in("hooks", `projects/${String(place.project.id)}`) : [];
    const groups = gitlab.ancestry("project" in place ? place.project.namespaceId : place.group.id);
    const inherited = groups.flatMap(({ id }) => gitlab.resources.in("group_hooks", `groups/${String(id)}`));
    return [...own, ...inherited].map(targetOf);
  }

  #everyTarget(): Target[] {
    const { resources } = this.gitlab;
    return [...resources.of("hooks"), ...resources.of("group_hooks")].map(targetOf);
  }

  #enqueue(target: Target, payload: Payload, id: string = randomUUID()): void {
    // Written down as it is now: by the time it is sent more may have happened.
    const body = JSON.stringify(payload.body);
    this.#queue = this.#queue.then(() => this.#deliver(target, payload, body, id)).catch(() => undefined);
  }

  async #deliver(target: Target, payload: Payload, body: string, id: string): Promise<void> {
    const { gitlab } = this;
    const at = gitlab.now();
    const uuid = createHash("sha256")
      .update(`hook ${String(target.id)}`)
      .digest("hex");
    const signed = signWebhook({
      secret: [target.signingToken, target.token].filter((secret) => secret !== undefined),
      body,
      event: payload.header,
      id,
      timestamp: at,
      instance: gitlab.baseUrl,
    });
    const headers: Record<string, string> = {
      ...signed.headers,
      "x-gitlab-webhook-uuid": uuid.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, "$1-$2-$3-$4-$5"),
    };
    const until = target.settings["disabled_until"];
    const refused = !isLocal(target.url)
      ? "not an address of this machine: nothing is sent"
      : target.settings["alert_status"] === "disabled" ||
          (typeof until === "string" && Date.parse(until) > at.getTime())
        ? "the webhook is disabled"
        : undefined;
    const outcome = refused === undefined ? await post(target.url, headers, body) : { error: refused };
    if (refused === undefined) countFailures(target.settings, outcome.status, at);
    const delivery: HookDelivery = {
      id,
      hookId: target.id,
      url: target.url,
      kind: payload.kind,
      headers: "x-gitlab-token" in headers ? { ...headers, "x-gitlab-token": "[secret]" } : headers,
      body: JSON.parse(body) as Record<string, unknown>,
      at,
      status: outcome.status,
      error: outcome.error,
    };
    this.deliveries.push(delivery);
    if (this.deliveries.length > kept) this.deliveries.shift();
    for (const waiting of [...this.#waiting]) {
      if (!waiting.matches(delivery)) continue;
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      waiting.found(delivery);
    }
  }
}
