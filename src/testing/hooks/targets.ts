import type { ResourceRecord } from "../state/resource-records.js";

/** A project's or a group's webhook, wherever it is kept. */
export interface Target {
  readonly id: number;
  /** `projects/1` or `groups/1`. */
  readonly place: string;
  readonly url: string;
  readonly token: string | undefined;
  readonly signingToken: string | undefined;
  readonly settings: Record<string, unknown>;
}

export const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

export const targetOf = ({ id, place, values }: ResourceRecord): Target => ({
  id,
  place,
  url: text(values["url"]) ?? "",
  token: text(values["token"]),
  signingToken: text(values["signing_token"]),
  settings: values,
});

/** Never leaves the machine: a webhook to anywhere else is only written down. */
export const isLocal = (url: string): boolean =>
  URL.canParse(url) && /^(?:127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/.test(new URL(url).hostname);

/** Asks a receiver, and waits for its answer as long as GitLab does. */
export async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<{ status?: number; error?: string }> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers,
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(10_000),
    });
    await response.arrayBuffer();
    return { status: response.status };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** Four failures in a row disable a webhook for a minute, then for twice as long each time, and forty for good. */
export function countFailures(settings: Record<string, unknown>, status: number | undefined, at: Date): void {
  const failed = status === undefined || status >= 400;
  const count = failed ? Number(settings["recent_failures"] ?? 0) + 1 : 0;
  settings["recent_failures"] = count;
  const minutes = Math.min(2 ** (count - 4), 24 * 60);
  settings["disabled_until"] = count >= 4 ? new Date(at.getTime() + minutes * 60_000).toISOString() : null;
  settings["alert_status"] = count >= 40 ? "disabled" : count >= 4 ? "temporarily_disabled" : "executable";
}
