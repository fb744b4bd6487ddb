import { randomUUID } from "node:crypto";
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { DeviceAuthorization } from "../accounts/device.js";
import { refusal, toToolError } from "../adapters/refusal.js";
import type { ToolAnswer, Toolbox } from "../adapters/toolbox.js";
import { unconnected } from "../adapters/unconnected.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";

export interface SignInOptions {
  /** Begins a device flow at GitLab (RFC 8628). */
  readonly start: () => Promise<DeviceAuthorization>;
  /** Shows the person a line where clients show none of ours. */
  readonly tell: (line: string) => void;
}

interface SignIn {
  readonly device: DeviceAuthorization;
  readonly connected: Promise<unknown>;
}

/**
 * Tools that sign their person in when that is missing: asked through the client where it can ask, and the call goes
 * on; otherwise the answer says where to go, and the next call finds the account connected.
 */
export function withSignIn(toolbox: Toolbox, server: Server, { start, tell }: SignInOptions): Toolbox {
  const closed = new AbortController();
  server.onclose = () => closed.abort();
  let current: Promise<SignIn> | undefined;
  let asking: Promise<boolean> | undefined;

  function reset(): void {
    current = asking = undefined;
  }

  async function begin(): Promise<SignIn> {
    const device = await start();
    tell(`Open ${device.verificationUri} and enter the code ${device.userCode} (until ${device.expiresAt}).`);
    const connected = device.wait({ signal: closed.signal });
    connected.then(reset, reset);
    return { device, connected };
  }

  /** One code at a time, whatever the number of calls that wait for it. */
  async function underWay(): Promise<SignIn> {
    try {
      return await (current ??= begin());
    } catch (error) {
      reset();
      throw error;
    }
  }

  /** What the person says; `undefined` when the client could not ask. */
  async function consent(device: DeviceAuthorization): Promise<boolean | undefined> {
    if (!canAsk(server)) return undefined;
    try {
      const agreed = await (asking ??= ask(server, device));
      if (!agreed) asking = undefined;
      return agreed;
    } catch {
      asking = undefined;
      return undefined;
    }
  }

  /** What to answer instead of the call, or nothing when the person is signed in now. */
  async function signIn(signal?: AbortSignal): Promise<ToolAnswer | undefined> {
    try {
      const { device, connected } = await underWay();
      const agreed = await consent(device);
      if (agreed === undefined) return refusal(pending(device));
      if (!agreed) return refusal(declined());
      await untilAborted(connected, signal);
      return undefined;
    } catch (error) {
      return refusal(toToolError(error));
    }
  }

  return {
    ...toolbox,
    async run(name, input, call) {
      const answer = await toolbox.run(name, input, call);
      if (!answer.isError || !unconnected.includes(answer.structured["code"])) return answer;
      return (await signIn(call?.signal)) ?? (await toolbox.run(name, input, call));
    },
  };
}

function canAsk(server: Server): boolean {
  const { elicitation } = server.getClientCapabilities() ?? {};
  return elicitation?.url !== undefined || elicitation?.form !== undefined;
}

/** Asks the person through the client (Model Context Protocol, "Elicitation"); true when they agree. */
async function ask(server: Server, device: DeviceAuthorization): Promise<boolean> {
  const url = device.verificationUriComplete ?? device.verificationUri;
  const byUrl = server.getClientCapabilities()?.elicitation?.url !== undefined;
  const code = `the code ${device.userCode}`;
  const timeout = Math.max(1_000, Date.parse(device.expiresAt) - Date.now());
  const { action } = await server.elicitInput(
    byUrl
      ? { mode: "url", url, elicitationId: randomUUID(), message: `Connect GitLab: allow access, with ${code}.` }
      : {
          message: `Connect GitLab: open ${url}, check ${code}, allow access, then accept here.`,
          requestedSchema: { type: "object", properties: {} },
        },
    { timeout },
  );
  return action === "accept";
}

function pending({
  verificationUri,
  verificationUriComplete,
  userCode,
  expiresAt,
}: DeviceAuthorization): GitLabToolError {
  return new GitLabToolError({
    code: "account_not_connected",
    message: "GitLab is not connected yet.",
    hint: `Ask the person to open ${verificationUri}, enter the code ${userCode} and allow access; then call the tool again.`,
    details: {
      verification_uri: verificationUri,
      ...(verificationUriComplete && { verification_uri_complete: verificationUriComplete }),
      user_code: userCode,
      expires_at: expiresAt,
    },
  });
}

function declined(): GitLabToolError {
  return new GitLabToolError({
    code: "account_not_connected",
    message: "The person did not want to connect GitLab now.",
    hint: "Go on without GitLab, or ask again later.",
  });
}

async function untilAborted(work: Promise<unknown>, signal?: AbortSignal): Promise<void> {
  const aborted = new Promise<never>((_, reject) => {
    const stop = (): void => reject(new GitLabToolError({ code: "aborted", message: "The call was cancelled." }));
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true });
  });
  await Promise.race([work, aborted]);
}
