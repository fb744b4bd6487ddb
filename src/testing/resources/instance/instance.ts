import { requireUser } from "../../server/access.js";
import { renderHtml } from "../planning/planning-entities.js";
import { created, json, type Handlers } from "../../server/handler.js";

/** What an instance says about itself. */
export const instanceHandlers: Handlers = {
  "GET /metadata": (call) => {
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
  },
  "POST /markdown": ({ params }) => created({ html: renderHtml(params.text("text") ?? "") }),
  "GET /version": (call) => {
    requireUser(call);
    return json({ version: call.gitlab.version, revision: "5f2c1a9d04e" });
  },
};
