"""An invented Chinese company of any size, as access files. The same size gives the same bytes.

Texts are yielded user by user, so that a company of any size is written without being held.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

AS_OF = date(2026, 6, 15)
"""The day that the benchmark plans for."""
TARGET = "erp"
SEED = 20260615
ASSIGNMENTS = 5
"""How many each user has."""
STAFF = 200
"""How many users a department has; but for a small company, which has ten departments all the same."""
SEPARATE_HEADS = 50
"""Departments whose heads the birthright rule names: the divisions."""
COMPANIES = tuple(
    f"Huashan {name}" for name in ("Group", "Trading", "Castings", "Bearings", "Gears", "Tools")
)
WAREHOUSES = tuple(f"WH{number:02}" for number in range(1, 25))

SUBSYSTEMS = {
    "production": "生产", "materials": "物资", "quality": "质检", "hr": "人力资源", "finance": "财务",
    "costing": "成本", "sales": "销售", "after_sales": "售后", "equipment": "设备", "decision": "决策支持",
}  # fmt: skip
# What each duty of a subsystem grants (number of entitlements) or includes, its risk and its longest time.
DUTIES: Mapping[str, tuple[str, int, tuple[str, ...], str, str | None]] = {
    "reader": ("查询员", 1, (), "low", None),
    "clerk": ("业务员", 2, (), "medium", None),
    "keeper": ("数据维护员", 1, (), "high", None),
    "approver": ("审批员", 1, (), "high", None),
    "manager": ("经理", 0, ("clerk", "approver"), "high", None),
    "standin": ("代理经理", 0, ("manager",), "critical", "120d"),
}
# What duties let their holders do, in the words of access/policies; for the company with a policy.
FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "production.clerk": ("MO",), "production.keeper": ("CNT",), "materials.clerk": ("PO",),
    "materials.keeper": ("VENDOR",), "materials.approver": ("SRC",), "quality.clerk": ("CONF",),
    "quality.approver": ("QREL",), "hr.clerk": ("TIME",), "hr.keeper": ("EMP",), "hr.approver": ("PREL",),
    "finance.clerk": ("INV", "JE"), "finance.keeper": ("COA",), "finance.approver": ("PAY",),
    "costing.clerk": ("REC",), "costing.approver": ("JEPOST",), "sales.clerk": ("SO",),
    "sales.keeper": ("CUST",), "sales.approver": ("PRICE",), "after_sales.clerk": ("DLV",),
    "after_sales.approver": ("CM",), "equipment.clerk": ("FAT",), "equipment.keeper": ("FAM",),
}  # fmt: skip
COMMON_ROLES = {"oa.employee": "员工", "oa.external": "外部人员", "oa.department_head": "部门负责人"}
POSITIONS = {
    "head": ("部长", ("manager",)),
    "specialist": ("专员", ("clerk", "reader")),
    "clerk": ("文员", ("reader",)),
    "operator": ("操作工", ()),
}

_SURNAMES = (
    "王wang 李li 张zhang 刘liu 陈chen 杨yang 黄huang 赵zhao 吴wu 周zhou 徐xu 孙sun 马ma 朱zhu 胡hu "
    "郭guo 何he 林lin 高gao 罗luo 郑zheng 梁liang 谢xie 宋song 唐tang 许xu 韩han 冯feng 邓deng 曹cao"
)
_GIVEN = (
    "伟wei 芳fang 娜na 敏min 静jing 丽li 强qiang 磊lei 军jun 洋yang 勇yong 艳yan 杰jie 娟juan 涛tao 明ming "
    "超chao 兰lan 霞xia 平ping 刚gang 桂gui 文wen 辉hui 玲ling 华hua 建jian 国guo 志zhi 海hai 雪xue 梅mei "
    "晓xiao 云yun"
)
_REASONS = (
    "月末结账期间协助对账", "替代休假同事处理日常单据", "新产线投产项目需要", "岗位兼任，经部门负责人同意",
    "year-end stock count", "covers the night shift", "supplier audit of this quarter",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """Who a user is."""

    key: str
    name: str
    number: int
    department: str
    position: str


@dataclass(frozen=True, slots=True)
class Company:
    """Who works there; everything else follows from the seed."""

    people: tuple[Person, ...]
    departments: tuple[str, ...]

    def base_files(self, *, functions: bool) -> Iterator[tuple[str, str]]:
        """The files about no single user: path below the access directory, and text.

        Args:
            functions: whether roles say what they let their holders do.
        """
        yield "erpsync.yaml", _settings()
        yield "organisation.yaml", _organisation(self.people)
        yield "roles.yaml", _roles(self.people, functions=functions)
        yield "birthright.yaml", _birthright(self.departments)

    def users(self) -> Iterator[tuple[Person, str]]:
        """Every user, department by department, with the lines of the entry below ``users:``."""
        random = Random(SEED)
        heads = self.people[: len(self.departments)]
        for department in range(len(self.departments)):
            for person in self.people[department :: len(self.departments)]:
                yield person, "\n".join(_user(person, heads, random)) + "\n"


def company(users: int) -> Company:
    """The company with so many users."""
    count = max(10, users // STAFF)
    departments = tuple(f"dept{number + 1:03}" for number in range(count))
    return Company(tuple(_people(users, departments, Random(SEED))), departments)


def entitlements() -> list[str]:
    """Everything that the ERP of the company can grant."""
    return [name for key in _role_keys() for name in _granted(key)]


def _people(users: int, departments: Sequence[str], random: Random) -> Iterator[Person]:
    taken: dict[str, int] = {}
    surnames, given = _SURNAMES.split(), _GIVEN.split()
    for number in range(users):
        surname, first, second = random.choice(surnames), random.choice(given), random.choice(given)
        login = f"{surname[1:]}.{first[1:]}{second[1:]}"
        taken[login] = taken.get(login, 0) + 1
        key = login if taken[login] == 1 else f"{login}{taken[login]}"
        rank, index = divmod(number, len(departments))
        position = "head" if rank == 0 else ("specialist", "clerk", "operator")[rank % 3]
        department = departments[index]
        name = surname[0] + first[0] + second[0]
        yield Person(key, name, number, department, f"{department}.{position}")


def _settings() -> str:
    return f"""\
