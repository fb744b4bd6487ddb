import { invalid, type Handlers } from "../../server/handler.js";
import { role } from "../../state/records.js";
import { wordOf } from "../engine/fill.js";
import { underProject } from "../engine/places.js";
import { resourceHandlers, type Resource } from "../engine/resource.js";
import { checkPublicKey, expiryOf, fingerprintMd5, fingerprintSha256, keyBody } from "../users/public-keys.js";

/** Keys that machines read, and may write, a repository with. */
const deployKeys: Resource = {
  name: "deploy_keys",
  path: "/projects/{id}/deploy_keys",
  item: "key_id",
  missing: "Deploy Key",
  under: underProject,
  roles: { read: role.maintainer, write: role.maintainer },
  defaults: { can_push: false, expires_at: null, usage_type: "auth_and_signing" },
  // The same key again is no error: GitLab answers with the one that is there.
  again: ({ key }, call, place) =>
    call.gitlab.resources
      .in("deploy_keys", place.key)
      .find(({ values }) => keyBody(wordOf(values["key"]) ?? "") === keyBody(wordOf(key) ?? "")),
  write: (values, _call, _place, before) => {
    if ((wordOf(values["title"]) ?? (before === undefined ? "" : "-")).trim() === "") {
      invalid({ "deploy_key.title": ["can't be blank"] });
    }
    const expiry = expiryOf(values);
    return before === undefined ? { ...values, ...expiry, key: checkPublicKey(wordOf(values["key"]) ?? "") } : values;
  },
  present: ({ values }) => ({
    fingerprint: fingerprintMd5(wordOf(values["key"]) ?? ""),
    fingerprint_sha256: fingerprintSha256(wordOf(values["key"]) ?? ""),
  }),
};

export const deployKeyResources: Handlers = resourceHandlers(deployKeys);
