"""What a request is, what its answer means, and whether it may be sent again. No input or output of its own."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any, Dict, Mapping, Optional

import httpx

from ._errors import GitLabToolError

MOST_ATTEMPTS = 3
LONGEST_WAIT_SECONDS = 30.0


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Optional[Mapping[str, Any]] = None
    #: ``freely``, ``with a key`` or ``never``: what the gateway's document says of its operation.
    repeat: str = "never"
    idempotency_key: Optional[str] = None

    def headers(self) -> Dict[str, str]:
        return {} if self.idempotency_key is None else {"Idempotency-Key": self.idempotency_key}

    @property
    def may_be_repeated(self) -> bool:
        return self.repeat == "freely" or self.idempotency_key is not None


def given(values: Mapping[str, Any]) -> Dict[str, Any]:
    """What was given: ``None`` is as good as left out."""
    return {name: value for name, value in values.items() if value is not None}


def new_idempotency_key() -> str:
    return str(uuid.uuid4())


def check_url(url: str) -> str:
    """The gateway's address. A key goes over plain HTTP to this machine only."""
    parsed = httpx.URL(url)
    if parsed.scheme == "https" or (parsed.scheme == "http" and parsed.host in ("localhost", "127.0.0.1", "::1")):
        return url
    raise ValueError("The gateway's address must begin with https://; http:// goes to this machine only.")


def read(response: httpx.Response) -> Any:
    """The answer's JSON.

    :raises GitLabToolError: for what the gateway has refused, and for what did not come from it
    """
    try:
        body = response.json()
    except ValueError:
        body = None
    if response.status_code == 200 and isinstance(body, dict):
        return body
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        raise GitLabToolError(
            code="network_error",
            message=f"Something else answered in the gateway's place (HTTP {response.status_code}).",
            hint="Check the gateway's address and what stands in front of it.",
            retryable=response.status_code in (502, 503, 504),
            http_status=response.status_code,
        )
    raise GitLabToolError(
        code=str(error.get("code", "internal")),
        message=str(error.get("message", "")),
        hint=error.get("hint"),
        retryable=error.get("retryable") is True,
        status=error.get("status"),
        http_status=response.status_code,
        tool_name=error.get("tool_name"),
        request_id=error.get("request_id"),
        details=error.get("details"),
    )


def unreachable(error: httpx.TransportError) -> GitLabToolError:
    late = isinstance(error, httpx.TimeoutException)
    return GitLabToolError(
        code="timeout" if late else "network_error",
        message="The gateway took too long." if late else f"The gateway could not be reached ({type(error).__name__}).",
        hint="Call again; with the same idempotency_key nothing is done twice.",
        retryable=True,
    )


def wait_before_next(
    request: Request, attempt: int, error: GitLabToolError, *, sent: bool, retry_after: Optional[str] = None
) -> Optional[float]:
    """Seconds to wait before the request is sent again; ``None`` where it is not."""
    if attempt >= MOST_ATTEMPTS or not error.retryable:
        return None
    # Where no connection was made, the gateway has seen nothing.
    if sent and not request.may_be_repeated:
        return None
    seconds = float(retry_after) if retry_after and retry_after.isdigit() else 0.25 * 2**attempt
    return seconds if seconds <= LONGEST_WAIT_SECONDS else None
