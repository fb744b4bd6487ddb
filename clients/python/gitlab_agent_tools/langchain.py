"""LangChain tools. This file is not tested: LangChain for Python is not there where the tests run."""

from __future__ import annotations

from typing import Any, List, Optional

from langchain_core.tools import BaseTool, StructuredTool

from ._client import Gateway


def langchain_tools(
    gateway: Gateway,
    *,
    identifier: str,
    connection_name: str = "gitlab",
    tools: Optional[str] = None,
    areas: Optional[str] = None,
    preset: Optional[str] = None,
    access: Any = None,
    max_result_tokens: Optional[int] = None,
) -> List[BaseTool]:
    """Tools for one person's agent.

    ``identifier`` comes from your own session, never from a model. ``tools``, ``areas`` and ``preset`` are words separated
    by commas.
    """
    definitions = gateway.actions.export_definitions(
        format="openai", tools=tools, areas=areas, preset=preset, access=access
    ).definitions

    def tool_of(definition: Any) -> BaseTool:
        name = definition["name"]

        def run(**tool_input: Any) -> str:
            answer = gateway.actions.run_tool(
                tool_name=name,
                tool_input=tool_input,
                identifier=identifier,
                connection_name=connection_name,
                access=access,
                max_result_tokens=max_result_tokens,
            )
            return answer.text

        return StructuredTool.from_function(
            func=run, name=name, description=definition["description"], args_schema=definition["parameters"]
        )

    return [tool_of(definition) for definition in definitions]
