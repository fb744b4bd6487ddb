/** The pages on which people connect GitLab: one handler for every server, and what protects them. */
export { createConnectHandler, type ConnectHandler } from "./handler.js";
export { toNodeHandler } from "./node.js";
export type { ConnectHandlerOptions } from "./options.js";
export type { ConnectInstance, ConnectNotice, ConnectView } from "./view.js";
