"""ERPs without a usable API: an export is read, a work order is written, the next export proves it.

See docs/worklist.md. Nothing here reaches an ERP.
"""

from __future__ import annotations

from erpsync.connectors.worklist.connector import WorklistConnector

__all__ = ["WorklistConnector"]
