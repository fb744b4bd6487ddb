import { role, type ProjectRecord } from "../state/records.js";
import type { ResourceRecord } from "../state/resource-records.js";
import { mayReadIssue, mayReadMergeRequest } from "../state/visibility.js";
import { connection, type PageArguments } from "./connection.js";
import { homeNode } from "./home.js";
import { gid, idOf, unavailable } from "./ids.js";
import { issueNode } from "./issue-node.js";
import { hasPlan, iso, userNode, type Home, type Node, type View } from "./view.js";

/*
 * What scanners have found: records of the resource `vulnerabilities` in a project, by the API's own names. Nothing is
 * scanned here: a test or a seed says what was found.
 */

const severities = ["critical", "high", "medium", "low", "unknown", "info"] as const;
const developersUp = role.developer;

/** The place of a finding has a type for each kind of scan. */
const locationTypes: Readonly<Record<string, string>> = {
  sast: "VulnerabilityLocationSast",
  secret_detection: "VulnerabilityLocationSecretDetection",
  dependency_scanning: "VulnerabilityLocationDependencyScanning",
  container_scanning: "VulnerabilityLocationContainerScanning",
  cluster_image_scanning: "VulnerabilityLocationClusterImageScanning",
  coverage_fuzzing: "VulnerabilityLocationCoverageFuzzing",
  dast: "VulnerabilityLocationDast",
};

interface Found {
  readonly record: ResourceRecord;
  readonly project: ProjectRecord;
}

interface Filters {
  readonly severity?: readonly string[] | null;
  readonly state?: readonly string[] | null;
  readonly reportType?: readonly string[] | null;
  readonly scanner?: readonly string[] | null;
  readonly identifierName?: string | null;
  readonly hasResolution?: boolean | null;
  readonly hasIssues?: boolean | null;
  readonly hasMergeRequest?: boolean | null;
  readonly sort?: string | null;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const upper = (value: unknown): string | null => (typeof value === "string" ? value.toUpperCase() : null);

/** `{ start_line: 12 }` as `{ startLine: "12" }`: GraphQL's names, and lines as text. */
function camel(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camel);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]: [string, unknown]) => [
      name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
      /_line$/.test(name) ? String(inner) : camel(inner),
    ]),
  );
}

/** Developers and up see them, on Ultimate: https://docs.gitlab.com/user/permissions/#application-security */
const mayRead = (view: View, project: ProjectRecord): boolean =>
  hasPlan(view, { project }, "ultimate") && view.gitlab.projectRole(view.user, project) >= developersUp;

function recordsIn(view: View, home: Home): Found[] {
  const { gitlab } = view;
  const projects =
    "project" in home
      ? [home.project]
      : [...gitlab.projects.values()].filter(({ namespaceId }) => gitlab.ancestry(namespaceId).includes(home.group));
  return projects
    .filter((project) => mayRead(view, project))
    .flatMap((project) =>
      gitlab.resources.in("vulnerabilities", `projects/${String(project.id)}`).map((record) => ({ record, project })),
    );
}

function find(view: View, id: unknown): Found | undefined {
  const number = idOf(id, "Vulnerability");
  const record = view.gitlab.resources.of("vulnerabilities").find((one) => one.id === number);
  const project = view.gitlab.projects.get(Number(record?.place.split("/")[1]));
  return record === undefined || project === undefined || !mayRead(view, project) ? undefined : { record, project };
}

const stateOf = ({ values }: ResourceRecord): string => textOf(values["state"]) || "detected";
const severityOf = ({ values }: ResourceRecord): string => textOf(values["severity"]) || "unknown";

function passes({ values }: ResourceRecord, state: string, severity: string, filters: Filters): boolean {
  const among = (allowed: readonly string[] | null | undefined, value: unknown): boolean =>
    allowed == null || allowed.includes(upper(value) ?? "");
  const is = (allowed: boolean | null | undefined, value: boolean): boolean => allowed == null || allowed === value;
  const scanner = values["scanner"] as { readonly name?: string; readonly external_id?: string } | undefined;
  return (
    among(filters.severity, severity) &&
    among(filters.state, state) &&
    among(filters.reportType, values["report_type"]) &&
    (filters.scanner == null || filters.scanner.some((one) => one === scanner?.external_id || one === scanner?.name)) &&
    (filters.identifierName == null ||
      listOf(values["identifiers"]).some((one) => (one as { name?: string }).name === filters.identifierName)) &&
    is(filters.hasResolution, values["resolved_on_default_branch"] === true) &&
    is(filters.hasIssues, listOf(values["issues"]).length > 0) &&
    is(filters.hasMergeRequest, listOf(values["merge_requests"]).length > 0)
  );
}

const filtered = (view: View, home: Home, filters: Filters): Found[] =>
  recordsIn(view, home).filter(({ record }) => passes(record, stateOf(record), severityOf(record), filters));

function sorted(found: Found[], sort: string): Found[] {
  const rank = ({ record }: Found): number =>
    sort.startsWith("severity")
      ? -severities.findIndex((one) => one === severityOf(record))
      : Date.parse(textOf(record.values["detected_at"])) || record.createdAt.getTime();
  const direction = sort.endsWith("_asc") ? 1 : -1;
  return found.sort((a, b) => direction * (rank(a) - rank(b) || a.record.id - b.record.id));
}