settings:
  timezone: Asia/Shanghai

targets:
  {TARGET}:
    title_zh: 华山ERP
    connector: tryton
    url: https://erp.huashan.example/
    database: erp
    credentials: {{username: "env:ERP_USERNAME", password: "env:ERP_PASSWORD"}}
    manage: {{accounts: enforce, attributes: enforce, entitlements: enforce, scope: enforce}}
    unmanaged: {{accounts: report, ignore: ["legacy-*", "svc-old-*"]}}
    protected: [admin]
"""


def _organisation(people: Sequence[Person]) -> str:
    lines = ["departments:"]
    departments = {person.department: person for person in reversed(people)}
    for key, head in sorted(departments.items()):
        title_zh = f"{SUBSYSTEMS[_subsystem(key)]}{key[4:]}部"
        lines += [f"  {key}:", f"    title: Department {key[4:]}", f"    title_zh: {title_zh}",
                  f"    manager: {head.key}"]  # fmt: skip
    lines += ["", "subsystems:"]
    for index, (key, title) in enumerate(SUBSYSTEMS.items()):
        users = ", ".join(person.key for person in people[index * 4 + 2 : index * 4 + 5])
        lines += [f"  {key}:", f"    title_zh: {title}系统", f"    business_admin: {people[index].key}",
                  f"    erp_admin: {people[index % 3].key}", f"    key_users: [{users}]"]  # fmt: skip
    lines += ["  oa:", "    title_zh: 办公自动化", f"    business_admin: {people[0].key}", "", "positions:"]
    for department in sorted(departments):
        for position, (title, duties) in POSITIONS.items():
            roles = ", ".join(f"{_subsystem(department)}.{duty}" for duty in duties)
            lines += [f"  {department}.{position}:", f"    title: {position}", f"    title_zh: {title}",
                      f"    department: {department}", f"    roles: [{roles}]"]  # fmt: skip
    return "\n".join(lines) + "\n"


def _role_keys() -> list[str]:
    return [*(f"{subsystem}.{duty}" for subsystem in SUBSYSTEMS for duty in DUTIES), *COMMON_ROLES]


def _granted(role: str) -> list[str]:
    subsystem, duty = role.split(".")
    count = DUTIES[duty][1] if duty in DUTIES else 1
    return [
        f"{subsystem.replace('_', ' ')} / {duty.replace('_', ' ')} {part + 1}".title()
        for part in range(count)
    ]


def _roles(people: Sequence[Person], *, functions: bool) -> str:
    lines = ["roles:"]
    for index, key in enumerate(_role_keys()):
        subsystem, duty = key.split(".")
        title, _, includes, risk, longest = DUTIES.get(duty, (COMMON_ROLES.get(key, ""), 1, (), "low", None))
        lines += [f"  {key}:", f"    title: {duty.replace('_', ' ').capitalize()} of {subsystem}",
                  f"    title_zh: {title}", f"    subsystem: {subsystem}",
                  f"    owner: {people[index % 40].key}", f"    risk: {risk}"]  # fmt: skip
        if functions and key in FUNCTIONS:
            lines.append(f"    functions: [{', '.join(FUNCTIONS[key])}]")
        if longest:
            lines.append(f"    max_duration: {longest}")
        if includes:
            lines.append(f"    includes: [{', '.join(f'{subsystem}.{other}' for other in includes)}]")
        if granted := _granted(key):
            lines.append(f"    entitlements: {{{TARGET}: [{', '.join(granted)}]}}")
    return "\n".join(lines) + "\n"


def _birthright(departments: Sequence[str]) -> str:
    heads = "".join(f"\n        - {department}.head" for department in departments[:SEPARATE_HEADS])
    return f"""\
