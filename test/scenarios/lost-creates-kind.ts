import type { GitLabAccount } from "gitlab-agent-tools";
import * as tools from "gitlab-agent-tools/tools";

const project_id = "acme/app";
export const where = { project_id };
export const all = { per_page: 100 };

/** A kind of thing that is made. */
export interface Kind {
  /** Makes one that a word of its own tells from others. */
  readonly make: (account: GitLabAccount, word: string) => Promise<{ readonly data: unknown }>;
  /** The words of all that there are. */
  readonly words: (account: GitLabAccount) => AsyncIterable<unknown>;
  /** Where they, and what the create answers, show the word. */
  readonly field: string;
  readonly answers?: string;
  /** What shows in place of the word. */
  readonly shown?: (word: string) => string;
  readonly answered?: (word: string) => unknown;
  /** What has to be there first. */
  readonly before?: (account: GitLabAccount, word: string) => Promise<unknown>;
  /** Only the create's answer is worth something: found again, it ends as an error that says so. */
  readonly isSecret?: true;
  /** GitLab answers a second create with what is there. */
  readonly isShared?: true;
  readonly tool: keyof typeof tools.tools;
}

/** As much as a busy machine needs; what is never answered takes it all. */
export const options = { timeoutMs: 30_000 };
export const underscored = (word: string): string => word.replaceAll("-", "_");
export const url = (word: string): string => `https://hooks.example/${word}`;
export const file = (word: string): string => `${word}.txt`;
export const ref = (word: string): string => `for-${word}`;
export const branch = (account: GitLabAccount, word: string): Promise<unknown> =>
  tools.branchCreate(account, { ...where, branch: ref(word), ref: "main" });
