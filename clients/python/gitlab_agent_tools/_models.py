"""Made of the gateway's OpenAPI document by `npm run generate`: not to be edited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional

__all__ = [
    "AccountAnswer",
    "AccountEvent",
    "AccountsAnswer",
    "CallbackAnswer",
    "ConnectedAccountGitlabUser",
    "ConnectedAccount",
    "DefinitionsAnswer",
    "DisconnectAnswer",
    "ErrorDetail",
    "EventsAnswer",
    "ExecuteAnswer",
    "LinkAnswer",
    "Page",
    "RevokedAnswer",
    "RunAnswerImages",
    "RunAnswer",
    "SessionAnswer",
    "ToolAnswer",
    "ToolSummary",
    "ToolsAnswer",
]


@dataclass(frozen=True)
class AccountAnswer:
    connected_account: ConnectedAccount

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> AccountAnswer:
        return cls(
            connected_account=ConnectedAccount.from_dict(data["connected_account"]),
        )


@dataclass(frozen=True)
class AccountEvent:
    id: str
    #: There may come more. One of created, connected, expired, revoked, deleted, refresh_failed.
    type: str
    #: When it happened. ISO 8601.
    at: str
    connected_account: ConnectedAccount
    #: Of `refresh_failed`.
    error: Optional[ErrorDetail] = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> AccountEvent:
        return cls(
            id=data["id"],
            type=data["type"],
            at=data["at"],
            connected_account=ConnectedAccount.from_dict(data["connected_account"]),
            error=ErrorDetail.from_dict(data["error"]) if data.get("error") else None,
        )


@dataclass(frozen=True)
class AccountsAnswer:
    connected_accounts: List[ConnectedAccount]
    #: For the next page; absent on the last one.
    next_cursor: Optional[str] = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> AccountsAnswer:
        return cls(
            connected_accounts=[ConnectedAccount.from_dict(one) for one in data["connected_accounts"]],
            next_cursor=data.get("next_cursor"),
        )


@dataclass(frozen=True)
class CallbackAnswer:
    connected_account: ConnectedAccount
    #: As given to the link.
    return_to: Optional[str] = None
    #: As given to the link.
    data: Optional[str] = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> CallbackAnswer:
        return cls(
            connected_account=ConnectedAccount.from_dict(data["connected_account"]),
            return_to=data.get("return_to"),
            data=data.get("data"),
        )


@dataclass(frozen=True)
class ConnectedAccountGitlabUser:
    id: int
    username: str

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ConnectedAccountGitlabUser:
        return cls(
            id=data["id"],
            username=data["username"],
        )


@dataclass(frozen=True)
class ConnectedAccount:
    id: str
    connection_name: str
    identifier: str
    #: `ACTIVE` once the person has authorized it. One of PENDING, ACTIVE, EXPIRED, REVOKED.
    status: str
    #: OAuth scopes that were granted; empty while unknown.
    scopes: List[str]
    #: The GitLab instance.
    base_url: str
    #: When it was created. ISO 8601.
    created_at: str
    #: When it changed last. ISO 8601.
    updated_at: str
    #: Who the token acts as; absent until connected.
    gitlab_user: Optional[ConnectedAccountGitlabUser] = None
    #: When the access token ends, where GitLab tells. It is renewed by itself. ISO 8601.
    expires_at: Optional[str] = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ConnectedAccount:
        return cls(
            id=data["id"],
            connection_name=data["connection_name"],
            identifier=data["identifier"],
            status=data["status"],
            scopes=data["scopes"],
            base_url=data["base_url"],
            created_at=data["created_at"],
            updated_at=data["updated_at"],
            gitlab_user=ConnectedAccountGitlabUser.from_dict(data["gitlab_user"]) if data.get("gitlab_user") else None,
            expires_at=data.get("expires_at"),
        )


@dataclass(frozen=True)
class DefinitionsAnswer:
    format: str
    #: In the shape that the format's API takes.
    definitions: Any

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> DefinitionsAnswer:
        return cls(
            format=data["format"],
            definitions=data["definitions"],
        )


@dataclass(frozen=True)
class DisconnectAnswer:
    connected_account: ConnectedAccount
    #: What became of the token at GitLab; a token that a person gave stays valid (`kept`). One of revoked, failed,
    #: kept, none.
    revocation: str
    #: Why the revocation failed, and what to do.
    warning: Optional[str] = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> DisconnectAnswer:
        return cls(
            connected_account=ConnectedAccount.from_dict(data["connected_account"]),
            revocation=data["revocation"],
            warning=data.get("warning"),
        )


@dataclass(frozen=True)
class ErrorDetail:
    #: Stable: programs may branch on it. One of invalid_input, unknown_tool, not_available, account_not_found,
    #: account_not_connected, account_revoked, connection_not_found, connection_misconfigured, insufficient_scope,
    #: premium_required, identity_verification_required, wrong_iid, project_not_found, not_found, forbidden,
    #: account_blocked, conflict, not_mergeable, validation_failed, rate_limited, gitlab_unavailable,
    #: network_error, timeout, aborted, response_too_large, internal, invalid_api_key.
    code: str
    #: What happened, for a person.
    message: str
    #: Whether the same request may succeed when it is sent again unchanged.
    retryable: bool
    #: What to do next.
    hint: Optional[str] = None
    #: The HTTP status of GitLab's answer, where there was one.
    status: Optional[int] = None
    tool_name: Optional[str] = None
    #: GitLab's id of the request, for its administrators.
    request_id: Optional[str] = None
    #: Facts that a program can use.
    details: Optional[Dict[str, Any]] = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ErrorDetail:
        return cls(
            code=data["code"],
            message=data["message"],
            retryable=data["retryable"],
            hint=data.get("hint"),
            status=data.get("status"),
            tool_name=data.get("tool_name"),
            request_id=data.get("request_id"),
            details=data.get("details"),
        )


@dataclass(frozen=True)
class EventsAnswer:
    events: List[AccountEvent]
    #: Ask with it again, also when there were none.
    next_cursor: str

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> EventsAnswer:
        return cls(
            events=[AccountEvent.from_dict(one) for one in data["events"]],
            next_cursor=data["next_cursor"],
        )


@dataclass(frozen=True)
class ExecuteAnswer:
    #: What GitLab answered; the request of a dry run.
    data: Any
    #: The HTTP status of GitLab's answer; 0 on a dry run.
    status: int
    page: Optional[Page] = None
    #: GitLab's id of the request, for its administrators.
    request_id: Optional[str] = None
    #: What GitLab ignored of the input, and what of the answer is missing.
    warnings: Optional[List[str]] = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ExecuteAnswer:
        return cls(
            data=data["data"],
            status=data["status"],
            page=Page.from_dict(data["page"]) if data.get("page") else None,
            request_id=data.get("request_id"),
            warnings=data.get("warnings"),
        )


@dataclass(frozen=True)
class LinkAnswer:
    #: GitLab's consent page for this person alone.
    link: str
    #: It is good once, until then. ISO 8601.
    expires_at: str

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> LinkAnswer:
        return cls(
            link=data["link"],
            expires_at=data["expires_at"],
        )


@dataclass(frozen=True)
class Page:
    has_more: bool
    page: Optional[int] = None
    per_page: Optional[int] = None
    next_page: Optional[int] = None
    total: Optional[int] = None
    total_pages: Optional[int] = None
    next_cursor: Optional[str] = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Page:
        return cls(
            has_more=data["has_more"],
            page=data.get("page"),
            per_page=data.get("per_page"),
            next_page=data.get("next_page"),
            total=data.get("total"),
            total_pages=data.get("total_pages"),
            next_cursor=data.get("next_cursor"),
        )


@dataclass(frozen=True)
class RevokedAnswer:
    #: The session's id, or `all`.
    revoked: str

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> RevokedAnswer:
        return cls(
            revoked=data["revoked"],
        )


@dataclass(frozen=True)
class RunAnswerImages:
    mime_type: str
    #: Base64.
    data: str

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> RunAnswerImages:
        return cls(
            mime_type=data["mime_type"],
            data=data["data"],
        )


@dataclass(frozen=True)
class RunAnswer:
    #: What the model reads: the data, or the error with what to do about it.
    text: str
    #: The same as an object.
    structured: Dict[str, Any]
    images: List[RunAnswerImages]
    is_error: bool

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> RunAnswer:
        return cls(
            text=data["text"],
            structured=data["structured"],
            images=[RunAnswerImages.from_dict(one) for one in data["images"]],
            is_error=data["is_error"],
        )


@dataclass(frozen=True)
class SessionAnswer:
    #: The bearer token of one person's agent, for the MCP server on the same store.
    token: str
    session_id: str
    #: Its end. ISO 8601.
    expires_at: str

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SessionAnswer:
        return cls(
            token=data["token"],
            session_id=data["session_id"],
            expires_at=data["expires_at"],
        )


@dataclass(frozen=True)
class ToolAnswer:
    name: str
    title: str
    description: str
    area: str
    #: What it does to GitLab: nothing, a change, or a loss that cannot be undone. One of read, write, destructive.
    access: str
    #: Repeating a call leaves GitLab as one call would.
    idempotent: bool
    #: A person should be asked before it is run.
    confirm: bool
    #: JSON Schema of `tool_input`.
    input_schema: Dict[str, Any]
    #: JSON Schema of what a model is answered in the compact view.
    output_schema: Dict[str, Any]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ToolAnswer:
        return cls(
            name=data["name"],
            title=data["title"],
            description=data["description"],
            area=data["area"],
            access=data["access"],
            idempotent=data["idempotent"],
            confirm=data["confirm"],
            input_schema=data["input_schema"],
            output_schema=data["output_schema"],
        )


@dataclass(frozen=True)
class ToolSummary:
    name: str
    title: str
    description: str
    area: str
    #: What it does to GitLab: nothing, a change, or a loss that cannot be undone. One of read, write, destructive.
    access: str
    #: Repeating a call leaves GitLab as one call would.
    idempotent: bool
    #: A person should be asked before it is run.
    confirm: bool

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ToolSummary:
        return cls(
            name=data["name"],
            title=data["title"],
            description=data["description"],
            area=data["area"],
            access=data["access"],
            idempotent=data["idempotent"],
            confirm=data["confirm"],
        )


@dataclass(frozen=True)
class ToolsAnswer:
    tools: List[ToolSummary]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ToolsAnswer:
        return cls(
            tools=[ToolSummary.from_dict(one) for one in data["tools"]],
        )
