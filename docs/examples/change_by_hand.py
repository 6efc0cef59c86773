"""Give a user of the demo ERP a role behind erpsync's back, as somebody might in the ERP's own client.

python docs/examples/change_by_hand.py LOGIN ROLE, with ERP_USERNAME and ERP_PASSWORD set.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from demo.tryton_rpc import Client

login, role = sys.argv[1:]
url = os.environ.get("ERP_URL", "http://127.0.0.1:18069/")
erp = Client(url, "erp").login(os.environ["ERP_USERNAME"], os.environ["ERP_PASSWORD"])
(user_id,) = erp.call("model.res.user.search", [["login", "ilike", login]], 0, 1, None, {})
(role_id,) = erp.call("model.res.role.search", [["name", "=", role]], 0, 1, None, {})
erp.call("model.res.user.write", [user_id], {"roles": [["create", [{"role": role_id}]]]}, {})
sys.stdout.write(f"{login} now holds {role}\n")
