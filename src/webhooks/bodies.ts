/**
 * What GitLab sends, by kind: the fields that are read most, with whatever else comes.
 *
 * @see https://docs.gitlab.com/user/project/integrations/webhook_events/
 */

type More = Readonly<Record<string, unknown>>;

export interface WebhookUser extends More {
  readonly id: number | null;
  readonly username: string;
  readonly name: string;
}

export interface WebhookProject extends More {
  readonly id: number;
  readonly name: string;
  readonly path_with_namespace: string;
  readonly web_url: string;
  readonly default_branch?: string | null;
}

export interface WebhookLabel extends More {
  readonly id: number;
  readonly title: string;
}

/** A field before and after. */
export interface WebhookChange<Value = unknown> {
  readonly previous?: Value;
  readonly current?: Value;
}

export type WebhookChanges = Readonly<Record<string, WebhookChange | undefined>> & {
  readonly assignees?: WebhookChange<readonly WebhookUser[]>;
  readonly reviewers?: WebhookChange<readonly WebhookUser[]>;
  readonly labels?: WebhookChange<readonly WebhookLabel[]>;
  readonly description?: WebhookChange<string | null>;
  readonly draft?: WebhookChange<boolean>;
};

interface Common extends More {
  readonly object_kind?: string;
  readonly project?: WebhookProject;
  readonly user?: WebhookUser;
}

interface InProject extends Common {
  readonly project: WebhookProject;
}

/** What issues, merge requests and notes on them have in common. */
export interface WebhookIssuable extends More {
  readonly id: number;
  readonly iid: number;
  readonly title: string;
  readonly description: string | null;
  readonly state: string;
  readonly url?: string;
}

interface PushBody extends InProject {
  readonly object_kind: "push" | "tag_push";
  readonly ref: string;
  /** Zeros when the branch or tag is new. */
  readonly before: string;
  /** Zeros when it was deleted. */
  readonly after: string;
  readonly checkout_sha: string | null;
  readonly user_id: number;
  readonly user_username: string;
  /** The newest 20 at most; `total_commits_count` counts all. */
  readonly commits: readonly (More & { readonly id: string; readonly message: string })[];
  readonly total_commits_count: number;
}

interface IssueBody extends Common {
  readonly object_kind: "issue" | "work_item";
  readonly user: WebhookUser;
  readonly object_attributes: WebhookIssuable & {
    readonly action?: "open" | "close" | "reopen" | "update";
    readonly type?: string;
    readonly confidential?: boolean;
  };
  readonly assignees?: readonly WebhookUser[];
  readonly labels?: readonly WebhookLabel[];
  readonly changes?: WebhookChanges;
}

interface NoteBody extends InProject {
  readonly object_kind: "note";
  readonly user: WebhookUser;
  readonly object_attributes: More & {
    readonly id: number;
    readonly note: string;
    readonly noteable_type: "Issue" | "MergeRequest" | "Snippet" | "Commit" | (string & {});
    /** The global id: the number that people know is in `issue.iid` or `merge_request.iid`. */
    readonly noteable_id: number | null;
    readonly discussion_id?: string;
    readonly action?: "create" | "update";
    readonly system?: boolean;
    readonly url?: string;
  };
  readonly issue?: WebhookIssuable;
  readonly merge_request?: WebhookIssuable;
  readonly snippet?: More & { readonly id: number };
  readonly commit?: More & { readonly id: string };
}

interface MergeRequestBody extends InProject {
  readonly object_kind: "merge_request";
  readonly user: WebhookUser;
  readonly object_attributes: WebhookIssuable & {
    readonly action?:
      | "open"
      | "close"
      | "reopen"
      | "update"
      | "approval"
      | "approved"
      | "unapproval"
      | "unapproved"
      | "merge"
      | (string & {});
    readonly source_branch: string;
    readonly target_branch: string;
    readonly draft?: boolean;
    /** The head before; only when commits were pushed. */
    readonly oldrev?: string;
    readonly detailed_merge_status?: string;
  };
  readonly assignees?: readonly WebhookUser[];
  readonly reviewers?: readonly (WebhookUser & { readonly state?: string; readonly re_requested?: boolean })[];
  readonly labels?: readonly WebhookLabel[];
  readonly changes?: WebhookChanges;
}