birthright:
  employees:
    title: Every employee has base access
    when: {{type: [dedicated]}}
    roles: [oa.employee]
  externals:
    title: Outside people are marked as such
    when: {{type: [temporary]}}
    roles: [oa.external]
  department-heads:
    title: Heads of divisions are marked as such
    when:
      type: [dedicated]
      position:{heads}
    roles: [oa.department_head]
"""


def _user(person: Person, heads: Sequence[Person], random: Random) -> Iterator[str]:
    (kind,) = random.choices(("dedicated", "temporary", "service", "emergency"), (960, 25, 10, 5))
    (status,) = random.choices(("active", "locked", "left"), (93, 3, 4))
    yield f"  {person.key}:"
    yield f"    name: {person.name}"
    yield f'    employee_no: "{10_000 + person.number:06}"'
    yield f"    email: {person.key}@huashan.example"
    yield f"    department: {person.department}"
    yield f"    position: {person.position}"
    yield f"    type: {kind}"
    yield f"    status: {status}"
    if kind != "dedicated":
        yield f"    owner: {heads[person.number % len(heads) - 1].key}"
    if kind == "temporary":
        yield f"    valid_to: {AS_OF + timedelta(days=random.randrange(-60, 300))}"
    yield f"    scope: {{{_scope(random)}}}"
    yield "    assignments:"
    for _ in range(ASSIGNMENTS):
        yield from _assignment(person, random)


def _scope(random: Random) -> str:
    if random.random() < 0.05:
        return "company: all"
    scope = f"company: [{', '.join(random.sample(COMPANIES, random.choice((1, 1, 1, 2, 3))))}]"
    if random.random() < 0.4:
        scope += f", warehouse: [{', '.join(random.sample(WAREHOUSES, random.randrange(1, 4)))}]"
    return scope


def _assignment(person: Person, random: Random) -> Iterator[str]:
    subsystem = random.choice((*SUBSYSTEMS, *[_subsystem(person.department)] * 10))
    (duty,) = random.choices(tuple(DUTIES), (8, 8, 4, 4, 2, 2))
    # Half of them hold on the day; the others have ended or lie ahead.
    first = AS_OF + timedelta(days=random.randrange(-500, 60))
    length = 60 if duty == "standin" else random.choice((30, 180, 365, 730))
    yield f"      - role: {subsystem}.{duty}"
    yield f"        valid_from: {first}"
    if duty == "standin" or random.random() < 0.85:
        yield f"        valid_to: {first + timedelta(days=length)}"
    yield f"        reason: {random.choice(_REASONS)}"
    yield f"        request: REQ-{first.year}-{random.randrange(10_000):04}"


def _subsystem(department: str) -> str:
    return tuple(SUBSYSTEMS)[int(department[4:]) % len(SUBSYSTEMS)]
