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
  bug: ["issue"],
  ticket: ["issue"],
  task: ["issue"],
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
  make: ["create"],
  start: ["create"],
  publish: ["create"],
  save: ["create"],
  store: ["create"],
  change: ["update"],
  edit: ["update"],
  fix: ["update"],
  correct: ["update"],
  rename: ["update"],
  move: ["update"],
  set: ["update"],
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
};

/** Begin a question, or ask to be shown something. */
export const asking: ReadonlySet<string> = new Set(
  "what which who whose how when where why is are does did do has have can show list find search get read see look view check count summarize compare download latest recent last status any".split(
    " ",
  ),
);

/** Ask for a change, wherever they stand. */
export const changing: ReadonlySet<string> = new Set(
  "add create make publish save store change edit fix correct rename move set close reopen assign remove delete erase drop rid restart rerun retry stop kill cancel abort reply trigger run approve invite put give upload rotate disable enable take turn leave tell ping notify let start launch execute write revoke grant bump mark unstar".split(
    " ",
  ),
);

/** Ask for a change where they come first; elsewhere they are things. */
export const changingFirst: ReadonlySet<string> = new Set(
  "open new file log report tag label star fork merge comment commit draft cut release".split(" "),
);
