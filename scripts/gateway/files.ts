import { gatewayDocument } from "../../src/serve/document.js";

/** The files that are made of the gateway's operations, by path. */
export function gatewayFiles(): ReadonlyMap<string, string> {
  const document = gatewayDocument();
  return new Map([["docs/gateway.openapi.json", `${JSON.stringify(document, undefined, 2)}\n`]]);
}
