"""Declared states from plain values, and edits of them: what stands on the two sides of a proposal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from erpsync.building import build
from erpsync.merge import merge
from erpsync.proposal import Declared
from erpsync.yaml_tree import parse

Document = dict[str, dict[str, Any]]
"""Section → key → entry, as YAML would hold it: every scalar is a text."""

COMPANY: Document = {
    "departments": {
        "purchasing": {"title": "Purchasing", "manager": "wu.lan"},
        "sales": {"title": "Sales", "manager": "yan.song"},
        "it": {"title": "Information management", "manager": "zhou.ming"},
    },
    "subsystems": {
        "materials": {
            "business_admin": "guo.jianhua",
            "erp_admin": "he.qi",
            "key_users": ["lin.tao", "ma.li"],
        },
        "finance": {"business_admin": "he.meiling", "erp_admin": "he.qi", "key_users": ["lai.wen"]},
        "oa": {"business_admin": "he.qi", "erp_admin": "he.qi"},
    },
    "oversight": {"audit": {"title": "Internal audit", "members": ["ruan.ling", "bao.jing"]}},
    "positions": {
        "buyer": {"title": "Buyer", "department": "purchasing", "roles": ["buyer"]},
        "seller": {"title": "Seller", "department": "sales"},
    },
    "roles": {
        "buyer": {"title": "Buyer", "subsystem": "materials", "owner": "wu.lan"},
        "approver": {"title": "Approver", "subsystem": "materials", "owner": "wu.lan", "risk": "high"},
        "ledger": {"title": "Ledger", "subsystem": "finance", "owner": "he.meiling", "sensitive": "finance"},
        "chief": {"title": "Chief", "subsystem": "finance", "owner": "he.meiling", "risk": "critical"},
        "marker": {"title": "Marker", "subsystem": "oa", "owner": "he.qi", "risk": "low"},
    },
    "birthright": {},
    "approvals": {
        "birthright": {
            "title": "By position or rule",
            "when": {"change": ["grant", "retime"], "by": ["position", "rule"]},
            "needs": ["department_head"],
        },
        "assignments": {
            "title": "By assignment",
            "when": {"change": ["grant", "retime"], "by": ["assignment"]},
            "needs": ["key_user", "department_head"],
        },
        "high": {"title": "High", "when": {"risk": ["high"]}, "needs": ["business_admin", "erp_admin"]},
        "critical": {
            "title": "Critical",
            "when": {"risk": ["critical"]},
            "needs": ["role_owner", "oversight"],
        },
        "sensitive": {"title": "Sensitive", "when": {"sensitive": ["finance"]}, "needs": ["role_owner"]},
        "services": {"title": "Services", "when": {"type": ["service", "emergency"]}, "needs": ["owner"]},
        "roles": {
            "title": "Roles",
            "when": {"section": ["roles"]},
            "needs": ["role_owner", "business_admin"],
        },
        "positions": {"title": "Positions", "when": {"section": ["positions"]}, "needs": ["department_head"]},
        "areas": {
            "title": "Departments and subsystems",
            "when": {"section": ["departments", "subsystems"]},
            "needs": ["department_head", "business_admin"],
        },
    },
    "users": {
        key: {"name": key, "type": "dedicated", "department": department}
        for key, department in {
            "chen.jing": "purchasing",
            "wu.lan": "purchasing",
            "lin.tao": "purchasing",
            "ma.li": "purchasing",
            "guo.jianhua": "purchasing",
            "yan.song": "sales",
            "he.meiling": "sales",
            "lai.wen": "sales",
            "he.qi": "it",
            "zhou.ming": "it",
            "ruan.ling": "it",
            "bao.jing": "it",
        }.items()
    }
    | {"svc.wms": {"name": "WMS", "type": "service", "owner": "guo.jianhua"}},
}
"""A small company with every part of an organisation, and rules about all of them."""


def edited(document: Document, section: str, key: str, /, **values: Any) -> Document:
    """A copy with some values of one entry set, or the entry added; None takes a value away."""
    copy = deepcopy(document)
    entry = copy.setdefault(section, {}).setdefault(key, {})
    entry.update(values)
    for name in [name for name, value in entry.items() if value is None]:
        del entry[name]
    return copy


def without(document: Document, section: str, *keys: str) -> Document:
    """A copy without some entries of a section, or without all of them."""
    copy = deepcopy(document)
    copy[section] = {key: entry for key, entry in copy[section].items() if keys and key not in keys}
    return copy


def declared(document: Mapping[str, Any]) -> Declared:
    """One side of a proposal. JSON is YAML; one value a line, so that places differ."""
    top = parse(json.dumps(document, indent=1).encode(), "access/all.yaml", [])
    assert top is not None
    merged, findings = merge([top], set())
    assert not findings
    return Declared(build(merged, "sha256:0"), merged)
