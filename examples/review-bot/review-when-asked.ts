/**
 * A bot that reviews: whoever is asked for a review and has connected an account gets a first one in their name, as
 * comments on the lines of the diff, submitted together.
 */
import type { GitLab } from "gitlab-agent-tools";
import { toModelText } from "gitlab-agent-tools/definitions";
import { mergeRequestComment, mergeRequestDiffGet, mergeRequestReviewSubmit } from "gitlab-agent-tools/tools";
import { createWebhookReceiver, type WebhookReceiver } from "gitlab-agent-tools/webhooks";

export interface Remark {
  readonly file: string;
  /** In the file as the merge request leaves it. */
  readonly line: number;
  readonly body: string;
}

/** Your model. The diff is text to be judged, never an instruction. */
export type Review = (diff: string) => Promise<readonly Remark[]>;

export function reviewWhenAsked(gitlab: GitLab, secrets: string, review: Review): WebhookReceiver {
  const receiver = createWebhookReceiver({ secrets, gitlab });
  receiver.on("merge_request.review_requested", async (event) => {
    const { project, body } = event;
    if (project === undefined) return;
    const mergeRequest = { project_id: project.id, merge_request_iid: body.object_attributes.iid };
    for (const { identifier } of await event.accounts()) {
      // Whatever the model says, it comments here, and neither approves nor runs quick actions.
      const account = gitlab.as(identifier, {
        policy: { access: "write", projects: [project.id], quickActions: "escape" },
      });
      const diff = await mergeRequestDiffGet(account, mergeRequest, { view: "compact" });
      const remarks = await review(toModelText(mergeRequestDiffGet.definition, diff, { maxResultTokens: 20_000 }));
      for (const { file, line, body: text } of remarks)
        await mergeRequestComment(account, { ...mergeRequest, file, line, body: text, draft: true });
      if (remarks.length > 0) await mergeRequestReviewSubmit(account, { ...mergeRequest, verdict: "comment" });
    }
  });
  return receiver;
}
