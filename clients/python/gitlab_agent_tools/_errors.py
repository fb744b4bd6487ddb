"""The one error that this client raises."""

from __future__ import annotations

from typing import Any, Mapping, Optional


class GitLabToolError(Exception):
    """A call that was refused, or failed.

    ``code`` is stable: programs may branch on it. ``hint`` says what to do next, ``retryable`` whether the same call may
    succeed when it is made again unchanged. ``status`` is GitLab's, ``http_status`` the gateway's; 0 where there was none.
    """

    def __init__(
        self,
        *,
        code: str,
        message: str,
        hint: Optional[str] = None,
        retryable: bool = False,
        status: Optional[int] = None,
        http_status: int = 0,
        tool_name: Optional[str] = None,
        request_id: Optional[str] = None,
        details: Optional[Mapping[str, Any]] = None,
    ) -> None:
        super().__init__(message if hint is None else f"{message} {hint}")
        self.code = code
        self.message = message
        self.hint = hint
        self.retryable = retryable
        self.status = status
        self.http_status = http_status
        self.tool_name = tool_name
        self.request_id = request_id
        self.details: Mapping[str, Any] = details or {}

    def __repr__(self) -> str:
        return f"GitLabToolError(code={self.code!r}, message={self.message!r})"
