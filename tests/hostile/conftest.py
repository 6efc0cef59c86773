"""A company's jobs, and what must never leave them."""

from tests.cli.conftest import erpsync, github_server, memory, pipeline

__all__ = ["erpsync", "github_server", "memory", "pipeline"]
