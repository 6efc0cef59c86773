"""JSON that an ERP answers, as values that can be shown, compared and kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Hook = Callable[[dict[str, Any]], Any]


def json_of(content: bytes, hook: Hook | None = None) -> Any:
    """The value of a JSON answer.

    Half a character, which JSON can write as an escape but no text can hold, becomes U+FFFD (RFC 8259,
    section 8.2, leaves it to whoever reads).

    Args:
        content: the body.
        hook: makes values of objects, as `json.loads` has it.

    Raises:
        ValueError: it is no JSON, or nested too deep.
    """
    try:
        if b"\\ud" not in content.lower():
            return json.loads(content, object_hook=hook)
        text = json.dumps(json.loads(content), ensure_ascii=False)
        return json.loads(
            text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"), object_hook=hook
        )
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def json_object_of(content: bytes) -> dict[str, Any] | None:
    """The object that a JSON answer is; None if it is no JSON, or something else."""
    try:
        found = json_of(content)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
