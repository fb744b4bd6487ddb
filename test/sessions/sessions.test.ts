import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGitLab, GitLabToolError, type GitLab, type GitLabOptions } from "gitlab-agent-tools";
import { decodeJwt, decodeProtectedHeader, SignJWT, UnsecuredJWT } from "jose";
import { expect, onTestFinished, test } from "vitest";

const newKey = (): string => randomBytes(32).toString("base64");
const ada = { identifier: "user_ada" };

function client(options: Partial<GitLabOptions> = {}): GitLab {
  const gitlab = createGitLab({ store: "memory:", ...options });
  onTestFinished(() => gitlab.close());
  return gitlab;
}

/** A clock that stands still until it is set forward. */
function clock() {
  let at = Date.parse("2026-03-01T09:00:00Z");
  return { now: () => at, forward: (seconds: number) => void (at += seconds * 1000) };
}

async function store(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sessions-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return `sqlite:${join(folder, "accounts.db")}`;
}

test("a session says who, where and which tools", async () => {
  const { now } = clock();
  const gitlab = client({ now });
  const minted = await gitlab.createSession({
    ...ada,
    select: { access: "read" },
    policy: { projects: ["acme/app"] },
    expiresIn: "8h",
  });
  expect(minted.expiresAt).toBe("2026-03-01T17:00:00.000Z");
  expect(await gitlab.verifySession(minted.token)).toEqual({
    connectionName: "gitlab",
    identifier: "user_ada",
    sessionId: minted.sessionId,
    expiresAt: minted.expiresAt,
    select: { access: "read" },
    policy: { projects: ["acme/app"] },
  });
});

test("a session ends at its time", async () => {
  const { now, forward } = clock();
  const gitlab = client({ now });
  const { token } = await gitlab.createSession({ ...ada, expiresIn: 60 });
  forward(59);
  expect(await gitlab.verifySession(token)).toBeDefined();
  forward(2);
  expect(await gitlab.verifySession(token)).toBeUndefined();
});

test.each(["", "0", -1, 1.5, "1w", "31d", Number.NaN])("a lifetime of %j is refused", async (expiresIn) => {
  const error = await client()
    .createSession({ ...ada, expiresIn })
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  expect(error).toBeInstanceOf(GitLabToolError);
  expect(error).toMatchObject({ code: "invalid_input", details: { field: "expiresIn" } });
});

test("a session for a connection that does not exist is refused", async () => {
  await expect(client().createSession({ ...ada, connectionName: "nowhere" })).rejects.toMatchObject({
    code: "connection_not_found",
  });
});

test("what we did not sign is no session", async () => {
  const gitlab = client();
  const { token } = await gitlab.createSession(ada);
  const [header, , signature] = token.split(".");
  const payload = { ...decodeJwt(token), sub: "user_ben" };
  const forged = [header, Buffer.from(JSON.stringify(payload)).toString("base64url"), signature].join(".");
  const unsigned = new UnsecuredJWT(payload).encode();
  const foreign = await new SignJWT(payload)
    .setProtectedHeader(decodeProtectedHeader(token) as { alg: string })
    .sign(randomBytes(32));
  for (const candidate of [forged, unsigned, foreign, "", "x.y.z", `${token}x`])
    expect(await gitlab.verifySession(candidate)).toBeUndefined();
});

test("a signature that was verified before says nothing of the token's time, audience, revocation or other tokens", async () => {
  const { now, forward } = clock();
  const gitlab = client({ now });
  const options = { ...ada, policy: { projects: ["acme/app"] }, expiresIn: 60 };
  const [one, other] = [await gitlab.createSession(options), await gitlab.createSession(options)];
  const seen = await gitlab.verifySession(one.token);
  // What one request was handed is not what the next one gets.
  Object.assign(seen?.policy ?? {}, { projects: ["acme/other"] });
  expect(await gitlab.verifySession(one.token)).toMatchObject({ policy: { projects: ["acme/app"] } });

  expect(await gitlab.verifySession(one.token, { audience: "https://mcp.example.com/mcp" })).toBeUndefined();
  const [header, , signature] = one.token.split(".");
  const payload = Buffer.from(JSON.stringify({ ...decodeJwt(one.token), sub: "user_ben" })).toString("base64url");
  for (const forged of [[header, payload, signature].join("."), one.token.slice(0, -1), other.token.slice(0, -2)])
    expect(await gitlab.verifySession(forged)).toBeUndefined();

  await gitlab.revokeSession({ ...ada, sessionId: one.sessionId });
  expect(await gitlab.verifySession(one.token)).toBeUndefined();
  expect(await gitlab.verifySession(other.token)).toBeDefined();
  forward(60);
  expect(await gitlab.verifySession(other.token)).toBeUndefined();
});

test("the encryption key itself signs nothing", async () => {
  const key = newKey();
  const gitlab = client({ encryptionKey: key });
  const { token } = await gitlab.createSession(ada);
  const header = { alg: "HS256" };
  const forged = await new SignJWT({ ...decodeJwt(token), sub: "user_ben" })
    .setProtectedHeader(header)
    .sign(Buffer.from(key, "base64"));
  expect(await gitlab.verifySession(forged)).toBeUndefined();
});

test("a revoked session ends at once in every process, the person's others do not", async () => {
  const shared = { store: await store(), encryptionKey: newKey() };
  const [first, second] = [client(shared), client(shared)];
  const [one, other] = [await first.createSession(ada), await second.createSession(ada)];
  expect(await second.verifySession(one.token)).toBeDefined();
  await first.revokeSession({ ...ada, sessionId: one.sessionId });
  expect(await second.verifySession(one.token)).toBeUndefined();
  expect(await first.verifySession(other.token)).toBeDefined();
});

test("all sessions of a person end together, and new ones can be made", async () => {
  const shared = { store: await store(), encryptionKey: newKey() };
  const [first, second] = [client(shared), client(shared)];
  const [one, other] = [await first.createSession(ada), await first.createSession(ada)];
  const ben = await first.createSession({ identifier: "user_ben" });
  await second.revokeSessions(ada);
  expect(await first.verifySession(one.token)).toBeUndefined();
  expect(await first.verifySession(other.token)).toBeUndefined();
  expect(await first.verifySession(ben.token)).toBeDefined();
  const { token } = await first.createSession(ada);
  expect(await second.verifySession(token)).toBeDefined();
});

test("revocations at the same moment in several processes are all kept", async () => {
  const shared = { store: await store(), encryptionKey: newKey() };
  const replicas = [client(shared), client(shared), client(shared)] as const;
  const turn = (number: number): GitLab => replicas[number % 3] ?? replicas[0];
  const sessions = await Promise.all(Array.from({ length: 12 }, (_, number) => turn(number).createSession(ada)));
  await Promise.all(sessions.map(({ sessionId }, number) => turn(number).revokeSession({ ...ada, sessionId })));
  for (const { token } of sessions) expect(await replicas[0].verifySession(token)).toBeUndefined();
});

test("sessions outlive a rotation of the key as long as the old key is there", async () => {
  const at = await store();
  const [old, current] = [newKey(), newKey()];
  const { token } = await client({ store: at, encryptionKey: old }).createSession(ada);
  const rotating = client({ store: at, encryptionKey: [current, old] });
  expect(await rotating.verifySession(token)).toBeDefined();
  await rotating.rotateEncryptionKey();
  expect(await rotating.verifySession(token)).toBeDefined();
  expect(await client({ store: at, encryptionKey: current }).verifySession(token)).toBeUndefined();
});
