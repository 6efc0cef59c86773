"""Accounts in the ERP that are active although they should not be, or that nobody uses. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fnmatch import fnmatchcase

from erpsync.model import Account, Risk, Status, User, fold
from erpsync.policy.base import Facts, LiveTarget, Rule, Violation
from erpsync.policy.people import ended, gone


def _accounts(facts: Facts) -> Iterator[tuple[LiveTarget, Account, User]]:
    """The active accounts of declared users in every target that was read."""
    for target in facts.live.values():
        for login, account in target.accounts.items():
            user = facts.access.users.get(target.owners.get(login, ""))
            if account.active and user is not None:
                yield target, account, user


def _leaver(facts: Facts) -> Iterator[Violation]:
    allowed = facts.access.policy.leaver_hours
    for target, account, user in _accounts(facts):
        day = ended(user, facts.as_of)
        if day is None:
            continue
        # The last day has access; the hours run from its end to the beginning of this day.
        hours = ((facts.as_of - day).days - 1) * 24 if day != date.min else None
        if hours is not None and hours < allowed:
            continue
        since = f"{hours} hours after the last day" if hours is not None else "on an unknown day"
        since_zh = f"最后一天之后 {hours} 小时" if hours is not None else "离职日期不详"
        yield Violation(
            f"{target.name}/{account.login}",
            f"{user.key} has left, but {account.login} in {target.name} is still active, {since}; "
            f"{allowed} are allowed",
            f"{user.key} 已离开，{target.name} 中的账号 {account.login} 仍启用（{since_zh}，上限 "
            f"{allowed} 小时）",
            user.at,
            (user.key,),
            "apply the plan, which locks it",
            "执行计划以锁定该账号",
        )


def _joiner(facts: Facts) -> Iterator[Violation]:
    for target, account, user in _accounts(facts):
        if user.valid_from is not None and user.valid_from > facts.as_of:
            yield Violation(
                f"{target.name}/{account.login}",
                f"{user.key} begins on {user.valid_from}, but {account.login} in {target.name} is active now",
                f"{user.key} 自 {user.valid_from} 起生效，{target.name} 中的账号 {account.login} 已提前启用",
                user.at,
                (user.key,),
                "apply the plan, which locks it until then",
                "执行计划，在生效日前锁定",
            )


def _locked(facts: Facts) -> Iterator[Violation]:
    for target, account, user in _accounts(facts):
        if user.status is Status.LOCKED and not gone(user, facts.as_of):
            yield Violation(
                f"{target.name}/{account.login}",
                f"{user.key} is locked, but {account.login} in {target.name} is active",
                f"{user.key} 已锁定，但 {target.name} 中的账号 {account.login} 仍启用",
                user.at,
                (user.key,),
                "apply the plan, which locks it, and find out who opened it",
                "执行计划以锁定，并查明由谁启用",
            )


def _unknown(facts: Facts) -> Iterator[Violation]:
    for target in facts.live.values():
        declared = facts.access.targets[target.name]
        for login, account in target.accounts.items():
            known = login in target.owners or login in target.builtin
            named = any(fnmatchcase(login, fold(item)) for item in (*declared.ignore, *declared.protected))
            if account.active and not known and not named:
                yield Violation(
                    f"{target.name}/{account.login}",
                    f"account {account.login} in {target.name} is active and belongs to nobody in git",
                    f"{target.name} 中的账号 {account.login} 已启用，但在 git 中无人负责",
                    declared.at,
                    (),
                    "adopt it with erpsync import, or lock it in the ERP",
                    "用 erpsync import 纳入管理，或在 ERP 中锁定",
                )


def _builtin(facts: Facts) -> Iterator[Violation]:
    for target in facts.live.values():
        for login, why in target.builtin.items():
            account = target.accounts.get(login)
            if account is not None and account.active and login not in target.owners:
                yield Violation(
                    f"{target.name}/{account.login}",
                    f"account {account.login} in {target.name} is the ERP's own ({why}) and still active",
                    f"{target.name} 的内置账号 {account.login} 仍处于启用状态",
                    facts.access.targets[target.name].at,
                    (),
                    "lock it, or make it an emergency user with controllers",
                    "锁定该账号，或改为有监督人的应急账号",
                )


def _dormant(facts: Facts) -> Iterator[Violation]:
    longest = facts.access.policy.dormant_after
    for target, account, user in _accounts(facts):
        last = target.last_login.get(fold(account.login))
        if last is not None and facts.as_of - last > longest and not gone(user, facts.as_of):
            days = (facts.as_of - last).days
            yield Violation(
                f"{target.name}/{account.login}",
                f"{account.login} in {target.name} was last used on {last}, {days} days ago",
                f"{target.name} 中的账号 {account.login} 上次使用于 {last}，已闲置 {days} 天",
                user.at,
                (user.key,),
                "ask whether it is still needed; lock it if not",
                "确认是否仍需要；不需要则锁定",
            )


def _never_used(facts: Facts) -> Iterator[Violation]:
    longest = facts.access.policy.dormant_after
    for target, account, user in _accounts(facts):
        login = fold(account.login)
        new = user.valid_from is not None and facts.as_of - user.valid_from <= longest
        unused = login in target.last_login and target.last_login[login] is None
        if unused and not new and not gone(user, facts.as_of):
            yield Violation(
                f"{target.name}/{account.login}",
                f"{account.login} in {target.name} was never used",
                f"{target.name} 中的账号 {account.login} 从未使用",
                user.at,
                (user.key,),
                "ask whether it is needed; lock it if not",
                "确认是否需要；不需要则锁定",
            )


RULES = (
    Rule(
        id="lifecycle/leaver-active",
        title="Leavers have no access",
        title_zh="离职账号仍启用",
        level=Risk.CRITICAL,
        why="An account that outlives its owner's last day can be used by anybody who knows the "
        "password, unnoticed.",
        example="The buyer left in January; in March somebody orders under that name.",
        mend="Apply the plan at once, and look at what was done since.",
        controls=("ISO27001:A.5.18", "SOX:ITGC-Deprovisioning", "NIST800-53:PS-4", "GB/T22239:8.1.8"),
        check=_leaver,
        live=True,
    ),
    Rule(
        id="lifecycle/joiner-active",
        title="Joiners have no access yet",
        title_zh="未到生效日已启用",
        level=Risk.MEDIUM,
        why="An account that waits with a first password is taken by whoever finds it first.",
        example="The account of somebody who starts in May was opened in March and used by a colleague.",
        mend="Apply the plan, which locks it until the first day.",
        controls=("ISO27001:A.5.16", "SOX:ITGC-Provisioning"),
        check=_joiner,
        live=True,
    ),
    Rule(
        id="lifecycle/locked-active",
        title="Locked users have no active account",
        title_zh="已锁定用户账号仍启用",
        level=Risk.HIGH,
        why="A lock that somebody lifted in the ERP was lifted without the approval that git asks for.",
        example="An account was locked during an inquiry, and unlocked by hand the same evening.",
        mend="Apply the plan, and find out who opened it and why.",
        controls=("ISO27001:A.5.18", "NIST800-53:AC-2(13)"),
        check=_locked,
        live=True,
    ),
    Rule(
        id="lifecycle/unknown-account",
        title="Every active account is known",
        title_zh="未登记的启用账号",
        level=Risk.HIGH,
        why="Nobody approved an account that git does not know, and nobody takes it away.",
        example="A helper of the installation left an account behind that may do everything.",
        mend="Adopt it with an owner, lock it, or name it under unmanaged.ignore in a reviewed change.",
        controls=("ISO27001:A.5.16", "NIST800-53:AC-2", "GB/T22239:8.1.4.2"),
        check=_unknown,
        live=True,
    ),
    Rule(
        id="lifecycle/builtin-active",
        title="The ERP's own accounts are locked",
        title_zh="内置账号未停用",
        level=Risk.HIGH,
        why="Everybody knows the name of the ERP's own administrator; attackers try it first.",
        example="admin is active with the password of the installation.",
        mend="Lock it, or declare it as an emergency user with controllers and max_hours.",
        controls=("GB/T22239:8.1.4.2", "NIST800-53:AC-6(5)", "ISO27001:A.8.2"),
        check=_builtin,
        live=True,
    ),
    Rule(
        id="lifecycle/dormant",
        title="Unused accounts are looked at",
        title_zh="长期未使用账号",
        level=Risk.LOW,
        why="What nobody uses nobody misses when it is misused.",
        example="An account has not been used for half a year; its owner works elsewhere now.",
        mend="Ask the owner; lock the account if it is not needed.",
        controls=("NIST800-53:AC-2(3)", "GB/T22239:8.1.4.2"),
        check=_dormant,
        live=True,
    ),
    Rule(
        id="lifecycle/never-used",
        title="Accounts are used",
        title_zh="从未使用账号",
        level=Risk.LOW,
        why="An account that was never used was not needed, and still has its first password.",
        example="A department asked for twenty accounts and uses twelve.",
        mend="Ask whether it is needed; lock it if not.",
        controls=("NIST800-53:AC-2(3)", "GB/T22239:8.1.4.2"),
        check=_never_used,
        live=True,
    ),
)
