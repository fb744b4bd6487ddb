import { refuse, type Handlers } from "../../server/handler.js";
import { role } from "../../state/records.js";
import { underGroup, underProject, type Under } from "../engine/places.js";
import { wordOf } from "../engine/fill.js";
import { resourceHandlers, type Resource } from "../engine/resource.js";

/** Blanks become dashes; folders stay. */
const slugOf = (title: string): string => title.trim().replace(/\s+/g, "-");

const wikis = (path: string, under: Under): Resource => ({
  name: "wikis",
  path,
  item: "slug",
  key: "slug",
  missing: "Wiki Page",
  under,
  roles: { read: role.guest, write: role.developer },
  orderBy: "slug",
  defaults: { format: "markdown", encoding: "UTF-8", front_matter: {} },
  write: (values, call, place, before) => {
    const title = wordOf(values["title"]);
    if (title?.trim() === "") refuse(400, { message: { title: ["can't be blank"] } });
    if (title === undefined) return values;
    const slug = slugOf(title);
    const taken = call.gitlab.resources
      .in("wikis", place.key)
      .some((record) => record !== before && record.values["slug"] === slug);
    if (taken) refuse(422, { message: { base: ["Duplicate page: A page with that title already exists"] } });
    return { ...values, title: title.split("/").at(-1), slug };
  },
  present: (record, call) => ({
    wiki_page_meta_id: record.id,
    content:
      call.operation.path.endsWith("}/wikis") && call.method === "GET" && call.params.flag("with_content") !== true
        ? undefined
        : record.values["content"],
  }),
});

/** Wiki pages of projects and groups. */
export const wikiResources: Handlers = {
  ...resourceHandlers(wikis("/projects/{id}/wikis", underProject)),
  ...resourceHandlers(wikis("/groups/{id}/wikis", underGroup)),
};
