import { requireUser } from "../../server/access.js";
import { created, invalid, list, type Handlers } from "../../server/handler.js";
import { checkPublicKey, keyBody } from "./public-keys.js";
import type { SshKeyRecord } from "../../state/records.js";

/** The signed-in user's own SSH keys. */
export const sshKeyHandlers: Handlers = {
  getApiV4UserKeys: (call) => {
    const me = requireUser(call);
    const keys = [...call.gitlab.sshKeys.values()].filter(({ userId }) => userId === me.id);
    return list(keys, sshKeyEntity);
  },

  postApiV4UserKeys: (call) => {
    const me = requireUser(call);
    const { params, gitlab } = call;
    const title = params.text("title") ?? "";
    if (title.trim() === "") invalid({ title: ["can't be blank"] });
    const key = checkPublicKey(params.text("key") ?? "");
    // A key identifies one account of the instance.
    if ([...gitlab.sshKeys.values()].some((other) => keyBody(other.key) === keyBody(key))) {
      invalid({ fingerprint_sha256: ["has already been taken"] });
    }
    const usage = params.text("usage_type");
    const expires = params.text("expires_at");
    const record: SshKeyRecord = {
      id: gitlab.nextId("ssh_key"),
      userId: me.id,
      title,
      key,
      usageType: usage === "auth" || usage === "signing" ? usage : "auth_and_signing",
      expiresAt: expires === undefined ? null : new Date(expires),
      createdAt: gitlab.now(),
    };
    if (record.expiresAt !== null && record.expiresAt.getTime() <= gitlab.now().getTime()) {
      invalid({ key: ["has expired"] });
    }
    gitlab.sshKeys.set(record.id, record);
    return created(sshKeyEntity(record));
  },
};

export const sshKeyEntity = (key: SshKeyRecord): Record<string, unknown> => ({
  id: key.id,
  title: key.title,
  created_at: key.createdAt.toISOString(),
  expires_at: key.expiresAt?.toISOString() ?? null,
  last_used_at: null,
  key: key.key,
  usage_type: key.usageType,
});
