/**
 * What people say, in the words of the tools. A request is looked for with both; the words on the right count less
 * than those that were used.
 */
export const synonyms: Readonly<Record<string, readonly string[]>> = {
  // Things
  mr: ["merge", "request"],
  mrs: ["merge", "request"],
  pr: ["merge", "request"],
  prs: ["merge", "request"],
  pull: ["merge"],
  todo: ["todos"],
  contractor: ["member", "user"],
  colleague: ["user", "member"],
  reaction: ["emoji"],
  react: ["emoji", "create"],
  thumb: ["emoji", "award"],
  conversation: ["discussion", "comment"],
  thread: ["discussion", "comment"],
  review: ["reviewer", "comment"],
  image: ["registry"],
  container: ["registry"],
  docker: ["registry"],
  calendar: ["schedule"],
  cron: ["schedule"],
  nightly: ["schedule"],
  hour: ["time", "spent"],
  estimate: ["time"],
  bug: ["issue"],
  ticket: ["issue"],
  task: ["issue", "work", "item"],
  repo: ["project", "repository"],
  repos: ["project", "repository"],
  repository: ["project"],
  build: ["pipeline"],
  ci: ["pipeline"],
  workflow: ["pipeline"],
  team: ["group"],
  folder: ["files", "directory"],
  code: ["blobs", "file"],
  secret: ["variable"],
  env: ["variable"],
  environment: ["variable"],
  person: ["user"],
  people: ["user"],
  somebody: ["user"],
  access: ["member"],
  hook: ["webhook"],
  sprint: ["milestone"],
  changelog: ["release"],
  note: ["comment"],
  discussion: ["comment"],
  defect: ["issue"],
  maintainer: ["member"],
  developer: ["member"],
  owner: ["member"],
  comment: ["note"],
  history: ["commits", "log"],
  output: ["log"],
  zip: ["artifacts"],
  result: ["artifacts"],
  directory: ["files"],
  // Doing
  show: ["get"],
  read: ["get"],
  see: ["get"],
  find: ["search", "list"],
  which: ["list"],
  all: ["list"],
  add: ["create"],
  invite: ["add", "member"],
  new: ["create"],
  make: ["create", "update"],
  start: ["create"],
  publish: ["create", "submit"],
  answer: ["reply"],
  respond: ["reply"],
  typo: ["edit", "replace"],
  replace: ["edit"],
  save: ["create"],
  store: ["create"],
  change: ["update"],
  edit: ["update"],
  fix: ["update"],
  correct: ["update"],
  rename: ["update"],
  move: ["update"],
  set: ["update"],
  turn: ["update"],
  enable: ["update"],
  disable: ["update"],
  notify: ["subscribe"],
  log: ["add"],
  attach: ["create"],
  upload: ["create"],
  close: ["update"],
  assign: ["update"],
  remove: ["delete"],
  erase: ["delete"],
  drop: ["delete"],
  rid: ["delete"],
  restart: ["retry"],
  rerun: ["retry"],
  again: ["retry"],
  stop: ["cancel"],
  kill: ["cancel"],
  abort: ["cancel"],
  reply: ["comment", "create"],
  say: ["comment"],
  said: ["comment"],
  trigger: ["run"],
  clear: ["done", "delete"],
  exist: ["get", "check"],
};

/** Begin a question, or ask to be shown something. */
export const asking: ReadonlySet<string> = new Set(
  "what which who whose how when where why is are does did do has have can show list find search get read see look view check count summarize compare download latest recent last status any".split(
    " ",
  ),
);

/** Ask for a change, wherever they stand. */
export const changing: ReadonlySet<string> = new Set(
  "add create make protect unprotect react estimate link unlink transfer archive invite upload attach publish save store change edit fix correct rename move set close reopen assign remove delete erase drop rid restart rerun retry stop kill cancel abort reply trigger run approve invite put give upload rotate disable enable take turn leave tell ping notify let start launch execute write revoke grant bump mark unstar".split(
    " ",
  ),
);

/** Ask for a change where they come first; elsewhere they are things. */
export const changingFirst: ReadonlySet<string> = new Set(
  "open new file log report tag label star fork merge comment commit draft cut release answer respond submit request replace suggest apply accept resolve".split(
    " ",
  ),
);

/** What the verbs of requests and of tools do to a thing. */
export const kinds: Readonly<Record<string, "create" | "update" | "delete">> = {
  ...{ create: "create", add: "create", new: "create", write: "create", post: "create", start: "create" },
  ...{ save: "create", upload: "create", attach: "create", invite: "create", give: "create", log: "create" },
  ...{ update: "update", change: "update", edit: "update", rename: "update", set: "update", correct: "update" },
  ...{ turn: "update", enable: "update", disable: "update", fix: "update", allow: "update" },
  ...{ delete: "delete", remove: "delete", erase: "delete", drop: "delete", rid: "delete" },
};

/** Verbs of names that say nothing of what a tool is about. */
export const plainVerbs: ReadonlySet<string> = new Set(["list", "get", "check", "set"]);
