import { setTimeout as delay } from "node:timers/promises";
import { platformTransport } from "#transport";
import type { Accounts } from "../accounts/accounts.js";
import { steadyClock, type Clock } from "../http/budget.js";
import { fetchTransport } from "../http/fetch-transport.js";
import { hookObserver, type Hooks } from "../http/hooks.js";
import { createLimiter, type Limiter } from "../http/limiter.js";
import type { Observer } from "../http/observer.js";
import { loadTelemetry, type Telemetry } from "../http/telemetry.js";
import type { NetworkSettings, Transport } from "../http/transport.js";
import type { RetrySettings } from "../http/wire.js";
import type { Named } from "../policy/glob.js";
import type { Policy, WriteApproval } from "../policy/policy.js";
import { createProjectDirectory, type ProjectDirectory } from "../policy/project-directory.js";
import { createShortCache, type ShortCache } from "../policy/short-cache.js";
import type { AgentMemory } from "./agent-memory.js";
import type { AuditEntry } from "./audit.js";
import type { CallSettings } from "./settings.js";

/** What every call of one client shares. */
export interface Runtime {
  readonly accounts: Accounts;
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
  /** For connections without settings of their own. */
  readonly transport: Transport;
  readonly transportFor: (network: NetworkSettings) => Transport;
  readonly clock: Clock;
  readonly limiter: Limiter;
  readonly retry: RetrySettings;
  readonly hooks: Hooks;
  /** Tells the hooks of attempts; absent where there are none. */
  readonly observer?: Observer;
  /** Absent where it is switched off; resolves to nothing where OpenTelemetry is not installed. */
  readonly telemetry?: () => Promise<Telemetry | undefined>;
  readonly lookups: LookupSettings;
  /** The client's own tools. */
  readonly own: readonly Named[];
  /** All of them hold. */
  readonly policies: readonly Policy[];
  readonly onBeforeWrite?: WriteApproval;
  /** Told of each call when it has ended; absent where no audit trail is kept. */
  readonly audit?: (entry: AuditEntry) => void;
  readonly projects: ProjectDirectory;
  /** Access levels by account, place and person. */
  readonly roles: ShortCache<number>;
  /** Global ids by account, place and what people call a thing. */
  readonly ids: ShortCache<string>;
  readonly memory: AgentMemory;
}

/** Requests that this library makes on its own to explain a refusal. */
export interface LookupSettings {
  readonly enabled: boolean;
  /** Whether a 404 may be followed by a question whether the iid is a global id. */
  readonly wrongIid: boolean;
  /** All lookups of one refusal together take no longer, in milliseconds. */
  readonly timeoutMs: number;
}

/** The transport for each way to an instance; a `fetch` of the user's own goes its own. */
function transports(own: CallSettings["fetch"]): Pick<Runtime, "transport" | "transportFor"> {
  if (own) {
    const transport = fetchTransport(own);
    return { transport, transportFor: () => transport };
  }
  const made = new WeakMap<NetworkSettings, Transport>();
  const transportFor = (network: NetworkSettings): Transport => {
    let transport = made.get(network);
    if (!transport) made.set(network, (transport = platformTransport(network)));
    return transport;
  };
  return { transport: platformTransport(), transportFor };
}

/** What every call of a client shares, made of settings that have been checked. */
export function createRuntime(
  accounts: Accounts,
  settings: CallSettings,
  memory: AgentMemory,
  own: readonly Named[] = [],
): Runtime {
  const { timeoutMs = 60_000, maxResponseBytes = 25 * 1024 * 1024, limits = {}, lookups = {} } = settings;
  const { perAccount = 10, perInstance = 50, attempts = 3, longestWaitMs = 15_000, slowDownBelow = 0.1 } = limits;
  const now = settings.now ?? Date.now;
  const clock: Clock = {
    now,
    steady: steadyClock(now),
    sleep: settings.sleep ?? ((ms, signal) => delay(ms, undefined, { signal })),
  };
  const lookupSettings = lookups === false ? {} : lookups;
  return {
    accounts,
    timeoutMs,
    maxResponseBytes,
    clock,
    limiter: createLimiter({ perAccount, perInstance, longestWaitMs, slowDownBelow }, clock),
    retry: { attempts, longestWaitMs, reads: settings.retry === "reads" },
    ...transports(settings.fetch),
    hooks: settings,
    ...(settings.onRequest || settings.onResponse || settings.onRetry ? { observer: hookObserver(settings) } : {}),
    ...(settings.telemetry !== false && { telemetry: loadTelemetry }),
    lookups: {
      enabled: lookups !== false,
      wrongIid: settings.wrongIidLookup ?? lookupSettings.wrongIid ?? true,
      timeoutMs: lookupSettings.timeoutMs ?? 2000,
    },
    own,
    policies: settings.policy ? [settings.policy] : [],
    projects: createProjectDirectory(clock.steady),
    roles: createShortCache(clock.steady),
    ids: createShortCache(clock.steady),
    memory,
    ...(settings.onBeforeWrite && { onBeforeWrite: settings.onBeforeWrite }),
  };
}
