import { randomBytes, randomInt } from "node:crypto";
import type { UserRecord } from "../state/records.js";
import type { GitLabState } from "../state/gitlab-state.js";
import type { ApplicationRecord, CodeRecord, DeviceRecord, GrantAttempt, PairRecord } from "./records.js";

/** Options of a new application. */
export interface ApplicationOptions {
  readonly name?: string;
  /** Where users come back to; several are possible. */
  readonly redirectUri: string | readonly string[];
  readonly scopes: readonly string[];
  /** Default true; false for an application that cannot keep a secret. */
  readonly confidential?: boolean;
  /** Default: made up. */
  readonly clientId?: string;
  /** Default: made up. */
  readonly clientSecret?: string;
}

const allScopes: ReadonlySet<string> = new Set([
  "api",
  "read_api",
  "read_user",
  "read_repository",
  "write_repository",
  "create_runner",
  "manage_runner",
  "k8s_proxy",
  "openid",
  "profile",
  "email",
  "mcp",
]);

const codeLifetimeSeconds = 600;
const deviceLifetimeSeconds = 300;

/** Applications, codes, token pairs and devices of one instance. Access tokens themselves are in the state. */
export class Authority {
  readonly applications = new Map<string, ApplicationRecord>();
  readonly codes = new Map<string, CodeRecord>();
  readonly pairs: PairRecord[] = [];
  readonly devices: DeviceRecord[] = [];
  /** Everything that the token endpoint was asked for, oldest first. */
  readonly attempts: GrantAttempt[] = [];

  constructor(
    readonly gitlab: GitLabState,
    readonly accessTokenTtlSeconds: number,
    readonly devicePollSeconds: number,
  ) {}

  createApplication(options: ApplicationOptions): ApplicationRecord {
    const unknown = options.scopes.filter((scope) => !allScopes.has(scope));
    if (unknown.length > 0) throw new Error(`GitLab has no scope ${unknown.join(", ")}`);
    const application: ApplicationRecord = {
      id: this.gitlab.nextId("token"),
      name: options.name ?? "Application",
      clientId: options.clientId ?? secret(32),
      clientSecret: options.clientSecret ?? `gloas-${secret(32)}`,
      redirectUris: typeof options.redirectUri === "string" ? options.redirectUri.split(/\s+/) : options.redirectUri,
      scopes: options.scopes,
      confidential: options.confidential ?? true,
    };
    this.applications.set(application.clientId, application);
    return application;
  }

  createCode(details: Omit<CodeRecord, "code" | "expiresAt" | "used">): CodeRecord {
    const code = { ...details, code: secret(32), expiresAt: this.#in(codeLifetimeSeconds), used: false };
    this.codes.set(code.code, code);
    return code;
  }

  createDevice(clientId: string, scopes: readonly string[]): DeviceRecord {
    const letters = "BCDFGHJKLMNPQRSTVWXZ";
    const device: DeviceRecord = {
      deviceCode: secret(32),
      userCode: Array.from({ length: 8 }, () => letters[randomInt(letters.length)]).join(""),
      clientId,
      scopes,
      expiresAt: this.#in(deviceLifetimeSeconds),
      state: "pending",
      userId: undefined,
      lastPolledAt: undefined,
      intervalSeconds: this.devicePollSeconds,
    };
    this.devices.push(device);
    return device;
  }

  /** Makes a new pair of tokens; the access token works from now on. */
  issue(grant: Pick<PairRecord, "clientId" | "userId" | "redirectUri" | "scopes" | "code">): PairRecord {
    const pair: PairRecord = { ...grant, accessToken: secret(32), refreshToken: secret(32), revoked: false };
    this.pairs.push(pair);
    this.gitlab.tokens.set(pair.accessToken, {
      id: this.gitlab.nextId("token"),
      kind: "oauth",
      token: pair.accessToken,
      userId: pair.userId,
      name: this.applications.get(pair.clientId)?.name ?? "",
      scopes: pair.scopes,
      applicationId: this.applications.get(pair.clientId)?.id ?? null,
      createdAt: this.gitlab.now(),
      expiresAt: this.#in(this.accessTokenTtlSeconds),
      lastUsedAt: null,
      revoked: false,
    });
    return pair;
  }

  /** Ends a pair: neither of its tokens works any more. */
  revoke(pair: PairRecord): void {
    pair.revoked = true;
    const access = this.gitlab.tokens.get(pair.accessToken);
    if (access !== undefined) access.revoked = true;
  }

  /** Ends everything that a user has agreed to, as the button on the user's page of applications does. */
  revokeUser(user: UserRecord, clientId?: string): number {
    const pairs = this.pairs.filter(
      (pair) => pair.userId === user.id && !pair.revoked && (clientId === undefined || pair.clientId === clientId),
    );
    for (const pair of pairs) this.revoke(pair);
    for (const code of this.codes.values()) if (code.userId === user.id) code.used = true;
    return pairs.length;
  }

  isPast(moment: Date): boolean {
    return moment.getTime() <= this.gitlab.now().getTime();
  }

  #in(seconds: number): Date {
    return new Date(this.gitlab.now().getTime() + seconds * 1000);
  }
}

const secret = (length: number): string => randomBytes(length).toString("hex");
