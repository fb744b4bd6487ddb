import { randomBytes } from "node:crypto";
import { json, refuse, type Handlers } from "./handler.js";
import type { World } from "./world.js";

/** Options of a new personal access token. */
export interface PersonalTokenOptions {
  readonly username: string;
  readonly scopes: readonly string[];
  /** Default a year. */
  readonly expiresInSeconds?: number;
  readonly name?: string;
}

const aYear = 365 * 86_400;

/** Adds a personal access token for a user. */
export function createPersonalToken(world: World, options: PersonalTokenOptions): string {
  const user = world.userByName(options.username);
  if (user === undefined) throw new Error(`The emulator has no user "${options.username}"`);
  const token = `glpat-${randomBytes(15).toString("base64url")}`;
  const now = world.now();
  world.tokens.set(token, {
    id: world.nextId("token"),
    kind: "personal",
    token,
    userId: user.id,
    name: options.name ?? "Token",
    scopes: options.scopes,
    applicationId: null,
    createdAt: now,
    expiresAt: new Date(now.getTime() + (options.expiresInSeconds ?? aYear) * 1000),
    lastUsedAt: null,
    revoked: false,
  });
  return token;
}

export const personalTokenHandlers: Handlers = {
  getApiV4PersonalAccessTokensSelf: ({ token }) => {
    if (token?.kind !== "personal") return refuse(401, "401 Unauthorized");
    return json({
      id: token.id,
      name: token.name,
      revoked: token.revoked,
      created_at: token.createdAt.toISOString(),
      description: null,
      scopes: token.scopes,
      user_id: token.userId,
      last_used_at: token.lastUsedAt?.toISOString() ?? null,
      active: true,
      expires_at: token.expiresAt?.toISOString().slice(0, 10) ?? null,
    });
  },
};
