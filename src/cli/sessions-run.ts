import type { GitLab } from "../gitlab-types.js";
import type { Access } from "../definition/definition.js";
import { forTerminal } from "./advice.js";
import { openStore } from "./client.js";
import { paint, print, printJson } from "./output.js";
import { agreeTo } from "./question.js";
import { printTable } from "./table.js";

export interface SessionFlags {
  readonly json?: boolean;
}

export interface MintFlags extends SessionFlags {
  readonly identifier: string;
  readonly connection: string;
  readonly expiresIn: string;
  readonly access?: Access;
  readonly projects?: readonly string[];
  readonly groups?: readonly string[];
}

export interface RevokeFlags extends SessionFlags {
  readonly identifier: string;
  readonly connection: string;
  readonly session?: string;
  readonly yes?: boolean;
}

async function withStore<Result>(work: (gitlab: GitLab) => Promise<Result>): Promise<Result> {
  let gitlab: GitLab | undefined;
  try {
    gitlab = await openStore();
    return await work(gitlab);
  } catch (error) {
    throw forTerminal(error, { token: false });
  } finally {
    await gitlab?.close();
  }
}

export async function mintSession({ identifier, connection, expiresIn, json, ...limits }: MintFlags): Promise<void> {
  const { access, projects, groups } = limits;
  const policy = { ...(projects && { projects }), ...(groups && { groups }) };
  const account = { connectionName: connection, identifier };
  const session = await withStore(async (gitlab) => {
    // A session of nobody would only be found out by its calls.
    await gitlab.actions.getConnectedAccount(account);
    return await gitlab.createSession({
      ...account,
      expiresIn,
      ...(access && { select: { access } }),
      ...((projects || groups) && { policy }),
    });
  });
  if (json) return printJson(session);
  // Only the token on standard output, for scripts.
  print(session.token);
  process.stderr.write(`${paint("dim", `session ${session.sessionId}, until ${session.expiresAt}`, process.stderr)}\n`);
}

export async function listSessions({ json }: SessionFlags): Promise<void> {
  const { signedInClients } = await import("../mcp/authorization/signed-in.js");
  const found = await withStore((gitlab) => signedInClients(gitlab));
  if (json) return printJson(found);
  printTable(
    ["connection", "identifier", "application", "scopes"],
    found.map(({ connectionName, identifier, clientId, scopes }) => [
      connectionName,
      identifier,
      clientId,
      scopes.join(" "),
    ]),
  );
  print(paint("dim", found.length === 1 ? "1 sign-in" : `${found.length} sign-ins`));
}

export async function revokeSessions({ identifier, connection, session, json, yes }: RevokeFlags): Promise<void> {
  const which = session === undefined ? `all sessions of ${identifier}` : `the session ${session}`;
  await agreeTo(`End ${which}?`, { yes });
  const account = { connectionName: connection, identifier };
  await withStore((gitlab) =>
    session === undefined ? gitlab.revokeSessions(account) : gitlab.revokeSession({ ...account, sessionId: session }),
  );
  if (json) printJson({ ...account, revoked: session ?? "all" });
  else print(session === undefined ? `All sessions of ${identifier} have ended.` : `The session ${session} has ended.`);
}
