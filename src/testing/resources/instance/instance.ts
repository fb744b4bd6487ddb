import { requireUser } from "../../server/access.js";
import { renderHtml } from "../planning/planning-entities.js";
import { created, json, type Handler, type Handlers } from "../../server/handler.js";

const metadata: Handler = (call) => {
  requireUser(call);
  const { gitlab } = call;
  return json({
    version: gitlab.version,
    revision: "5f2c1a9d04e",
    kas: {
      enabled: true,
      externalUrl: null,
      externalK8sProxyUrl: null,
      version: gitlab.version.replace(/-\w+$/, ""),
    },
    enterprise: gitlab.instance === "gitlab.com" || gitlab.plan !== "free",
  });
};

/** What an instance says about itself; `/version` is the older name of the same. */
export const instanceHandlers: Handlers = {
  "GET /metadata": metadata,
  "GET /version": metadata,
  "POST /markdown": ({ params }) => created({ html: renderHtml(params.text("text") ?? "") }),
};
