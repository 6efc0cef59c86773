"""Sessions with the ERP, opened once: a login costs a third of a second."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.bootstrap import APPLY_LOGIN, PLAN_LOGIN
from erpsync.connectors.http import Http
from erpsync.connectors.tryton.rpc import Rpc, WriteRpc
from tests.support import s4hana_cloud as s4hana
from tests.support import scim_server as scim
from tests.support import second_scim
from tests.support.erp import Erp
from tests.support.scim_server import NOTHING_BUT_PATCH, ScimServer


@pytest.fixture(scope="session")
def read_rpc(erp: Erp) -> Iterator[Rpc]:
    """A session of the login that plans."""
    with _http(erp) as http:
        yield Rpc(http, erp.database, PLAN_LOGIN, erp.connection(PLAN_LOGIN).password)


@pytest.fixture(scope="session")
def write_rpc(erp: Erp) -> Iterator[WriteRpc]:
    """A session of the login that applies."""
    with _http(erp) as http:
        yield WriteRpc(http, erp.database, APPLY_LOGIN, erp.connection().password)


@pytest.fixture(scope="session")
def groups_rpc(groups_erp: Erp) -> Iterator[WriteRpc]:
    """A session of the login that applies, in the ERP without roles."""
    with _http(groups_erp) as http:
        yield WriteRpc(http, groups_erp.database, APPLY_LOGIN, groups_erp.connection().password)


@pytest.fixture(scope="session")
def groups_read_rpc(groups_erp: Erp) -> Iterator[Rpc]:
    """A session of the login that plans, in the ERP without roles."""
    with _http(groups_erp) as http:
        yield Rpc(http, groups_erp.database, PLAN_LOGIN, groups_erp.connection(PLAN_LOGIN).password)


@pytest.fixture(scope="session")
def scim_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScimServer]:
    """A SCIM service that can do everything, shared: tests stay apart by the logins they use."""
    with scim.running(tmp_path_factory.mktemp("scim")) as started:
        yield started


@pytest.fixture(scope="session")
def plain_scim_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScimServer]:
    """A SCIM service that can do as little as may be, shared."""
    with scim.running(tmp_path_factory.mktemp("plain-scim"), NOTHING_BUT_PATCH) as started:
        yield started


@pytest.fixture(scope="session")
def s4hana_cloud(scim_server: ScimServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[s4hana.Cloud]:
    """A SCIM service with SAP's extensions behind a guard of CSRF tokens, shared."""
    with s4hana.running(scim_server, tmp_path_factory.mktemp("s4hana")) as started:
        yield started


@pytest.fixture(scope="session")
def second_scim_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScimServer]:
    """A SCIM service that others wrote in another language, shared."""
    with second_scim.running(tmp_path_factory.mktemp("second-scim")) as started:
        yield started


def _http(erp: Erp) -> Http:
    return Http(erp.url, "target 'erp'")
