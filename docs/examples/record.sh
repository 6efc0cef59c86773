#!/bin/sh
# Record anew what the pages show of the demo ERP: live.json, and the account of feng.lei after the tutorial's
# apply (live-applied.json) and after the change by hand (live-drifted.json). Run it in the checkout with `make erp` running in
# another terminal, then set AS_OF in docs/generator/outputs.py to the day, and run `make docs`.
set -eu
. .erpsync/demo/env
checkout=$PWD
examples=$checkout/docs/examples
PATH=$checkout/.venv/bin:$PATH
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
cp -r access "$stage"
cd "$stage"

as_declared() { erpsync plan -o plan.json >/dev/null && erpsync apply plan.json; }
account() {
    erpsync snapshot erp | python -c '
import json, sys
accounts = json.load(sys.stdin)["accounts"]
one = [account for account in accounts if account["login"].casefold() == "feng.lei"]
print(json.dumps(one, ensure_ascii=False, indent=1))'
}

as_declared
erpsync snapshot erp -o "$examples/live.json"
git apply "$examples/tutorial.patch"
as_declared
account > "$examples/live-applied.json"
python "$examples/change_by_hand.py" feng.lei Cashier
account > "$examples/live-drifted.json"
cp -r "$checkout/access" .
as_declared
