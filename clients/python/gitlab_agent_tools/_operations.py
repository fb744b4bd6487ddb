"""Made of the gateway's OpenAPI document by `npm run generate`: not to be edited."""

from __future__ import annotations

from typing import Any, Awaitable, Callable, Literal, Mapping, Optional, Sequence, Union
from urllib.parse import quote

from ._models import (
    AccountAnswer,
    AccountsAnswer,
    CallbackAnswer,
    DefinitionsAnswer,
    DisconnectAnswer,
    EventsAnswer,
    ExecuteAnswer,
    LinkAnswer,
    RevokedAnswer,
    RunAnswer,
    SessionAnswer,
    ToolAnswer,
    ToolsAnswer,
)
from ._requests import Request, given, new_idempotency_key


class Actions:
    """What the gateway does."""

    def __init__(self, send: Callable[[Request], Any]) -> None:
        self._send = send

    def get_or_create_connected_account(
        self,
        *,
        identifier: str,
        connection_name: str = "gitlab",
    ) -> AccountAnswer:
        """Gets a person's account on a connection; makes one, PENDING, where there is none.

        :param identifier: Your own id of the person.
        :param connection_name: The connection's name.
        """
        answer = self._send(
            Request(
                "POST",
                "/v1/accounts",
                body=given(
                    {
                        "identifier": identifier,
                        "connection_name": connection_name,
                    }
                ),
                repeat="freely",
            )
        )
        return AccountAnswer.from_dict(answer)

    def list_connected_accounts(
        self,
        *,
        connection_name: Optional[str] = None,
        status: Optional[Literal["PENDING", "ACTIVE", "EXPIRED", "REVOKED"]] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
    ) -> AccountsAnswer:
        """Lists the product's accounts, a page at a time.

        :param connection_name: Only this connection's.
        :param status: Only these.
        :param limit: How many at most.
        :param cursor: `next_cursor` of the answer before.
        """
        answer = self._send(
            Request(
                "GET",
                "/v1/accounts",
                query=given(
                    {
                        "connection_name": connection_name,
                        "status": status,
                        "limit": limit,
                        "cursor": cursor,
                    }
                ),
                repeat="freely",
            )
        )
        return AccountsAnswer.from_dict(answer)

    def get_connected_account(
        self,
        *,
        identifier: str,
        connection_name: str = "gitlab",
    ) -> AccountAnswer:
        """Gets a person's account on a connection.

        :param identifier: Your own id of the person.
        :param connection_name: The connection's name.
        """
        answer = self._send(
            Request(
                "GET",
                "/v1/account",
                query=given(
                    {
                        "identifier": identifier,
                        "connection_name": connection_name,
                    }
                ),
                repeat="freely",
            )
        )
        return AccountAnswer.from_dict(answer)

    def delete_connected_account(
        self,
        *,
        identifier: str,
        connection_name: str = "gitlab",
    ) -> DisconnectAnswer:
        """Revokes the account's token at GitLab, then deletes the account.

        :param identifier: Your own id of the person.
        :param connection_name: The connection's name.
        """
        answer = self._send(
            Request(
                "DELETE",
                "/v1/account",
                query=given(
                    {
                        "identifier": identifier,
                        "connection_name": connection_name,
                    }
                ),
                repeat="freely",
            )
        )
        return DisconnectAnswer.from_dict(answer)

    def get_authorization_link(
        self,
        *,
        identifier: str,
        connection_name: str = "gitlab",
        scopes: Optional[Sequence[str]] = None,
        tools: Optional[Sequence[str]] = None,
        return_to: Optional[str] = None,
        data: Optional[str] = None,
        redirect_uri: Optional[str] = None,
    ) -> LinkAnswer:
        """Makes the link on which a person authorizes the account at GitLab: for one use, within ten minutes.

        :param identifier: Your own id of the person.
        :param connection_name: The connection's name.
        :param scopes: OAuth scopes, in place of the connection's.
        :param tools: Asks for the least scopes that these tools need.
        :param return_to: Where to send the person afterwards: a path of your product's. Comes back with the
            callback.
        :param data: Anything of yours. Comes back with the callback.
        :param redirect_uri: Your page that GitLab sends the person back to, in place of the connection's.
        """
        answer = self._send(
            Request(
                "POST",
                "/v1/account/link",
                body=given(
                    {
                        "identifier": identifier,
                        "connection_name": connection_name,
                        "scopes": scopes,
                        "tools": tools,
                        "return_to": return_to,
                        "data": data,
                        "redirect_uri": redirect_uri,
                    }
                ),
                repeat="freely",
            )
        )
        return LinkAnswer.from_dict(answer)

    def handle_callback(
        self,
        *,
        url: str,
        expected_identifier: str,
    ) -> CallbackAnswer:
        """Completes an authorization from the URL that GitLab sent the person's browser back to.

        :param url: The URL that GitLab sent the person's browser to, with its query.
        :param expected_identifier: Who is signed in to your product where the callback arrived: from your own
            session, never from the request.
        """
        answer = self._send(
            Request(
                "POST",
                "/v1/callback",
                body=given(
                    {
                        "url": url,
                        "expected_identifier": expected_identifier,
                    }
                ),
                repeat="never",
            )
        )
        return CallbackAnswer.from_dict(answer)

    def connect_with_token(
        self,
        *,
        identifier: str,
        token: str,
        connection_name: str = "gitlab",
    ) -> AccountAnswer:
        """Connects a person's account with an access token that they have made at GitLab.

        :param identifier: Your own id of the person.
        :param token: A personal, project or group access token.
        :param connection_name: The connection's name.
        """
        answer = self._send(
            Request(
                "POST",
                "/v1/account/token",
                body=given(
                    {
                        "identifier": identifier,
                        "token": token,
                        "connection_name": connection_name,
                    }
                ),
                repeat="freely",
            )
        )
        return AccountAnswer.from_dict(answer)

    def list_tools(
        self,
        *,
        tools: Optional[str] = None,
        areas: Optional[str] = None,
        preset: Optional[str] = None,
        level: Optional[Literal["core", "extended", "all"]] = None,
        access: Optional[Literal["read", "write", "destructive"]] = None,
    ) -> ToolsAnswer:
        """Lists the tools that the key may use.

        :param tools: Names or globs such as `gitlab_issue*`; `!gitlab_*_delete` takes away. Separated by commas.
        :param areas: Only these areas. Separated by commas.
        :param preset: Tools for common jobs: triage, review, ci, release, read-only. Separated by commas.
        :param level: How far globs and areas reach. Default: `core`.
        :param access: The most that a tool may do.
        """
        answer = self._send(
            Request(
                "GET",
                "/v1/tools",
                query=given(
                    {
                        "tools": tools,
                        "areas": areas,
                        "preset": preset,
                        "level": level,
                        "access": access,
                    }
                ),
                repeat="freely",
            )
        )
        return ToolsAnswer.from_dict(answer)

    def get_tool(
        self,
        *,
        tool_name: str,
    ) -> ToolAnswer:
        """Describes one tool: its input and its answer.
        """
        answer = self._send(
            Request(
                "GET",
                f"/v1/tools/{quote(tool_name, safe='')}",
                repeat="freely",
            )
        )
        return ToolAnswer.from_dict(answer)

    def export_definitions(
        self,
        *,
        tools: Optional[str] = None,
        areas: Optional[str] = None,
        preset: Optional[str] = None,
        level: Optional[Literal["core", "extended", "all"]] = None,
        access: Optional[Literal["read", "write", "destructive"]] = None,
        format: Optional[Literal["openai", "anthropic", "gemini", "mcp", "json-schema"]] = None,
    ) -> DefinitionsAnswer:
        """The tools' definitions for a model, in the shape that its API takes.

        :param tools: Names or globs such as `gitlab_issue*`; `!gitlab_*_delete` takes away. Separated by commas.
        :param areas: Only these areas. Separated by commas.
        :param preset: Tools for common jobs: triage, review, ci, release, read-only. Separated by commas.
        :param level: How far globs and areas reach. Default: `core`.
        :param access: The most that a tool may do.
        :param format: Who the definitions are for.
        """
        answer = self._send(
            Request(
                "GET",
                "/v1/definitions",
                query=given(
                    {
                        "tools": tools,
                        "areas": areas,
                        "preset": preset,
                        "level": level,
                        "access": access,
                        "format": format,
                    }
                ),
                repeat="freely",
            )
        )
        return DefinitionsAnswer.from_dict(answer)

    def execute_tool(
        self,
        *,
        identifier: str,
        tool_name: str,
        connection_name: str = "gitlab",
        tool_input: Optional[Mapping[str, Any]] = None,
        view: Optional[Literal["full", "compact"]] = None,
        fields: Optional[Sequence[str]] = None,
        dry_run: Optional[bool] = None,
        timeout_ms: Optional[int] = None,
        conversation: Optional[str] = None,
        access: Optional[Literal["read", "write", "destructive"]] = None,
        idempotency_key: Optional[str] = None,
    ) -> ExecuteAnswer:
        """Carries out a tool as a person. With an Idempotency-Key it may be repeated, whatever it does.

        :param identifier: Your own id of the person.
        :param connection_name: The connection's name.
        :param tool_input: The tool's input.
        :param view: `full`, the default, is GitLab's answer; `compact` keeps the fields that a model needs.
        :param fields: Fields of the compact view, such as `+weight`.
        :param dry_run: Answers with the request that would be sent, and sends nothing.
        :param timeout_ms: The call's whole budget in milliseconds, waiting and retries included.
        :param conversation: Which conversation of an agent it belongs to, such as the id of a chat. Default: the
            account's one.
        :param access: The most that this call may do, within what the key may.
        :param idempotency_key: The same call with the same key is carried out once within a day. Default: a new
            one, with which this call is repeated where nothing was heard of it.
        """
        answer = self._send(
            Request(
                "POST",
                "/v1/execute",
                body=given(
                    {
                        "identifier": identifier,
                        "tool_name": tool_name,
                        "connection_name": connection_name,
                        "tool_input": tool_input,
                        "view": view,
                        "fields": fields,
                        "dry_run": dry_run,
                        "timeout_ms": timeout_ms,
                        "conversation": conversation,
                        "access": access,
                    }
                ),
                repeat="with a key",
                idempotency_key=idempotency_key or new_idempotency_key(),
            )
        )
        return ExecuteAnswer.from_dict(answer)

    def run_tool(
        self,
        *,
        identifier: str,
        tool_name: str,
        connection_name: str = "gitlab",
        tool_input: Any = None,
        view: Optional[Literal["full", "compact"]] = None,
        max_result_tokens: Optional[int] = None,
        timeout_ms: Optional[int] = None,
        conversation: Optional[str] = None,
        access: Optional[Literal["read", "write", "destructive"]] = None,
        idempotency_key: Optional[str] = None,
    ) -> RunAnswer:
        """Runs a tool for a model: the answer is text within a budget, and what goes wrong is an answer, too. With
        an Idempotency-Key it may be repeated.

        :param identifier: Your own id of the person.
        :param connection_name: The connection's name.
        :param tool_input: As the model wrote it.
        :param view: Default: `compact`.
        :param max_result_tokens: The most tokens of the text. Default: 8000.
        :param timeout_ms: The call's whole budget in milliseconds, waiting and retries included.
        :param conversation: Which conversation of an agent it belongs to, such as the id of a chat. Default: the
            account's one.
        :param access: The most that this call may do, within what the key may.
        :param idempotency_key: The same call with the same key is carried out once within a day. Default: a new
            one, with which this call is repeated where nothing was heard of it.
        """
        answer = self._send(
            Request(
                "POST",
                "/v1/run",
                body=given(
                    {
                        "identifier": identifier,
                        "tool_name": tool_name,
                        "connection_name": connection_name,
                        "tool_input": tool_input,
                        "view": view,
                        "max_result_tokens": max_result_tokens,
                        "timeout_ms": timeout_ms,
                        "conversation": conversation,
                        "access": access,
                    }
                ),
                repeat="with a key",
                idempotency_key=idempotency_key or new_idempotency_key(),
            )
        )
        return RunAnswer.from_dict(answer)

    def create_session(
        self,
        *,
        identifier: str,
        connection_name: str = "gitlab",
        expires_in: Optional[Union[int, str]] = None,
        access: Optional[Literal["read", "write", "destructive"]] = None,
        projects: Optional[Sequence[str]] = None,
        groups: Optional[Sequence[str]] = None,
        conversation: Optional[str] = None,
    ) -> SessionAnswer:
        """Mints the bearer token of one person's agent, for the MCP server on the same store.

        :param identifier: Your own id of the person.
        :param connection_name: The connection's name.
        :param expires_in: Seconds, or a number with a unit: `30m`, `8h`, `7d`. Never beyond the key's own end.
        :param access: The most that its calls may do, within what the key may.
        :param projects: Only these projects: numbers or paths.
        :param groups: Only these groups and all that is in them.
        :param conversation: Which conversation the session belongs to. Default: one of its own.
        """
        answer = self._send(
            Request(
                "POST",
                "/v1/sessions",
                body=given(
                    {
                        "identifier": identifier,
                        "connection_name": connection_name,
                        "expires_in": expires_in,
                        "access": access,
                        "projects": projects,
                        "groups": groups,
                        "conversation": conversation,
                    }
                ),
                repeat="freely",
            )
        )
        return SessionAnswer.from_dict(answer)

    def revoke_sessions(
        self,
        *,
        identifier: str,
        connection_name: str = "gitlab",
        session_id: Optional[str] = None,
    ) -> RevokedAnswer:
        """Ends one session of a person, or all.

        :param identifier: Your own id of the person.
        :param connection_name: The connection's name.
        :param session_id: Only this one; default: all of the person.
        """
        answer = self._send(
            Request(
                "DELETE",
                "/v1/sessions",
                query=given(
                    {
                        "identifier": identifier,
                        "connection_name": connection_name,
                        "session_id": session_id,
                    }
                ),
                repeat="freely",
            )
        )
        return RevokedAnswer.from_dict(answer)

    def list_events(
        self,
        *,
        after: Optional[str] = None,
        limit: Optional[int] = None,
    ) -> EventsAnswer:
        """What has happened to the product's accounts in the last week, in the order of time.

        :param after: `next_cursor` of the answer before. Default: the oldest kept.
        :param limit: How many at most.
        """
        answer = self._send(
            Request(
                "GET",
                "/v1/events",
                query=given(
                    {
                        "after": after,
                        "limit": limit,
                    }
                ),
                repeat="freely",
            )
        )
        return EventsAnswer.from_dict(answer)



