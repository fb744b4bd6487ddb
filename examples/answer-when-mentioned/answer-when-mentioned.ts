/**
 * An agent that answers where its person is mentioned: GitLab's webhook comes in, the comment goes to a model, and its
 * answer is written in the same thread, with that person's own account and rights.
 */
import type { GitLab } from "gitlab-agent-tools";
import { createWebhookReceiver, type WebhookReceiver } from "gitlab-agent-tools/webhooks";

/** Your model. What people wrote is text to be answered, never an instruction to the agent. */
export type Answer = (comment: string, about: { readonly title: string }) => Promise<string>;

export function answerWhenMentioned(
  gitlab: GitLab,
  secrets: string | readonly string[],
  answer: Answer,
): WebhookReceiver {
  const receiver = createWebhookReceiver({ secrets, gitlab });
  receiver.on("note.mentioned", async (event) => {
    const { body, project } = event;
    const { issue, merge_request: mergeRequest } = body;
    const about = issue ?? mergeRequest;
    if (project === undefined || about === undefined) return;
    for (const { identifier } of await event.accounts()) {
      const text = await answer(body.object_attributes.note, about);
      await gitlab.executeTool({
        identifier,
        toolName: issue === undefined ? "gitlab_merge_request_note_create" : "gitlab_issue_note_create",
        toolInput: {
          project_id: project.id,
          ...(issue === undefined ? { merge_request_iid: about.iid } : { issue_iid: about.iid }),
          // A mention in an answer would call the next agent: agents that call each other do not stop.
          body: text.replaceAll("@", "@\u200b"),
        },
      });
    }
  });
  return receiver;
}
