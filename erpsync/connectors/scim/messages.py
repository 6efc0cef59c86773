"""Pieces of requests as the standard has them. Pure."""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"


def quoted(text: str) -> str:
    """A value as it stands in a filter, which is a JSON string (RFC 7644, section 3.4.2.2)."""
    return json.dumps(text, ensure_ascii=False)


def patch(operations: list[dict[str, Any]]) -> Json:
    """The body of a PATCH (RFC 7644, section 3.5.2)."""
    return {"schemas": [PATCH], "Operations": operations}
