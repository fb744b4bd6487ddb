import { inputRequired } from "@modelcontextprotocol/server";
import type { DeviceAuthorization } from "../accounts/device.js";
import { refusal, toToolError } from "../adapters/refusal.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { Asking, Person } from "./ask.js";
import type { SignIn } from "./tools.js";

export interface SignInOptions {
  /** Begins a device flow at GitLab (RFC 8628). */
  readonly start: () => Promise<DeviceAuthorization>;
  /** Shows the person a line where clients show none of ours. */
  readonly writeLine: (line: string) => void;
  /** Ends the waiting for the person. */
  readonly signal: AbortSignal;
  readonly asking: Asking;
}

interface UnderWay {
  readonly device: DeviceAuthorization;
  readonly connected: Promise<unknown>;
}

const question = "sign_in";

/**
 * Signs the person in by a code: asked through the client where it can ask, and the call goes on; otherwise the answer
 * says where to go, and the next call finds the account connected.
 */
export function deviceSignIn({ start, writeLine, signal: closed, asking }: SignInOptions): SignIn {
  let current: Promise<UnderWay> | undefined;

  async function begin(): Promise<UnderWay> {
    const device = await start();
    writeLine(`Open ${device.verificationUri} and enter the code ${device.userCode} (until ${device.expiresAt}).`);
    const connected = device.wait({ signal: closed });
    const reset = (): void => void (current = undefined);
    connected.then(reset, reset);
    return { device, connected };
  }

  /** One code at a time, whatever the number of calls that wait for it. */
  async function underWay(): Promise<UnderWay> {
    try {
      return await (current ??= begin());
    } catch (error) {
      current = undefined;
      throw error;
    }
  }

  return async (person, { ctx, call, signal }) => {
    try {
      const said = person.said(question);
      if (said === "decline" || said === "cancel") return { refuse: refusal(declined()) };
      const { device, connected } = await underWay();
      if (said === "accept") {
        await untilAborted(connected, signal);
        return "connected";
      }
      const request = questionFor(device, person);
      if (!request) return { refuse: refusal(pending(device)) };
      // Whatever had to be confirmed has been: the call comes back with that.
      const requestState = await asking.seal(ctx, call, true);
      return { ask: inputRequired({ inputRequests: { [question]: request }, requestState }) };
    } catch (error) {
      return { refuse: refusal(toToolError(error)) };
    }
  };
}

/** What the person is asked (Model Context Protocol, "Elicitation"); nothing where the client cannot ask. */
function questionFor(device: DeviceAuthorization, { url: byUrl, form }: Person) {
  const url = device.verificationUriComplete ?? device.verificationUri;
  const code = `the code ${device.userCode}`;
  if (byUrl) return inputRequired.elicitUrl({ url, message: `Connect GitLab: allow access, with ${code}.` });
  if (!form) return undefined;
  return inputRequired.elicit({
    message: `Connect GitLab: open ${url}, check ${code}, allow access, then accept here.`,
    requestedSchema: { type: "object", properties: {} },
  });
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

async function untilAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const aborted = new Promise<never>((_, reject) => {
    const stop = (): void => reject(new GitLabToolError({ code: "aborted", message: "The call was cancelled." }));
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
  });
  await Promise.race([work, aborted]);
}
