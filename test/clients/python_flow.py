"""The Python client against a real gateway: what it repeats, what it raises, and that it shows no key."""

import asyncio
import os

import httpx

from gitlab_agent_tools import AsyncGateway, Gateway, GitLabToolError

URL, KEY = os.environ["GATEWAY_URL"], os.environ["GATEWAY_API_KEY"]
WHO = "user/ada ü"


class Losing(httpx.HTTPTransport):
    """Carries requests, and loses the first answer from a path."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.sent = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if request.url.path != self.path:
            return response
        self.sent.append(request.headers.get("Idempotency-Key"))
        if len(self.sent) == 1:
            response.read()
            raise httpx.ReadError("lost")
        return response


def refusal(call) -> GitLabToolError:
    try:
        call()
    except GitLabToolError as error:
        assert KEY not in str(error) + repr(error)
        return error
    raise AssertionError("was not refused")


# The key goes over plain HTTP to this machine only, and is not shown.
for url in ("http://gateway.example", "ftp://gateway.example", "gateway.example"):
    try:
        Gateway(url, api_key=KEY)
    except ValueError as error:
        assert KEY not in str(error)
    else:
        raise AssertionError(url)

gateway = Gateway(URL, api_key=KEY)
assert KEY not in repr(gateway)
wrong = refusal(lambda: Gateway(URL, api_key="gat_x").actions.list_tools())
assert (wrong.code, wrong.http_status, wrong.retryable) == ("invalid_api_key", 401, False)
nobody = refusal(lambda: Gateway("http://127.0.0.1:1", api_key=KEY).actions.list_tools())
assert (nobody.code, nobody.http_status, nobody.retryable) == ("network_error", 0, True)

actions = gateway.actions
account = actions.connect_with_token(identifier=WHO, token=os.environ["PERSON_TOKEN"]).connected_account
assert (account.status, account.identifier, account.gitlab_user.username) == ("ACTIVE", WHO, "ada")
assert actions.get_connected_account(identifier=WHO).connected_account == account
assert actions.get_or_create_connected_account(identifier=WHO).connected_account == account
page = actions.list_connected_accounts(limit=1)
assert ([one.identifier for one in page.connected_accounts], page.next_cursor) == ([WHO], None)

# An answer that gets lost: the call is made again with its key, and carried out once.
losing = Losing("/v1/execute")
issue = {"project_id": "acme/app", "title": "Once"}
call = dict(tool_name="gitlab_issue_create", identifier=WHO, tool_input=issue)
created = Gateway(URL, api_key=KEY, transport=losing).actions.execute_tool(**call)
assert created.data["title"] == "Once" and len(losing.sent) == 2 and len(set(losing.sent)) == 1
preview = actions.execute_tool(**call, dry_run=True)
assert (preview.status, preview.data["method"]) == (0, "POST")

# What is good once is not brought twice.
losing = Losing("/v1/callback")
bring = Gateway(URL, api_key=KEY, transport=losing).actions.handle_callback
lost = refusal(lambda: bring(url="https://app.example/?state=x", expected_identifier=WHO))
assert (lost.code, len(losing.sent)) == ("network_error", 1)

# A gateway that asks for a pause gets one.
for _ in range(40):
    assert actions.get_tool(tool_name="gitlab_issue_get").name == "gitlab_issue_get"

misspelt = refusal(lambda: actions.get_tool(tool_name="gitlab_issue/get"))
assert misspelt.code == "unknown_tool", misspelt.code
bad = refusal(lambda: actions.execute_tool(tool_name="gitlab_issue_get", identifier=WHO, tool_input={"issue": 1}))
assert bad.code == "invalid_input" and {one["field"] for one in bad.details["fields"]} >= {"issue", "project_id"}
beyond = refusal(lambda: actions.create_session(identifier=WHO))
assert (beyond.code, beyond.details["needed"]) == ("forbidden", "sessions:write")
shown = actions.run_tool(tool_name="gitlab_issue_get", identifier=WHO, tool_input={"project_id": "acme/app"})
assert shown.is_error and shown.structured["code"] == "invalid_input" and shown.images == []
assert {one.access for one in actions.list_tools(areas="issues").tools} == {"read", "write"}


async def asynchronous() -> None:
    async with AsyncGateway(URL, api_key=KEY) as other:
        me = await other.actions.execute_tool(tool_name="gitlab_current_user_get", identifier=WHO)
        assert me.data["username"] == "ada"
        assert KEY not in repr(other)
    gone = await AsyncGateway(URL, api_key=KEY).actions.delete_connected_account(identifier=WHO)
    assert (gone.revocation, gone.connected_account.identifier) == ("kept", WHO)


asyncio.run(asynchronous())
assert refusal(lambda: actions.get_connected_account(identifier=WHO)).code == "account_not_found"
with gateway:
    pass
print("all done")
