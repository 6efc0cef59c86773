"""Accounts as they are read from a real SCIM service, and what of a strange one is an error."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest

from erpsync.connectors.base import Reader
from erpsync.connectors.scim import ScimConnector
from erpsync.connectors.scim.lists import LOGINS_A_CALL
from erpsync.connectors.scim.messages import GROUP, USER
from erpsync.connectors.scim.reader import ScimReader
from erpsync.connectors.scim.writer import ScimWriter
from erpsync.errors import RefusedError, TargetError
from erpsync.model import Account, Capabilities
from tests.connectors.scim.stub import config, page, refusal, routes, scim
from tests.support.edits import grants
from tests.support.http_server import Answer, Request, StubServer
from tests.support.scim_server import ENCODED, TOKEN, USERNAME, ScimServer


def account(reader: Reader, login: str) -> Account:
    """One account."""
    return reader.snapshot([login.casefold()]).accounts[login.casefold()]


def user(number: str, login: str, **more: Any) -> dict[str, Any]:
    """A User."""
    return {"id": number, "userName": login, **more}


def opened(stub: StubServer, **options: str) -> Any:
    """A session with the stub that cannot write."""
    return ScimConnector.read(ScimServer(stub.url).connection(options=options))


# --- what is read -------------------------------------------------------------------------------------


def test_an_account_is_read_with_its_groups(either: ScimServer, writer: ScimWriter) -> None:
    login = either.login("chen.jing")
    emails = [{"value": "chen.jing@huaxin.example", "primary": True}]
    either.create(login, displayName="陈静", emails=emails, preferredLanguage="zh-CN")
    either.give(login, "Buyer")
    either.give(login, "Planner")
    assert account(writer, login) == Account(
        login, "陈静", "chen.jing@huaxin.example", "zh_CN", grants=grants("Buyer", "Planner")
    )


def test_a_login_is_found_whatever_its_case(either: ScimServer, writer: ScimWriter) -> None:
    login = either.login("Chen.JING")
    either.create(login)
    assert account(writer, login).login == login


@pytest.mark.parametrize("name", ["陈静", 'the "quoted" one', "a\\b", "straße", "o'neil & sons"])
def test_a_login_of_any_letters_is_found(either: ScimServer, writer: ScimWriter, name: str) -> None:
    login = either.login(name)
    either.create(login)
    assert account(writer, login).login == login


def test_a_locked_account_is_read(either: ScimServer, writer: ScimWriter) -> None:
    login = either.login("locked")
    either.create(login, active=False)
    assert not account(writer, login).active


def test_a_login_that_nobody_has_is_left_out(writer: ScimWriter) -> None:
    assert writer.snapshot(["nobody"]).accounts == {}


def test_more_logins_than_fit_into_a_question_are_all_found(either: ScimServer, writer: ScimWriter) -> None:
    logins = [either.login("many") for _ in range(LOGINS_A_CALL + 2)]
    for login in logins:
        either.create(login)
    assert writer.snapshot(logins).accounts.keys() == set(logins)


def test_everything_is_read_beyond_one_page(plain_scim_server: ScimServer, plain_writer: ScimWriter) -> None:
    logins = {plain_scim_server.login("paged") for _ in range(5)}
    for login in logins:
        plain_scim_server.create(login)
    assert plain_writer.lists.page == 3
    assert logins <= plain_writer.snapshot().accounts.keys()


def test_the_catalogue_has_the_groups_beyond_one_page(either: ScimServer, writer: ScimWriter) -> None:
    name = either.login("部门 Group")
    either.group(name)
    assert {name, "Buyer", "Clerk", "Planner"} <= writer.catalogue().entitlements
    assert writer.catalogue().scopes == {}


def test_the_reading_is_told_to_who_waits(scim_server: ScimServer) -> None:
    told: list[str] = []
    connection = scim_server.connection()
    values = {name: getattr(connection, name) for name in connection.__dataclass_fields__}
    values["progress"] = lambda what, done, total: told.append(what)
    with ScimConnector.read(type(connection)(**values)) as reader:
        scim_server.create(scim_server.login("told"))
        reader.snapshot()
    assert {"reading accounts", "reading groups"} <= set(told)


def test_it_has_no_days_and_no_scope_and_writes_many_at_once_where_it_can(
    scim_reader: ScimReader, plain_writer: ScimWriter
) -> None:
    assert scim_reader.capabilities == Capabilities(validity=False, batch=1000, together=True)
    assert plain_writer.capabilities == Capabilities(validity=False)


def test_the_login_of_erpsync_is_protected(scim_reader: ScimReader) -> None:
    assert scim_reader.snapshot(["nobody"]).protected == {USERNAME: "the login of erpsync itself"}


def test_languages_are_those_of_the_target(scim_server: ScimServer) -> None:
    with ScimConnector.read(scim_server.connection(options={"languages": "zh_CN, en"})) as reader:
        assert reader.catalogue().languages == {"zh_CN", "en"}


def test_entitlements_are_those_that_somebody_has_and_those_named(scim_server: ScimServer) -> None:
    held = scim_server.login("right")
    scim_server.create(scim_server.login("holder"), entitlements=[{"value": held}])
    options = {"profile": "infor-os", "known": "Buyer, Clerk"}
    with ScimConnector.read(scim_server.connection(options=options)) as reader:
        assert {held, "Buyer", "Clerk"} <= reader.catalogue().entitlements


# --- which service it is ------------------------------------------------------------------------------


def test_two_services_are_not_the_same_instance(scim_reader: ScimReader, plain_writer: ScimWriter) -> None:
    assert scim_reader.instance().startswith("scim:")
    assert scim_reader.instance() != plain_writer.instance()


def test_a_service_is_the_same_instance_at_whatever_address_it_is_reached(stub: StubServer) -> None:
    found = []
    for location in ("https://Tenant.example/scim/", "https://tenant.example/scim"):
        stub.default = routes(ServiceProviderConfig=config(meta={"location": location}))
        with opened(stub) as reader:
            found.append(reader.instance())
    assert found[0] == found[1]


def test_a_service_that_says_only_where_on_its_host_it_is_is_told_apart_by_the_host(stub: StubServer) -> None:
    stub.default = routes(ServiceProviderConfig=config(meta={"location": "/scim/ServiceProviderConfig"}))
    with opened(stub) as reader:
        relative = reader.instance()
    whole = f"{stub.url}scim/ServiceProviderConfig"
    stub.default = routes(ServiceProviderConfig=config(meta={"location": whole}))
    with opened(stub) as reader:
        assert reader.instance() == relative


# --- who may not --------------------------------------------------------------------------------------


def test_a_token_that_is_not_accepted_is_an_error_without_the_token(scim_server: ScimServer) -> None:
    connection = scim_server.connection("wrong-Secret-2")
    with pytest.raises(TargetError, match="the token is not accepted") as caught:
        ScimConnector.read(connection).__enter__()
    assert "wrong-Secret-2" not in str(caught.value) + repr(connection)


def test_a_token_that_may_not_read_users_is_an_error(stub: StubServer) -> None:
    stub.default = routes(Users=refusal(403, "no"))
    with (
        opened(stub) as reader,
        pytest.raises(TargetError, match="/Users cannot be read: that is not allowed") as caught,
    ):
        reader.snapshot()
    assert "rights" in (caught.value.hint or "")


def test_an_unknown_option_is_refused_before_anything_is_sent(stub: StubServer) -> None:
    with pytest.raises(RefusedError, match="unknown option 'pages'"):
        opened(stub, pages="7").__enter__()
    assert stub.requests == []


# --- strange services ---------------------------------------------------------------------------------


def test_the_owner_of_the_token_is_protected_where_the_service_tells(stub: StubServer) -> None:
    stub.default = routes(Me=scim(user("1", "Robot")))
    with opened(stub) as reader:
        assert set(reader.snapshot().protected) == {USERNAME, "robot"}


def test_groups_that_a_user_says_it_is_in_count_too(stub: StubServer) -> None:
    said = [{"value": "b", "type": "direct"}, {"value": "gone", "type": "direct"}]
    stub.default = routes(
        Users=page(user("1", "said", groups=said)), Groups=page({"id": "b", "displayName": "Buyer"})
    )
    with opened(stub) as reader:
        assert account(reader, "said").grants == grants("Buyer")


def test_members_are_asked_for_by_name(stub: StubServer) -> None:
    stub.default = routes(Users=page(user("1", "a")))
    with opened(stub, profile="sap-s4hana-cloud") as reader:
        reader.snapshot()
    (asked,) = [request.path for request in stub.requests if request.path.startswith("/Groups")]
    assert "attributes=displayName%2Cmembers%2Curn%3A" in asked


def test_a_filter_that_is_refused_is_done_without(stub: StubServer) -> None:
    def users(request: Request) -> Answer:
        if "filter=" in request.path:
            return refusal(400, "too complex", "invalidFilter")
        return page(user("1", "wanted"), user("2", "other"))

    stub.default = routes(ServiceProviderConfig=config(filter={"supported": True}), Users=users)
    with opened(stub) as reader:
        assert reader.snapshot(["wanted"]).accounts.keys() == {"wanted"}


def test_a_filter_that_fails_otherwise_is_an_error(stub: StubServer) -> None:
    stub.default = routes(
        ServiceProviderConfig=config(filter={"supported": True}), Users=refusal(500, "oops")
    )
    with opened(stub) as reader, pytest.raises(TargetError, match="/Users cannot be read"):
        reader.snapshot(["wanted"])


def test_all_are_read_where_a_filter_tells_logins_apart_by_their_case(stub: StubServer) -> None:
    def users(request: Request) -> Answer:
        return page() if "filter=" in request.path and '"Wanted"' not in unquote(request.path) else everybody

    everybody = page(user("1", "Wanted"))
    stub.default = routes(ServiceProviderConfig=config(filter={"supported": True}), Users=users)
    with opened(stub) as reader:
        assert reader.snapshot(["wanted"]).accounts.keys() == {"wanted"}
        asked = len(stub.requests)
        assert reader.snapshot(["nobody"]).accounts.keys() == set()
    # That was found out once: no filter is tried any more.
    assert [request.path.partition("?")[0] for request in stub.requests[asked:]] == ["/Users", "/Groups"]


def test_two_accounts_that_differ_only_in_case_are_an_error(stub: StubServer) -> None:
    stub.default = routes(Users=page(user("1", "twin"), user("2", "Twin")))
    with opened(stub) as reader, pytest.raises(TargetError, match="two accounts differ only in case"):
        reader.snapshot()


@pytest.mark.parametrize(
    "answers",
    [
        {"Users": page({"id": "1"})},
        {"Users": page(user("1", "a", groups=["x"]))},
        {"Users": page(user("1", "a")), "Groups": page({"id": "1", "displayName": "B", "members": ["x"]})},
    ],
)
def test_resources_that_are_none_are_an_error_and_not_left_out(
    stub: StubServer, answers: dict[str, Any]
) -> None:
    stub.default = routes(**answers)
    with opened(stub) as reader, pytest.raises(TargetError, match=r"the answer is not SCIM 2\.0"):
        reader.snapshot()


def test_a_service_without_groups_asks_for_another_way(stub: StubServer) -> None:
    kinds = page({"schema": USER, "endpoint": "/Users"})
    users = page(user("1", "a", roles=[{"value": "Buyer"}]))
    stub.default = routes(ResourceTypes=kinds, Users=users, Groups=refusal(404))
    with opened(stub) as reader, pytest.raises(TargetError, match="the service has no Groups"):
        reader.snapshot()
    with opened(stub, entitlements="roles") as reader:
        assert account(reader, "a").grants == grants("Buyer")


def test_users_and_groups_are_found_where_the_service_says_if_not_where_the_standard_has_them(
    stub: StubServer,
) -> None:
    kinds = page({"schema": USER, "endpoint": "/People"}, {"schema": GROUP, "endpoint": "/Teams"})
    stub.default = routes(
        ResourceTypes=kinds,
        Users=refusal(404),
        Groups=refusal(404),
        People=page(user("1", "a")),
        Teams=page({"id": "b", "displayName": "Buyer", "members": [{"value": "1"}]}),
    )
    with opened(stub) as reader:
        assert account(reader, "a").grants == grants("Buyer")


def test_a_list_that_is_nowhere_is_an_error(stub: StubServer) -> None:
    stub.default = routes(Users=refusal(404))
    with opened(stub) as reader, pytest.raises(TargetError, match="/Users cannot be read: it is not there"):
        reader.snapshot()


def test_a_plan_is_read_in_two_requests_and_one_for_each_page(stub: StubServer) -> None:
    stub.default = routes(Users=page(user("1", "a")), Groups=page({"id": "b", "displayName": "Buyer"}))
    with opened(stub) as reader:
        reader.catalogue()
        reader.snapshot()
    asked = [request.path.partition("?")[0] for request in stub.requests]
    assert asked == ["/ServiceProviderConfig", "/Me", "/Groups", "/Users"]


@pytest.mark.parametrize(
    ("profile", "sent"),
    [("generic", f"Bearer {TOKEN}"), ("infor-os", f"Bearer {ENCODED}"), ("sap-ias", f"Bearer {TOKEN}")],
)
def test_a_profile_says_what_is_sent_to_be_let_in(stub: StubServer, profile: str, sent: str) -> None:
    stub.default = routes()
    with opened(stub, profile=profile):
        assert stub.requests[0].headers["Authorization"] == sent


def test_a_profile_says_how_many_are_asked_for_at_once_and_the_service_how_many_at_most(
    stub: StubServer,
) -> None:
    stub.default = routes()
    with opened(stub, profile="oracle-idcs") as reader:
        assert reader.lists.page == 1000
    stub.default = routes(ServiceProviderConfig=config(filter={"maxResults": 50}))
    with opened(stub, profile="oracle-idcs") as reader:
        assert reader.lists.page == 50
