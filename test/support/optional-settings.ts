/**
 * Settings that say nothing of who or where take undefined, as a variable that is not set is; what protects somebody does
 * not: `T` must have no other optional settings that refuse it.
 */
export const optionalSettings = `
import { createGitLab, type AccountRef, type CallOptions, type ConnectionConfig, type GitLabOptions } from "gitlab-agent-tools";
import { createConnectHandler, type ConnectHandlerOptions } from "gitlab-agent-tools/connect";
import { createMcpHandler, type McpHandlerOptions } from "gitlab-agent-tools/mcp";
import { createGitLabEmulator, type EmulatorOptions } from "gitlab-agent-tools/testing";
import { createToolbox, type ToolboxOptions } from "gitlab-agent-tools/toolbox";
import { createWebhookReceiver, type WebhookReceiverOptions } from "gitlab-agent-tools/webhooks";

type Refusing<T> = {
  [Name in keyof T]-?: Record<never, never> extends Pick<T, Name>
    ? Record<Name, undefined> extends Pick<T, Name> ? never : Name
    : never;
}[keyof T];
type Same<A, B> = [A, B] extends [B, A] ? true : never;
const checked: true[] = [
  true satisfies Same<Refusing<GitLabOptions>, "policy" | "onBeforeWrite" | "audit">,
  true satisfies Same<Refusing<ConnectionConfig>, "baseUrl" | "redirectUri" | "scopes">,
  true satisfies Same<Refusing<AccountRef>, "connectionName">,
  true satisfies Same<Refusing<CallOptions>, "policy" | "conversation">,
  true satisfies Same<Refusing<ToolboxOptions>, "connectionName" | "conversation" | "select" | "policy" | "before" | "after" | "confirm">,
  true satisfies Same<Refusing<McpHandlerOptions>, "select" | "before" | "after" | "confirm" | "signIn" | "allowedOrigins" | "allowedHosts">,
  true satisfies Same<Refusing<WebhookReceiverOptions>, "gitlab" | "connectionName" | "store">,
  true satisfies Same<Refusing<ConnectHandlerOptions>, "connections" | "scopes" | "tools">,
  true satisfies Same<Refusing<EmulatorOptions>, never>,
];
const unset = undefined;
const connection = { clientId: unset, clientSecret: unset, allowHttp: unset, instance: unset, ca: unset, proxy: unset };
const gitlab = createGitLab({
  connections: { gitlab: connection }, store: "memory:", encryptionKey: unset, timeoutMs: unset, telemetry: unset,
  publicUrl: unset, retry: unset, limits: unset, lookups: unset, onAccountEvent: unset, allowedReturnOrigins: unset, tools: unset,
});
createToolbox({ gitlab, identifier: "ada", view: unset, timeoutMs: unset, discovery: unset, authorization: unset, outputSchema: unset, maxImageBytes: unset, maxResultTokens: unset, schema: unset });
createMcpHandler({ gitlab, maxBodyBytes: unset, rateLimit: unset, maxConcurrent: unset, now: unset, onError: unset, structuredContent: unset });
createWebhookReceiver({ secrets: unset, allowUnsigned: unset, toleranceSeconds: unset, rememberSeconds: unset, maxBytes: unset, now: unset, onError: unset });
createConnectHandler({ gitlab, identify: () => unset, path: unset, returnTo: unset, signInUrl: unset, productName: unset, style: unset, render: unset, onError: unset });
const emulator = await createGitLabEmulator({ port: unset, pathPrefix: unset, instance: unset, version: unset, plan: unset, seed: unset, now: unset, rateLimit: unset, accessTokenTtlSeconds: unset });
await emulator.close();
console.log(checked.length);
`;
