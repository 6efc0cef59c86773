"""The fixed words about findings of the policy, in English and Chinese, side by side."""

from __future__ import annotations

_BOTH = {
    "heading": ("Policy on {day}: {told}", "{day} 策略检查：{told}"),
    "nothing": ("no findings", "无发现"),
    "separator": (", ", "，"),
    "count.block": ("{n} refused", "{n} 项阻断"),
    "count.warn": ("{n} warned of", "{n} 项警告"),
    "count.record": ("{n} recorded", "{n} 项记录"),
    "count.made_up": ("{n} made up for", "{n} 项已补偿"),
    "known": ("Left out, known from the baseline: {n}.", "基线中已有、未列出：{n} 项。"),
    "response.block": ("block", "阻断"),
    "response.mitigate": ("mitigate", "须补偿"),
    "response.warn": ("warn", "警告"),
    "response.record": ("record", "记录"),
    "hint": ("hint", "建议"),
    "cut": (
        "> **Cut short**: entries left out here: {n}. JSON has them all.\n\n",
        "> **内容过长**：此处省略 {n} 项，JSON 中有全部内容。\n\n",
    ),
    "more": ("… and {n} more; erpsync check shows them", "…… 另有 {n} 项，可用 erpsync check 查看"),
    "comparison": ("Policy: {told}", "策略：{told}"),
    "introduced": ("Introduced:", "新增："),
    "removed": ("Resolved:", "已消除："),
    "new.low.one": ("1 new low-risk conflict", "新增 1 项低风险冲突"),
    "new.low.many": ("{n} new low-risk conflicts", "新增 {n} 项低风险冲突"),
    "new.medium.one": ("1 new medium-risk conflict", "新增 1 项中风险冲突"),
    "new.medium.many": ("{n} new medium-risk conflicts", "新增 {n} 项中风险冲突"),
    "new.high.one": ("1 new high-risk conflict", "新增 1 项高风险冲突"),
    "new.high.many": ("{n} new high-risk conflicts", "新增 {n} 项高风险冲突"),
    "new.critical.one": ("1 new critical conflict", "新增 1 项极高风险冲突"),
    "new.critical.many": ("{n} new critical conflicts", "新增 {n} 项极高风险冲突"),
    "new.other.one": ("1 new finding", "新增 1 项发现"),
    "new.other.many": ("{n} new findings", "新增 {n} 项发现"),
    "removed.count": ("{n} resolved", "消除 {n} 项"),
    "remaining.count": ("{n} there before", "原有 {n} 项"),
}
_FAMILIES = {
    "sod": ("Separation of duties", "职责分离"),
    "sod-live": ("Separation of duties in the ERP", "系统内实际职责分离"),
    "sod-deep": ("Separation of duties by real permissions", "按实际权限的职责分离"),
    "deep": ("What roles really allow", "角色的实际权限"),
    "lifecycle": ("The life of users", "用户生命周期"),
    "responsibility": ("Who answers for what", "责任归属"),
    "gates": ("Before a role is used", "使用前提"),
    "scope": ("Scope", "数据范围"),
    "own": ("Own rules", "自定义规则"),
}

WORDS = {
    "en": {key: en for key, (en, _) in _BOTH.items()},
    "zh": {key: zh for key, (_, zh) in _BOTH.items()},
}
FAMILIES = {key: {"en": en, "zh": zh} for key, (en, zh) in _FAMILIES.items()}
"""The titles of families of rules; a family that is not named here, of a plug-in, is called by its id."""
