import { randomBytes } from "node:crypto";
import { findProject, requireRole, requireUser } from "../../server/access.js";
import { created, invalid, list, refuse, type Call, type Handlers } from "../../server/handler.js";
import { UploadedFile } from "../../server/uploaded-file.js";
import { role } from "../../state/records.js";
import { userById } from "../users/user-entity.js";

const images = /\.(?:png|jpe?g|gif|bmp|tiff|ico|webp|svg)$/i;

/** Files that descriptions and comments link to. */
export const uploadHandlers: Handlers = {
  "POST /projects/{id}/uploads": (call) => {
    const project = findProject(call);
    const user = requireUser(call);
    const { gitlab, values } = call;
    const { file } = values;
    if (!(file instanceof UploadedFile))
      return refuse(400, { error: file === undefined ? "file is missing" : "file is invalid" });
    const secret = randomBytes(16).toString("hex");
    const name = file.filename.replace(/[^\p{L}\p{N}._-]+/gu, "_");
    const record = gitlab.resources.add(
      "uploads",
      `projects/${String(project.id)}`,
      { filename: name, size: file.bytes.length, secret },
      { by: user.id, at: gitlab.now() },
    );
    const image = images.test(name);
    const alt = image ? name.replace(/\.[^.]+$/, "") : name;
    const url = `/uploads/${secret}/${name}`;
    return created({
      id: record.id,
      alt,
      url,
      full_path: `/-/project/${String(project.id)}${url}`,
      markdown: `${image ? "!" : ""}[${alt}](${url})`,
    });
  },

  "GET /projects/{id}/uploads": (call) => {
    const project = findProject(call);
    requireRole(call, project, role.maintainer);
    const found = call.gitlab.resources.in("uploads", `projects/${String(project.id)}`).reverse();
    return list(found, ({ id, values, createdAt, authorId }) => ({
      id,
      size: values["size"],
      filename: values["filename"],
      created_at: createdAt.toISOString(),
      uploaded_by: userById(call.gitlab, authorId),
    }));
  },
};

const avatarFormats = ["png", "jpeg", "gif", "bmp", "tiff", "vnd.microsoft.icon"].map((type) => `image/${type}`);

/** Keeps an avatar that came with a project or a group; an empty one takes it away. */
export function takeAvatar(
  { values }: Call,
  kind: "project" | "group",
  { id, settings }: { readonly id: number; readonly settings: Record<string, unknown> },
): void {
  const { avatar } = values;
  if (avatar === "") delete settings["avatar_path"];
  if (!(avatar instanceof UploadedFile)) return;
  const { filename, contentType, bytes } = avatar;
  if (!avatarFormats.includes(contentType)) {
    const formats = avatarFormats.join(", ");
    invalid({
      avatar: [`file format is not supported. Please try one of the following supported formats: ${formats}`],
    });
  }
  if (bytes.length > 200 * 1024) invalid({ avatar: ["is too big (should be at most 200 KiB)"] });
  settings["avatar_path"] = `/uploads/-/system/${kind}/avatar/${String(id)}/${filename}`;
}

/** Where an avatar is shown from; null without one. */
export function placeAvatarUrl(baseUrl: string, settings: Readonly<Record<string, unknown>>): string | null {
  const path = settings["avatar_path"];
  return typeof path === "string" ? `${baseUrl}${path}` : null;
}
