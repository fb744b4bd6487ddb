import { findProject, requireRole } from "../../server/access.js";
import { created, empty, invalid, list, notFound, type Call, type Handlers } from "../../server/handler.js";
import { checkPublicKey, fingerprintMd5, fingerprintSha256, keyBody } from "../users/public-keys.js";
import { role, type DeployKeyRecord, type ProjectRecord } from "../../state/records.js";

/** Keys that machines read, and may write, a repository with. */
export const deployKeyHandlers: Handlers = {
  getApiV4ProjectsIdDeployKeys: (call) => {
    const project = administered(call);
    return list(keysOf(call, project), deployKeyEntity);
  },

  postApiV4ProjectsIdDeployKeys: (call) => {
    const project = administered(call);
    const { params, gitlab } = call;
    const title = params.text("title") ?? "";
    if (title.trim() === "") invalid({ "deploy_key.title": ["can't be blank"] });
    const key = checkPublicKey(params.text("key") ?? "");
    // The same key again is no error: GitLab answers with the one that is there.
    const known = keysOf(call, project).find((other) => keyBody(other.key) === keyBody(key));
    if (known !== undefined) return created(deployKeyEntity(known));
    const expires = params.text("expires_at");
    const record: DeployKeyRecord = {
      id: gitlab.nextId("deploy_key"),
      projectId: project.id,
      title,
      key,
      canPush: params.flag("can_push") ?? false,
      expiresAt: expires === undefined ? null : new Date(expires),
      createdAt: gitlab.now(),
    };
    gitlab.deployKeys.set(record.id, record);
    return created(deployKeyEntity(record));
  },

  deleteApiV4ProjectsIdDeployKeysKeyId: (call) => {
    const project = administered(call);
    const key = keysOf(call, project).find(({ id }) => id === Number(call.path["key_id"])) ?? notFound("Deploy Key");
    call.gitlab.deployKeys.delete(key.id);
    return empty();
  },
};

function administered(call: Call): ProjectRecord {
  const project = findProject(call);
  requireRole(call, project, role.maintainer);
  return project;
}

const keysOf = ({ gitlab }: Call, project: ProjectRecord): DeployKeyRecord[] =>
  [...gitlab.deployKeys.values()].filter(({ projectId }) => projectId === project.id);

export const deployKeyEntity = (key: DeployKeyRecord): Record<string, unknown> => ({
  id: key.id,
  title: key.title,
  created_at: key.createdAt.toISOString(),
  expires_at: key.expiresAt?.toISOString() ?? null,
  last_used_at: null,
  key: key.key,
  usage_type: "auth_and_signing",
  fingerprint: fingerprintMd5(key.key),
  fingerprint_sha256: fingerprintSha256(key.key),
  projects_with_write_access: [],
  projects_with_readonly_access: [],
  can_push: key.canPush,
});