class AsyncActions:
    """What the gateway does, for ``asyncio``."""

    def __init__(self, send: Callable[[Request], Awaitable[Any]]) -> None:
        self._send = send

    async def get_or_create_connected_account(
        self,
        *,
        identifier: str,
        connection_name: str = "gitlab",
    ) -> AccountAnswer:
        """Gets a person's account on a connection; makes one, PENDING, where there is none.

        :param identifier: Your own id of the person.
        :param connection_name: The connection's name.
        """
        answer = await self._send(
            Request(
                "POST",
                "/v1/accounts",
                body=given(
                    {
                        "identifier": identifier,
                        "connection_name": connection_name,
                    }
                ),
                repeat="freely",
            )
        )
        return AccountAnswer.from_dict(answer)

    async def list_connected_accounts(
        self,
        *,
        connection_name: Optional[str] = None,
        status: Optional[Literal["PENDING", "ACTIVE", "EXPIRED", "REVOKED"]] = None,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
    ) -> AccountsAnswer:
        """Lists the product's accounts, a page at a time.

        :param connection_name: Only this connection's.
        :param status: Only these.
        :param limit: How many at most.
        :param cursor: `next_cursor` of the answer before.
        """
        answer = await self._send(
            Request(
                "GET",
                "/v1/accounts",
                query=given(
                    {
                        "connection_name": connection_name,
                        "status": status,
                        "limit": limit,
                        "cursor": cursor,
                    }
                ),
                repeat="freely",
            )
        )
        return AccountsAnswer.from_dict(answer)

    async def get_connected_account(
        self,
        *,
        identifier: str,
        connection_name: str = "gitlab",
    ) -> AccountAnswer:
        """Gets a person's account on a connection.

        :param identifier: Your own id of the person.
        :param connection_name: The connection's name.
        """
        answer = await self._send(
            Request(
                "GET",
                "/v1/account",
                query=given(
                    {
                        "identifier": identifier,
                        "connection_name": connection_name,
                    }
                ),
                repeat="freely",
            )
        )
        return AccountAnswer.from_dict(answer)

    async def delete_connected_account(
        self,
        *,
        identifier: str,
        connection_name: str = "gitlab",
    ) -> DisconnectAnswer:
        """Revokes the account's token at GitLab, then deletes the account.

        :param identifier: Your own id of the person.
        :param connection_name: The connection's name.
        """
        answer = await self._send(
            Request(
                "DELETE",
                "/v1/account",
                query=given(
                    {
                        "identifier": identifier,
                        "connection_name": connection_name,
                    }
                ),
                repeat="freely",
            )
        )
        return DisconnectAnswer.from_dict(answer)

    async def get_authorization_link(
        self,
        *,
        identifier: str,
        connection_name: str = "gitlab",
        scopes: Optional[Sequence[str]] = None,
        tools: Optional[Sequence[str]] = None,
        return_to: Optional[str] = None,
        data: Optional[str] = None,
        redirect_uri: Optional[str] = None,
    ) -> LinkAnswer:
        """Makes the link on which a person authorizes the account at GitLab: for one use, within ten minutes.

        :param identifier: Your own id of the person.
        :param connection_name: The connection's name.
        :param scopes: OAuth scopes, in place of the connection's.
        :param tools: Asks for the least scopes that these tools need.
        :param return_to: Where to send the person afterwards: a path of your product's. Comes back with the
            callback.
        :param data: Anything of yours. Comes back with the callback.
        :param redirect_uri: Your page that GitLab sends the person back to, in place of the connection's.
        """
        answer = await self._send(
            Request(
                "POST",
                "/v1/account/link",
                body=given(
                    {
                        "identifier": identifier,
                        "connection_name": connection_name,
                        "scopes": scopes,
                        "tools": tools,
                        "return_to": return_to,
                        "data": data,
                        "redirect_uri": redirect_uri,
                    }
                ),
                repeat="freely",
            )
        )
        return LinkAnswer.from_dict(answer)

    async def handle_callback(
        self,
        *,
        url: str,
        expected_identifier: str,
    ) -> CallbackAnswer:
        """Completes an authorization from the URL that GitLab sent the person's browser back to.

        :param url: The URL that GitLab sent the person's browser to, with its query.
        :param expected_identifier: Who is signed in to your product where the callback arrived: from your own
            session, never from the request.
        """
        answer = await self._send(
            Request(
                "POST",
                "/v1/callback",
                body=given(
                    {
                        "url": url,
                        "expected_identifier": expected_identifier,
                    }
                ),
                repeat="never",
            )
        )
        return CallbackAnswer.from_dict(answer)

    async def connect_with_token(
        self,
        *,
        identifier: str,
        token: str,
        connection_name: str = "gitlab",
    ) -> AccountAnswer:
        """Connects a person's account with an access token that they have made at GitLab.

        :param identifier: Your own id of the person.
        :param token: A personal, project or group access token.
        :param connection_name: The connection's name.
        """
        answer = await self._send(
            Request(
                "POST",
                "/v1/account/token",
                body=given(
                    {
                        "identifier": identifier,
                        "token": token,
                        "connection_name": connection_name,
                    }
                ),
                repeat="freely",
            )
        )
        return AccountAnswer.from_dict(answer)

    async def list_tools(
        self,
        *,
        tools: Optional[str] = None,
        areas: Optional[str] = None,
        preset: Optional[str] = None,
        level: Optional[Literal["core", "extended", "all"]] = None,
        access: Optional[Literal["read", "write", "destructive"]] = None,
    ) -> ToolsAnswer:
        """Lists the tools that the key may use.

        :param tools: Names or globs such as `gitlab_issue*`; `!gitlab_*_delete` takes away. Separated by commas.
        :param areas: Only these areas. Separated by commas.
        :param preset: Tools for common jobs: triage, review, ci, release, read-only. Separated by commas.
        :param level: How far globs and areas reach. Default: `core`.
        :param access: The most that a tool may do.
        """
        answer = await self._send(
            Request(
                "GET",
                "/v1/tools",
                query=given(
                    {
                        "tools": tools,
                        "areas": areas,
                        "preset": preset,
                        "level": level,
                        "access": access,
                    }
                ),
                repeat="freely",
            )
        )
        return ToolsAnswer.from_dict(answer)

    async def get_tool(
        self,
        *,
        tool_name: str,
    ) -> ToolAnswer:
        """Describes one tool: its input and its answer.
        """
        answer = await self._send(
            Request(
                "GET",
                f"/v1/tools/{quote(tool_name, safe='')}",
                repeat="freely",
            )
        )
        return ToolAnswer.from_dict(answer)

    async def export_definitions(
        self,
        *,
        tools: Optional[str] = None,
        areas: Optional[str] = None,
        preset: Optional[str] = None,
        level: Optional[Literal["core", "extended", "all"]] = None,
        access: Optional[Literal["read", "write", "destructive"]] = None,
        format: Optional[Literal["openai", "anthropic", "gemini", "mcp", "json-schema"]] = None,
    ) -> DefinitionsAnswer:
        """The tools' definitions for a model, in the shape that its API takes.

        :param tools: Names or globs such as `gitlab_issue*`; `!gitlab_*_delete` takes away. Separated by commas.
        :param areas: Only these areas. Separated by commas.
        :param preset: Tools for common jobs: triage, review, ci, release, read-only. Separated by commas.
        :param level: How far globs and areas reach. Default: `core`.
        :param access: The most that a tool may do.
        :param format: Who the definitions are for.
        """
        answer = await self._send(
            Request(
                "GET",
                "/v1/definitions",
                query=given(
                    {
                        "tools": tools,
                        "areas": areas,
                        "preset": preset,
                        "level": level,
                        "access": access,
                        "format": format,
                    }
                ),
                repeat="freely",
            )
        )
        return DefinitionsAnswer.from_dict(answer)

    async def execute_tool(
        self,
        *,
        identifier: str,
        tool_name: str,
        connection_name: str = "gitlab",
        tool_input: Optional[Mapping[str, Any]] = None,
        view: Optional[Literal["full", "compact"]] = None,
        fields: Optional[Sequence[str]] = None,
        dry_run: Optional[bool] = None,
        timeout_ms: Optional[int] = None,
        conversation: Optional[str] = None,
        access: Optional[Literal["read", "write", "destructive"]] = None,
        idempotency_key: Optional[str] = None,
    ) -> ExecuteAnswer:
        """Carries out a tool as a person. With an Idempotency-Key it may be repeated, whatever it does.

        :param identifier: Your own id of the person.
        :param connection_name: The connection's name.
        :param tool_input: The tool's input.
        :param view: `full`, the default, is GitLab's answer; `compact` keeps the fields that a model needs.
        :param fields: Fields of the compact view, such as `+weight`.
        :param dry_run: Answers with the request that would be sent, and sends nothing.
        :param timeout_ms: The call's whole budget in milliseconds, waiting and retries included.
        :param conversation: Which conversation of an agent it belongs to, such as the id of a chat. Default: the
            account's one.
        :param access: The most that this call may do, within what the key may.
        :param idempotency_key: The same call with the same key is carried out once within a day. Default: a new
            one, with which this call is repeated where nothing was heard of it.
        """
        answer = await self._send(
            Request(
                "POST",
                "/v1/execute",
                body=given(
                    {
                        "identifier": identifier,
                        "tool_name": tool_name,
                        "connection_name": connection_name,
                        "tool_input": tool_input,
                        "view": view,
                        "fields": fields,
                        "dry_run": dry_run,
                        "timeout_ms": timeout_ms,
                        "conversation": conversation,
                        "access": access,
                    }
                ),
                repeat="with a key",
                idempotency_key=idempotency_key or new_idempotency_key(),
            )
        )
        return ExecuteAnswer.from_dict(answer)

    async def run_tool(
        self,
        *,
        identifier: str,
        tool_name: str,
        connection_name: str = "gitlab",
        tool_input: Any = None,
        view: Optional[Literal["full", "compact"]] = None,
        max_result_tokens: Optional[int] = None,
        timeout_ms: Optional[int] = None,
        conversation: Optional[str] = None,
        access: Optional[Literal["read", "write", "destructive"]] = None,
        idempotency_key: Optional[str] = None,
    ) -> RunAnswer:
        """Runs a tool for a model: the answer is text within a budget, and what goes wrong is an answer, too. With
        an Idempotency-Key it may be repeated.

        :param identifier: Your own id of the person.
        :param connection_name: The connection's name.
        :param tool_input: As the model wrote it.
        :param view: Default: `compact`.
        :param max_result_tokens: The most tokens of the text. Default: 8000.
        :param timeout_ms: The call's whole budget in milliseconds, waiting and retries included.
        :param conversation: Which conversation of an agent it belongs to, such as the id of a chat. Default: the
            account's one.
        :param access: The most that this call may do, within what the key may.
        :param idempotency_key: The same call with the same key is carried out once within a day. Default: a new
            one, with which this call is repeated where nothing was heard of it.
        """
        answer = await self._send(
            Request(
                "POST",
                "/v1/run",
                body=given(
                    {
                        "identifier": identifier,
                        "tool_name": tool_name,
                        "connection_name": connection_name,
                        "tool_input": tool_input,
                        "view": view,
                        "max_result_tokens": max_result_tokens,
                        "timeout_ms": timeout_ms,
                        "conversation": conversation,
                        "access": access,
                    }
                ),
                repeat="with a key",
                idempotency_key=idempotency_key or new_idempotency_key(),
            )
        )
        return RunAnswer.from_dict(answer)

    async def create_session(
        self,
        *,
        identifier: str,
        connection_name: str = "gitlab",
        expires_in: Optional[Union[int, str]] = None,
        access: Optional[Literal["read", "write", "destructive"]] = None,
        projects: Optional[Sequence[str]] = None,
        groups: Optional[Sequence[str]] = None,
        conversation: Optional[str] = None,
    ) -> SessionAnswer:
        """Mints the bearer token of one person's agent, for the MCP server on the same store.

        :param identifier: Your own id of the person.
        :param connection_name: The connection's name.
        :param expires_in: Seconds, or a number with a unit: `30m`, `8h`, `7d`. Never beyond the key's own end.
        :param access: The most that its calls may do, within what the key may.
        :param projects: Only these projects: numbers or paths.
        :param groups: Only these groups and all that is in them.
        :param conversation: Which conversation the session belongs to. Default: one of its own.
        """
        answer = await self._send(
            Request(
                "POST",
                "/v1/sessions",
                body=given(
                    {
                        "identifier": identifier,
                        "connection_name": connection_name,
                        "expires_in": expires_in,
                        "access": access,
                        "projects": projects,
                        "groups": groups,
                        "conversation": conversation,
                    }
                ),
                repeat="freely",
            )
        )
        return SessionAnswer.from_dict(answer)

    async def revoke_sessions(
        self,
        *,
        identifier: str,
        connection_name: str = "gitlab",
        session_id: Optional[str] = None,
    ) -> RevokedAnswer:
        """Ends one session of a person, or all.

        :param identifier: Your own id of the person.
        :param connection_name: The connection's name.
        :param session_id: Only this one; default: all of the person.
        """
        answer = await self._send(
            Request(
                "DELETE",
                "/v1/sessions",
                query=given(
                    {
                        "identifier": identifier,
                        "connection_name": connection_name,
                        "session_id": session_id,
                    }
                ),
                repeat="freely",
            )
        )
        return RevokedAnswer.from_dict(answer)

    async def list_events(
        self,
        *,
        after: Optional[str] = None,
        limit: Optional[int] = None,
    ) -> EventsAnswer:
        """What has happened to the product's accounts in the last week, in the order of time.

        :param after: `next_cursor` of the answer before. Default: the oldest kept.
        :param limit: How many at most.
        """
        answer = await self._send(
            Request(
                "GET",
                "/v1/events",
                query=given(
                    {
                        "after": after,
                        "limit": limit,
                    }
                ),
                repeat="freely",
            )
        )
        return EventsAnswer.from_dict(answer)
