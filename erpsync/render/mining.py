"""Proposed roles in words: what each brings, whom it fits, who gets it how, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from erpsync.mining.matrix import Group
from erpsync.mining.proposal import Fit, ProposedRole, RoleProposal
from erpsync.model import Access, Role
from erpsync.render.escape import markdown, plain
from erpsync.render.page import LIMIT, Section, fit, size
from erpsync.render.text import Paint, bounded, no_paint
from erpsync.render.words import plural

NAMES = 8
"""Most people named in one line."""
_SPARE = 200


@dataclass(frozen=True, slots=True)
class Told:
    """A proposal, the declared state that it was made from, and the files it was written to, if it was."""

    proposal: RoleProposal
    access: Access
    as_of: date
    coverage: float
    lang: str = "en"
    files: tuple[str, ...] = ()
    sees_conflicts: bool = True

    def say(self, english: str, chinese: str) -> str:
        """One of two sentences that say the same."""
        return chinese if self.lang == "zh" else english

    def title(self, item: Role) -> str:
        """The title of a role in the language that was asked for."""
        return plain((item.title_zh if self.lang == "zh" else None) or item.title)

    @property
    def figures(self) -> str:
        """How many roles for how many people, and what becomes of the assignments."""
        found = self.proposal
        return self.say(
            f"{plural(len(found.roles), 'role')} proposed for {plural(found.people, 'person', 'people')}; "
            f"{plural(found.before, 'assignment becomes', 'assignments become')} {found.after}",
            f"{found.people} 人，建议 {len(found.roles)} 个角色；授权 {found.before} 条减为 {found.after} 条",
        )


def why(item: ProposedRole, told: Told) -> list[str]:
    """Why a role is proposed, in a few lines: whom it fits, who gets it how, what conflicts in it."""
    return [*_fits(item, told), *_given(item, told), *_wrong(item, told)]


def _fits(item: ProposedRole, told: Told) -> Iterator[str]:
    found = item.fit
    if found.group.kind == "everybody":
        yield told.say(
            f"{found.covered} of {plural(found.size, 'person', 'people')} hold all of it",
            f"{found.size} 人中 {found.covered} 人全部持有",
        )
        return
    share = f"{100 * found.covered / found.size:.0f} %"
    group = _group(found.group, told)
    lack, others = len(found.lacking), len(found.others)
    yield told.say(
        f"covers {share} of the {found.size} in {group}"
        + (f"; {_named(lack, found.lacking, 'lacks it', 'lack it')}" if lack else "")
        + (f"; {_named(others, found.others, 'other holds it', 'others hold it')}" if others else ""),
        f"覆盖{group} {found.size} 人中的 {share}"
        + (f"；{lack} 人缺少：{_people(found.lacking)}" if lack else "")
        + (f"；另有 {others} 人持有：{_people(found.others)}" if others else ""),
    )


def _given(item: ProposedRole, told: Told) -> Iterator[str]:
    if item.rule is not None:
        group = _group(item.rule, told)
        yield told.say(f"given by rule to all in {group}", f"按规则授予{group}全部人员")
    if item.assigned:
        count = len(item.assigned)
        yield told.say(
            f"assigned to {plural(count, 'person', 'people')} who {'holds' if count == 1 else 'hold'} "
            "all of it today",
            f"授予现已全部持有的 {count} 人",
        )
    if item.rule is None and _nearly(item.fit, told):
        yield told.say(
            "nearly all there hold it: --allow-extra gives it to all of them by a rule",
            "该范围内几乎人人持有：--allow-extra 可按规则授予全部人员",
        )


def _wrong(item: ProposedRole, told: Told) -> Iterator[str]:
    for user, roles in item.extra.items():
        titles = ", ".join(told.title(told.access.roles[key]) for key in roles)
        yield told.say(f"new for {plain(user)}: {titles}", f"{plain(user)} 将新增：{titles}")
    for risk in item.conflicts:
        title = plain((risk.title_zh if told.lang == "zh" else None) or risk.title)
        yield told.say(
            f"conflict inside it: {plain(risk.key)} {title}; split it",
            f"角色内部职责冲突：{plain(risk.key)} {title}；应拆分",
        )


def _nearly(found: Fit, told: Told) -> bool:
    return found.group.kind != "everybody" and found.size > found.covered >= told.coverage * found.size


def _group(group: Group, told: Told) -> str:
    if group.kind == "everybody":
        return told.say("the company", "全公司")
    entry = (told.access.positions if group.kind == "position" else told.access.departments)[group.key]
    if told.lang == "zh":
        return f"{'岗位' if group.kind == 'position' else '部门'} {plain(entry.title_zh or entry.title)}"
    return f"{group.kind} {plain(entry.title)}"


def _named(count: int, users: Sequence[str], one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many} ({_people(users)})"


def _people(users: Sequence[str]) -> str:
    more = len(users) - NAMES
    return ", ".join(map(plain, users[:NAMES])) + (", …" if more > 0 else "")


# --- as text, and as the body of a pull request -----------------------------------------------------------


def render_text(told: Told, paint: Paint = no_paint) -> str:
    """Every proposed role, what stays assigned directly, and what to do next."""
    lines = [paint(f"{told.say('Roles for', '角色建议')} {told.as_of}: {told.figures}", "bold")]
    for item in told.proposal.roles:
        lines += ["", paint(_head(item, told), "bold"), f"  {_brings(item, told)}"]
        lines += [f"  {paint(line, _colour(line, item, told))}" for line in why(item, told)]
    near = list(_near(told))
    if near:
        lines += [
            "",
            paint(told.say("Nearly a rule", "接近成为规则"), "bold"),
            *(f"  {line}" for line in near),
        ]
    left = list(_exceptions(told))
    if left:
        lines += ["", paint(told.say("Left as direct assignments", "保留的直接授权"), "bold")]
        lines += [f"  {line}" for line in bounded(left, "the files have them all")]
    lines += ["", *_steps(told)]
    return "".join(f"{line}\n" for line in lines)


def render_markdown(told: Told) -> str:
    """The body of a pull request."""
    head = (
        f"### {told.say('Roles proposed for', '角色建议')} {told.as_of}\n\n**{markdown(told.figures)}**\n\n"
    )
    roles: list[Callable[[], str]] = [partial(_entry, item, told) for item in told.proposal.roles]
    left: list[Callable[[], str]] = [partial("- {}\n".format, markdown(line)) for line in _exceptions(told)]
    title = told.say("Left as direct assignments", "保留的直接授权")
    near: list[Callable[[], str]] = [partial("- {}\n".format, markdown(line)) for line in _near(told)]
    sections = [
        Section("", roles, "\n"),
        Section(f"{told.say('Nearly a rule', '接近成为规则')}:\n\n", near, "\n") if near else Section(""),
        Section(f"{title}:\n\n", left) if left else Section(""),
    ]
    shown, missing = fit(sections, LIMIT - size(head) - _SPARE)
    cut = (
        f"> **Cut short**: {plural(missing, 'entry is', 'entries are')} left out here.\n\n" if missing else ""
    )
    return f"{head}{cut}{shown}"


def _entry(item: ProposedRole, told: Told) -> str:
    lines = [f"- **{markdown(_head(item, told))}**: {markdown(_brings(item, told))}\n"]
    return "".join([*lines, *(f"  - {markdown(line)}\n" for line in why(item, told))])


def _head(item: ProposedRole, told: Told) -> str:
    return f"{plain(item.role.key)}  {told.title(item.role)}  ({item.role.risk.value})"


def _brings(item: ProposedRole, told: Told) -> str:
    if len(item.parts) == 1:
        return told.say("the role there is, given by a rule", "已有角色，改为按规则授予")
    parts = told.say(", ", "、").join(told.title(told.access.roles[key]) for key in item.parts)
    return told.say(f"brings {parts}", f"包含 {parts}")


def _colour(line: str, item: ProposedRole, told: Told) -> str:
    return "red" if line in _wrong(item, told) else "bright_black"


def _near(told: Told) -> Iterator[str]:
    for item in told.proposal.near:
        title, group, people = (
            told.title(told.access.roles[item.role]),
            _group(item.group, told),
            item.lacking,
        )
        yield told.say(
            f"{title}: all in {group} hold it but {len(people)} ({_people(people)})",
            f"{title}：除 {len(people)} 人（{_people(people)}）外，{group}人人持有",
        )


def _exceptions(told: Told) -> Iterator[str]:
    for role, users in told.proposal.exceptions.items() if told.proposal.roles else ():
        title = told.title(told.access.roles[role])
        yield told.say(
            f"{title}: {plural(len(users), 'person', 'people')} ({_people(users)})",
            f"{title}：{len(users)} 人（{_people(users)}）",
        )


def _steps(told: Told) -> Iterator[str]:
    if not told.sees_conflicts:
        yield told.say(
            "No functions of roles are declared, so conflicts inside a role cannot be seen: "
            "docs/separation-of-duties.md",
            "尚未声明角色职能，无法检查角色内部的职责冲突：docs/separation-of-duties.md",
        )
    if not told.proposal.roles:
        yield told.say(
            "No role saves enough. Declare departments and positions, and try again.",
            "没有值得建立的角色。请先填写部门与岗位后重试。",
        )
    elif told.files:
        yield told.say("Proved: nobody's access changes." if not _any_extra(told) else "Written.", "已写入。")
        yield "  " + "\n  ".join(map(plain, told.files))
        yield told.say(
            "Next: git diff, erpsync plan, and open a pull request",
            "下一步：git diff，erpsync plan，提交合并请求",
        )
    else:
        yield told.say(
            "Nothing was written. --write puts it into the access files, for a pull request.",
            "未写入任何文件。--write 将其写入权限文件，以便提交合并请求。",
        )


def _any_extra(told: Told) -> bool:
    return any(item.extra for item in told.proposal.roles)