/** What a project or a group has; null where its plan does not have them. */
export const vulnerabilityFields = (view: View, home: Home): Node => ({
  vulnerabilities: (args: PageArguments & Filters) =>
    hasPlan(view, home, "ultimate")
      ? connection(sorted(filtered(view, home, args), args.sort ?? "severity_desc"), args, (one) => node(view, one))
      : null,
  vulnerabilitySeveritiesCount: (args: Filters) => {
    if (!hasPlan(view, home, "ultimate")) return null;
    const found = filtered(view, home, args);
    return Object.fromEntries(
      severities.map((severity) => [severity, found.filter(({ record }) => severityOf(record) === severity).length]),
    );
  },
});

/** One by its global id; null for what is missing or not the asker's to see. */
export function vulnerabilityNode(view: View, id: unknown): Node | null {
  const one = find(view, id);
  return one === undefined ? null : node(view, one);
}

function node(view: View, { record, project }: Found): Node {
  const { gitlab } = view;
  const { id, values } = record;
  const changes = gitlab.resources.in("state_transitions", `vulnerabilities/${String(id)}`);
  const last = changes.at(-1);
  const since = (state: string): string | null => (stateOf(record) === state ? iso(record.updatedAt) : null);
  const reportType = textOf(values["report_type"]) || "generic";
  const identifiers = listOf(camel(values["identifiers"]));
  const location = values["location"];
  const numbers = (name: string): number[] => listOf(values[name]).map(Number);
  return {
    __typename: "Vulnerability",
    id: gid("Vulnerability", id),
    title: textOf(values["title"]),
    name: textOf(values["title"]),
    description: values["description"] ?? null,
    solution: values["solution"] ?? null,
    severity: upper(severityOf(record)),
    state: upper(stateOf(record)),
    stateComment: last?.values["comment"] ?? null,
    dismissalReason: stateOf(record) === "dismissed" ? (last?.values["dismissal_reason"] ?? null) : null,
    reportType: upper(reportType),
    detectedAt: textOf(values["detected_at"]) || iso(record.createdAt),
    confirmedAt: since("confirmed"),
    dismissedAt: since("dismissed"),
    resolvedAt: since("resolved"),
    presentOnDefaultBranch: values["resolved_on_default_branch"] !== true,
    resolvedOnDefaultBranch: values["resolved_on_default_branch"] === true,
    falsePositive: values["false_positive"] === true,
    hasRemediations: values["has_remediations"] === true,
    identifiers,
    primaryIdentifier: identifiers[0] ?? null,
    scanner: camel(values["scanner"]) ?? null,
    links: listOf(camel(values["links"])),
    cvss: listOf(camel(values["cvss"])),
    location:
      typeof location === "object" && location !== null
        ? { ...(camel(location) as Node), __typename: locationTypes[reportType] ?? "VulnerabilityLocationGeneric" }
        : null,
    project: () => homeNode(view, { project }),
    webUrl: `${gitlab.projectUrl(project)}/-/security/vulnerabilities/${String(id)}`,
    issueLinks: (args: PageArguments) => {
      const issues = numbers("issues").flatMap((iid) => gitlab.planning.issue(project.id, iid) ?? []);
      const seen = issues.filter((issue) => mayReadIssue(gitlab, view.user, issue));
      return connection(seen, args, (issue) => ({ linkType: "RELATED", issue: issueNode(view, issue) }));
    },
    mergeRequests: (args: PageArguments) => {
      const items = numbers("merge_requests").flatMap((iid) => gitlab.planning.mergeRequest(project.id, iid) ?? []);
      const seen = items.filter((item) => mayReadMergeRequest(gitlab, view.user, item));
      return connection(seen, args, view.show.mergeRequest);
    },
    stateTransitions: (args: PageArguments) =>
      connection(changes, args, (change) => ({
        fromState: upper(change.values["from_state"]),
        toState: upper(change.values["to_state"]),
        comment: change.values["comment"] ?? null,
        dismissalReason: change.values["dismissal_reason"] ?? null,
        createdAt: iso(change.createdAt),
        author: userNode(view, change.authorId),
      })),
  };
}

interface Decision {
  readonly id: string;
  readonly comment?: string | null;
  readonly dismissalReason?: string | null;
}

/** To decide takes a maintainer: https://docs.gitlab.com/user/permissions/#application-security */
export function vulnerabilityMutations(view: View): Node {
  const { gitlab, user } = view;
  const to =
    (state: string) =>
    ({ input }: { readonly input: Decision }): Node => {
      const one = find(view, input.id);
      if (one === undefined || user === undefined) return unavailable();
      if (gitlab.projectRole(user, one.project) < role.maintainer) return unavailable();
      const { record } = one;
      const { comment = null, dismissalReason = null } = input;
      if ((comment ?? "").length > 50_000) {
        const errors = ["Comment is too long (maximum is 50000 characters)"];
        return { errors, vulnerability: node(view, one) };
      }
      const values = { from_state: stateOf(record), to_state: state, comment, dismissal_reason: dismissalReason };
      const made = { by: user.id, at: gitlab.now() };
      gitlab.resources.add("state_transitions", `vulnerabilities/${String(record.id)}`, values, made);
      record.values["state"] = state;
      record.updatedAt = gitlab.now();
      return { errors: [], vulnerability: node(view, one) };
    };
  return {
    vulnerabilityConfirm: to("confirmed"),
    vulnerabilityDismiss: to("dismissed"),
    vulnerabilityResolve: to("resolved"),
    vulnerabilityRevertToDetected: to("detected"),
  };
}
