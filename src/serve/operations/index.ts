import type { GatewayOperation } from "../operation.js";
import { accountOperations } from "./accounts.js";
import { eventOperations } from "./events.js";
import { sessionOperations } from "./sessions.js";
import { toolOperations } from "./tools.js";

/** All that the gateway does for products. */
export const operations: readonly GatewayOperation[] = [
  ...accountOperations,
  ...toolOperations,
  ...sessionOperations,
  ...eventOperations,
];
