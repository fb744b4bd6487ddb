/**
 * What carries calls out: validation, policies, sending, reading, showing. It comes with a client's first call. A client is
 * made quickly, and connecting people needs none of this.
 */
export { openMemory } from "./tools/agent-memory.js";
export { abilitiesOf } from "./tools/abilities.js";
export { execute } from "./tools/execute.js";
export { lookUp } from "./tools/lookup.js";
export { pages } from "./tools/pages.js";
export { rawTool } from "./tools/raw-request.js";
export { createRuntime, type Runtime } from "./tools/runtime.js";
export { checkSaving, withUploadPlace } from "./tools/saving.js";
export { openAudit, readAudit } from "./tools/audit-trail.js";
