"""Rules about what roles really allow in the ERP: beyond their claim, short of it, or to everybody. Pure.

They find nothing unless the permissions of a target were read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from erpsync.model import Access, Response, Risk, SodRisk
from erpsync.policy.base import Facts, Rule, Violation
from erpsync.policy.deep import Deep, examine
from erpsync.policy.duties import Rulebook, rulebook
from erpsync.policy.holdings import declared
from erpsync.policy.people import listed, listed_zh
from erpsync.policy.sod import Conflict, conflicts, over_limit, role_conflicts
from erpsync.policy.sod_rule import holders, role_violation, violation


def _undeclared(facts: Facts) -> Iterator[Violation]:
    access, deep = facts.access, examine(facts.access, facts.permissions)
    for key, functions in sorted(deep.extra.items()):
        for name in sorted(functions):
            title, title_zh = _titles(access, name)
            words = deep.brings[key][name]
            yield Violation(
                f"{key}/{name}",
                f"role {key} does not claim {name} ({title}), but grants it: {listed(words)}",
                f"角色 {key} 未声明职责 {name}（{title_zh}），但实际授予：{listed_zh(words)}",
                access.roles[key].at,
                hint=f"take the permissions out of it in the ERP, or write {name} into its functions",
                hint_zh=f"在 ERP 中收回这些权限，或在 functions 中声明 {name}",
            )


def _unused_claim(facts: Facts) -> Iterator[Violation]:
    access, deep = facts.access, examine(facts.access, facts.permissions)
    for key, functions in sorted(deep.unmet.items()):
        for name in sorted(functions):
            title, title_zh = _titles(access, name)
            yield Violation(
                f"{key}/{name}",
                f"role {key} claims {name} ({title}), but nothing that it grants amounts to it",
                f"角色 {key} 声明了职责 {name}（{title_zh}），但其权限并不包含该职责",
                access.roles[key].at,
                hint=f"take {name} out of its functions, or mend the patterns that say what amounts to it",
                hint_zh=f"从 functions 中删除 {name}，或修正该职责的权限匹配规则",
                said=Response.RECORD,
            )


def _open_to_all(facts: Facts) -> Iterator[Violation]:
    access, deep = facts.access, examine(facts.access, facts.permissions)
    for name, words in deep.everybody.items():
        title, title_zh = _titles(access, name)
        yield Violation(
            name,
            f"whoever can log in can do {name} ({title}): {listed(words)}",
            f"任何能登录的用户都可执行职责 {name}（{title_zh}）：{listed_zh(words)}",
            access.functions[name].at,
            hint="limit it to groups in the ERP; until then no role and no conflict tells who can do it",
            hint_zh="在 ERP 中将其限定到权限组；在此之前，角色与职责冲突均无法反映谁能执行",
        )


def _titles(access: Access, name: str) -> tuple[str, str]:
    function = access.functions[name]
    return function.title, function.title_zh or function.title


# --- separation of duties ----------------------------------------------------------------------------------


def _sod(facts: Facts) -> Iterator[Violation]:
    """The conflicts that show only when what roles really bring counts too, from the day on."""
    if not facts.permissions:
        return
    access, source = facts.access, declared(facts.access, facts.as_of)
    deep = examine(access, facts.permissions)
    claimed, real = rulebook(access), rulebook(access, deep.extra)
    known = {_key(item): item.spans for item in over_limit(conflicts(access, claimed, source))}
    found = list(conflicts(access, real, source))
    inside = {(role, risk.key) for role, risk in role_conflicts(access, claimed)}
    for role, risk in role_conflicts(access, real):
        if (role, risk.key) not in inside:
            who = holders(role, risk, found, real)
            yield _deep(role_violation(role, risk, who, access), risk, [role], real, deep)
    for conflict in over_limit(found):
        if known.get(_key(conflict)) != conflict.spans:
            roles = [item.role for side in conflict.sides for item in side]
            yield _deep(violation(conflict, real, facts), conflict.risk, roles, real, deep)


def _key(conflict: Conflict) -> tuple[str, str]:
    return (conflict.person, conflict.risk.key)


def _deep(found: Violation, risk: SodRisk, roles: Iterable[str], book: Rulebook, deep: Deep) -> Violation:
    """A conflict, with the permissions by which unclaimed functions come into it."""
    inner = sorted({role for key in roles for role in book.closures[key]})
    names = sorted({name for side in risk.sides for name in side})
    extra = [(role, name) for role in inner for name in names if name in deep.extra[role]]
    by = [(role, name, deep.brings[role][name][0]) for role, name in extra]
    # Of a risk that some may have, one too many is found although it is others whose roles grant more.
    words = [f"{role} grants {name} by {permission}" for role, name, permission in by] or ["roles of others"]
    words_zh = [f"{role} 实际授予 {name}（{permission}）" for role, name, permission in by] or ["他人的角色"]
    return replace(
        found,
        message=f"{found.message}; not claimed: {listed(words)}",
        message_zh=f"{found.message_zh}；未声明：{listed_zh(words_zh)}",
        rule=f"sod-deep/{risk.key}",
        # What a risk says of itself is about what git grants; this cannot be mended in a change of the files.
        said=None,
        hint="take the permission out of the role in the ERP, or take one of the roles away",
        hint_zh="在 ERP 中从角色收回该权限，或收回其中一个角色",
    )


RULES = (
    Rule(
        id="deep/undeclared",
        title="Roles grant what they claim",
        title_zh="角色实际权限超出声明",
        level=Risk.HIGH,
        why="What a role can do beyond its claim is kept from its reviewers and from every conflict check.",
        example="The role that drafts invoices can post them too, because the ERP has one group for both.",
        mend="Take the permissions out in the ERP, or claim the function, so that conflicts are told by it.",
        controls=("ISO27001:A.5.18", "SOX:ITGC-Access", "NIST800-53:AC-6"),
        check=_undeclared,
        live=True,
    ),
    Rule(
        id="deep/unused-claim",
        title="Roles claim what they grant",
        title_zh="角色声明多于实际权限",
        level=Risk.LOW,
        why="A claim that nothing stands behind brings conflicts that are none, and hides gaps.",
        example="A role says that it releases orders, and its holders cannot press the button.",
        mend="Take the function out of the claim, or give the role what it needs.",
        controls=("ISO27001:A.5.18", "NIST800-53:AC-6"),
        check=_unused_claim,
        live=True,
    ),
    Rule(
        id="deep/open-to-all",
        title="Functions are limited to roles",
        title_zh="职责对所有用户开放",
        level=Risk.HIGH,
        why="What whoever can log in may do is separated by no role, whatever the roles say.",
        example="The ERP has no rule about suppliers, so the warehouse can change their bank data.",
        mend="Limit it to groups in the ERP.",
        controls=("ISO27001:A.8.3", "SOX:ITGC-Access", "NIST800-53:AC-3"),
        check=_open_to_all,
        live=True,
    ),
    Rule(
        id="sod-deep",
        title="Separation of duties by real permissions",
        title_zh="按实际权限的职责分离",
        level=Risk.HIGH,
        why="Two roles that claim one half each may grant both, and then the claims keep nobody apart.",
        example="The clerk who orders can receive the goods too, because the ERP has one group for both.",
        mend="Take the permission out of one of the roles in the ERP, or take a role away.",
        controls=("ISO27001:A.5.3", "SOX:ITGC-SoD", "NIST800-53:AC-5"),
        check=_sod,
        live=True,
    ),
)
"""The rules that need the permissions of the ERP, beside those that look at the files alone."""
