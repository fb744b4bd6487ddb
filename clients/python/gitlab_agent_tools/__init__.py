"""The client of the gitlab-agent-tools gateway: GitLab tools that act as each of your people."""

from ._client import AsyncGateway, Gateway
from ._errors import GitLabToolError
from ._models import *  # noqa: F403
from ._models import __all__ as _models

__all__ = ["AsyncGateway", "Gateway", "GitLabToolError", *_models]