interface PipelineBody extends InProject {
  readonly object_kind: "pipeline";
  readonly object_attributes: More & {
    readonly id: number;
    readonly iid?: number;
    readonly ref: string;
    readonly sha: string;
    readonly status: string;
    readonly source?: string;
    readonly url?: string;
  };
  readonly merge_request?: (More & { readonly id: number; readonly iid: number }) | null;
  readonly builds?: readonly (More & { readonly id: number; readonly name: string; readonly status: string })[];
}

interface BuildBody extends InProject {
  readonly object_kind: "build";
  readonly project_id: number;
  readonly build_id: number;
  readonly build_name: string;
  readonly build_stage: string;
  readonly build_status: string;
  readonly build_failure_reason?: string;
  readonly pipeline_id: number;
  readonly ref: string;
  readonly sha: string;
}

interface DeploymentBody extends InProject {
  readonly object_kind: "deployment";
  readonly deployment_id: number;
  readonly environment: string;
  readonly status: string;
}

interface ReleaseBody extends InProject {
  readonly object_kind: "release";
  readonly id: number;
  readonly tag: string;
  readonly name: string;
  readonly action: "create" | "update" | "delete";
}

interface MilestoneBody extends Common {
  readonly object_kind: "milestone";
  readonly action: "create" | "close" | "reopen" | (string & {});
  readonly object_attributes: More & { readonly id: number; readonly iid: number; readonly title: string };
}

interface EmojiBody extends InProject {
  readonly object_kind: "emoji";
  readonly object_attributes: More & {
    readonly name: string;
    readonly action?: "award" | "revoke";
    readonly awardable_type: string;
    readonly awardable_id: number;
  };
}

interface WikiPageBody extends InProject {
  readonly object_kind: "wiki_page";
  readonly object_attributes: More & {
    readonly title: string;
    readonly slug: string;
    readonly content?: string;
    readonly action: "create" | "update" | "delete";
  };
}

interface FeatureFlagBody extends InProject {
  readonly object_kind: "feature_flag";
  readonly object_attributes: More & { readonly id: number; readonly name: string; readonly active: boolean };
}

interface VulnerabilityBody extends Common {
  readonly object_kind: "vulnerability";
  readonly object_attributes: More & { readonly title: string; readonly state: string; readonly url?: string };
}

interface TokenBody extends Common {
  readonly object_kind: "access_token" | "deploy_token";
  readonly event_name: string;
  readonly group?: More;
  readonly object_attributes: More & {
    readonly id: number;
    readonly name: string;
    readonly expires_at?: string | null;
  };
}

interface MemberBody extends Common {
  readonly event_name:
    | "user_add_to_group"
    | "user_update_for_group"
    | "user_remove_from_group"
    | "user_access_request_to_group"
    | "user_access_request_denied_for_group";
  readonly group_id: number;
  readonly group_path: string;
  readonly user_id: number;
  readonly user_username: string;
}

interface ProjectBody extends Common {
  readonly event_name: "project_create" | "project_destroy" | (string & {});
  readonly project_id: number;
  readonly path_with_namespace: string;
}

interface SubgroupBody extends Common {
  readonly event_name: "subgroup_create" | "subgroup_destroy" | (string & {});
  readonly group_id: number;
  readonly parent_group_id: number;
  readonly full_path: string;
}

/** The payload of each kind. */
export interface WebhookBodies {
  readonly push: PushBody & { readonly object_kind: "push" };
  readonly tag_push: PushBody & { readonly object_kind: "tag_push" };
  readonly issue: IssueBody & { readonly object_kind: "issue" };
  readonly work_item: IssueBody & { readonly object_kind: "work_item" };
  readonly note: NoteBody;
  readonly merge_request: MergeRequestBody;
  readonly pipeline: PipelineBody;
  readonly build: BuildBody;
  readonly deployment: DeploymentBody;
  readonly release: ReleaseBody;
  readonly milestone: MilestoneBody;
  readonly emoji: EmojiBody;
  readonly wiki_page: WikiPageBody;
  readonly feature_flag: FeatureFlagBody;
  readonly vulnerability: VulnerabilityBody;
  readonly access_token: TokenBody & { readonly object_kind: "access_token" };
  readonly deploy_token: TokenBody & { readonly object_kind: "deploy_token" };
  readonly member: MemberBody;
  readonly project: ProjectBody;
  readonly subgroup: SubgroupBody;
  /** Whatever this library does not know: a custom template, or what a later version sends. */
  readonly unknown: More;
}

/** What a delivery is about. */
export type WebhookKind = keyof WebhookBodies;
