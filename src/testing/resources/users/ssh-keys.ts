import { invalid, type Handlers } from "../../server/handler.js";
import { role } from "../../state/records.js";
import { wordOf } from "../engine/fill.js";
import { underUser } from "../engine/places.js";
import { resourceHandlers, type Resource } from "../engine/resource.js";
import { checkPublicKey, expiryOf, keyBody } from "./public-keys.js";

/** The signed-in user's own SSH keys. */
const sshKeys: Resource = {
  name: "ssh_keys",
  path: "/user/keys",
  item: "key_id",
  missing: "Key",
  operations: ["list", "get", "create", "remove"],
  under: underUser,
  roles: { write: role.owner },
  defaults: { usage_type: "auth_and_signing", expires_at: null },
  write: (values, call) => {
    if ((wordOf(values["title"]) ?? "").trim() === "") invalid({ title: ["can't be blank"] });
    const key = checkPublicKey(wordOf(values["key"]) ?? "");
    // A key identifies one account of the instance.
    const known = call.gitlab.resources.of("ssh_keys").map((other) => keyBody(wordOf(other.values["key"]) ?? ""));
    if (known.includes(keyBody(key))) invalid({ fingerprint_sha256: ["has already been taken"] });
    const expiry = expiryOf(values);
    if (typeof expiry.expires_at === "string" && Date.parse(expiry.expires_at) <= call.gitlab.now().getTime()) {
      invalid({ key: ["has expired"] });
    }
    return { ...values, ...expiry, key };
  },
};

export const sshKeyResources: Handlers = resourceHandlers(sshKeys);
