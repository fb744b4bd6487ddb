"""The gateway's two clients: one that waits, and one for ``asyncio``."""

from __future__ import annotations

import asyncio
import time
from types import TracebackType
from typing import Any, Optional, Type

import httpx

from ._errors import GitLabToolError
from ._operations import Actions, AsyncActions
from ._requests import Request, check_url, read, unreachable, wait_before_next

#: Calls of tools wait for GitLab, and for its rate limits.
DEFAULT_TIMEOUT_SECONDS = 150.0


class Gateway:
    """A gateway, and a key of your product's.

    >>> actions = Gateway("https://gitlab-gateway.example.com", api_key="gat_…").actions  # doctest: +SKIP
    """

    def __init__(
        self,
        url: str,
        *,
        api_key: str,
        timeout: float = DEFAULT_TIMEOUT_SECONDS,
        transport: Optional[httpx.BaseTransport] = None,
    ) -> None:
        self._client = httpx.Client(
            base_url=check_url(url),
            headers={"Authorization": f"Bearer {api_key}"},
            timeout=timeout,
            transport=transport,
        )
        self.actions = Actions(self._send)

    def _send(self, request: Request) -> Any:
        attempt = 1
        while True:
            retry_after = None
            sent = True
            try:
                response = self._client.request(
                    request.method,
                    request.path,
                    params=dict(request.query),
                    json=request.body,
                    headers=request.headers(),
                )
                retry_after = response.headers.get("Retry-After")
                return read(response)
            except httpx.TransportError as error:
                sent = not isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout))
                failure = unreachable(error)
            except GitLabToolError as error:
                failure = error
            seconds = wait_before_next(request, attempt, failure, sent=sent, retry_after=retry_after)
            if seconds is None:
                raise failure
            time.sleep(seconds)
            attempt += 1

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> Gateway:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Gateway({str(self._client.base_url)!r})"


class AsyncGateway:
    """The same for ``asyncio``."""

    def __init__(
        self,
        url: str,
        *,
        api_key: str,
        timeout: float = DEFAULT_TIMEOUT_SECONDS,
        transport: Optional[httpx.AsyncBaseTransport] = None,
    ) -> None:
        self._client = httpx.AsyncClient(
            base_url=check_url(url),
            headers={"Authorization": f"Bearer {api_key}"},
            timeout=timeout,
            transport=transport,
        )
        self.actions = AsyncActions(self._send)

    async def _send(self, request: Request) -> Any:
        attempt = 1
        while True:
            retry_after = None
            sent = True
            try:
                response = await self._client.request(
                    request.method,
                    request.path,
                    params=dict(request.query),
                    json=request.body,
                    headers=request.headers(),
                )
                retry_after = response.headers.get("Retry-After")
                return read(response)
            except httpx.TransportError as error:
                sent = not isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout))
                failure = unreachable(error)
            except GitLabToolError as error:
                failure = error
            seconds = wait_before_next(request, attempt, failure, sent=sent, retry_after=retry_after)
            if seconds is None:
                raise failure
            await asyncio.sleep(seconds)
            attempt += 1

    async def close(self) -> None:
        await self._client.aclose()

    async def __aenter__(self) -> AsyncGateway:
        return self

    async def __aexit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"AsyncGateway({str(self._client.base_url)!r})"
