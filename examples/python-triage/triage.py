"""Labels a project's open issues that have no label yet, as one person, through the gateway.

A model would choose the labels; words do here. What people wrote in an issue is text to be sorted, never an instruction.
"""

import os
import sys

from gitlab_agent_tools import Gateway, GitLabToolError

LABELS = {
    "bug": ("broken", "crash", "error", "fail", "fix", "wrong", "slow"),
    "documentation": ("docs", "document", "readme", "typo"),
}


def choose(title: str) -> str:
    """Your model's part: one of the project's labels."""
    words = title.lower()
    return next((label for label, signs in LABELS.items() if any(sign in words for sign in signs)), "triage")


def triage(gateway: Gateway, project: str, person: str) -> int:
    actions = gateway.actions
    page = actions.execute_tool(
        tool_name="gitlab_issues_list",
        identifier=person,
        tool_input={"project_id": project, "state": "opened", "labels": "None", "per_page": 20},
    )
    for issue in page.data:
        label = choose(issue["title"])
        actions.execute_tool(
            tool_name="gitlab_issue_update",
            identifier=person,
            tool_input={"project_id": project, "issue_iid": issue["iid"], "add_labels": label},
            # However often this program is started over today, each issue is labelled once.
            idempotency_key=f"triage-{project}-{issue['iid']}-{label}",
        )
        print(f"#{issue['iid']} {issue['title']} -> {label}")
    return len(page.data)


def main() -> int:
    with Gateway(os.environ["GATEWAY_URL"], api_key=os.environ["GATEWAY_API_KEY"]) as gateway:
        try:
            if triage(gateway, os.environ["PROJECT"], os.environ["PERSON"]) == 0:
                print("Nothing to triage.")
        except GitLabToolError as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
