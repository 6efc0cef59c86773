"""Record what a real ERP answers to the contract: ``python -m tests.contract.record odoo 18``.

The environment names the ERP, as for a run over it: ``ERPSYNC_TEST_ODOO_URL`` and so on. It should hold
nobody but its own users: everybody whom it has stands in the recorded answers.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys

import pytest

from tests.contract.cassette import CASSETTES, Cassette
from tests.contract.company import this_day
from tests.contract.recorded import RECORD


def main() -> int:
    """Record, and return the exit code of the tests."""
    parser = argparse.ArgumentParser(prog="python -m tests.contract.record", description=__doc__)
    parser.add_argument("erp", help="odoo, frappe, or another that has a harness here")
    parser.add_argument("version", help="the version that is recorded, such as 18")
    parser.add_argument("--missing", action="store_true", help="record only what is not yet, of today")
    asked = parser.parse_args()
    if f"ERPSYNC_TEST_{asked.erp.upper()}_URL" not in os.environ:
        print(f"ERPSYNC_TEST_{asked.erp.upper()}_URL names no server", file=sys.stderr)
        return 2
    name = f"{asked.erp}-{asked.version}"
    if not asked.missing:
        shutil.rmtree(CASSETTES / name, ignore_errors=True)
    elif Cassette.open(name).today != this_day():
        print(f"{name} is of another day, by which roles begin and end: record all of it", file=sys.stderr)
        return 2
    os.environ[RECORD] = asked.version
    places = ["tests/contract", f"tests/connectors/{asked.erp}"]
    return int(pytest.main(["-q", "-k", name, *places]))


if __name__ == "__main__":
    sys.exit(main())
