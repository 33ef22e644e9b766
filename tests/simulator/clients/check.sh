#!/bin/sh
# Runs other people's QuickBooks clients against the simulator and says how many checks passed.
#
# Sets up everything itself under .local/ at the root of the repository: a virtual environment for Python, node_modules
# for Node. Needs Rust and Python 3 with venv; where Node is missing it is installed with apt-get if that is allowed.
# SIMULATOR_BIN names a simulator that is already built; without it, it is built here.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH= cd -- "$here/../../.." && pwd)
local=$root/.local
mkdir -p "$local"

if [ -z "${SIMULATOR_BIN:-}" ]; then
    # With the features that the rest is compiled with, so that nothing is compiled twice.
    (cd "$root" && cargo build --quiet --workspace --bin simulator --test stories --features bookkeeping/schema,common/schema)
    SIMULATOR_BIN=${CARGO_TARGET_DIR:-$root/target}/debug/simulator
fi
export SIMULATOR_BIN

if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "installing Node from the distribution"
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends nodejs npm >/dev/null
    else
        echo "The JavaScript clients need Node 18 or newer and npm: as root, apt-get install nodejs npm" >&2
        exit 1
    fi
fi

# True if what was installed into $1 came from the same files as now.
fresh() {
    [ -f "$1/.installed-from" ] && [ "$(cat "$1/.installed-from")" = "$2" ]
}

python=$local/clients-python
wanted=$(cksum < "$here/python/requirements.txt")
if ! fresh "$python" "$wanted"; then
    rm -rf "$python"
    python3 -m venv "$python"
    "$python/bin/pip" install --quiet --disable-pip-version-check -r "$here/python/requirements.txt"
    echo "$wanted" > "$python/.installed-from"
fi

node=$local/clients-node
wanted=$(cksum < "$here/node/package-lock.json")
if ! fresh "$node" "$wanted"; then
    rm -rf "$node"
    mkdir -p "$node"
    cp "$here/node/package.json" "$here/node/package-lock.json" "$node/"
    (cd "$node" && npm ci --silent --no-audit --no-fund)
    echo "$wanted" > "$node/.installed-from"
fi

outcome=0

echo "Python: intuit-oauth, python-quickbooks"
(cd "$here/python" && "$python/bin/python" -B -W ignore -m unittest) > "$local/clients-python.log" 2>&1 || outcome=1
[ "$outcome" = 0 ] || cat "$local/clients-python.log"
python_ran=$(sed -n 's/^Ran \([0-9]*\) tests.*/\1/p' "$local/clients-python.log")
python_failed=$(sed -n 's/^FAILED (\(.*\))$/\1/p' "$local/clients-python.log" | tr ',' '\n' | sed -n 's/.*=\([0-9]*\).*/\1/p' | awk '{sum += $1} END {print sum + 0}')

echo "JavaScript: intuit-oauth, node-quickbooks"
node_outcome=0
cp "$here/node/clients.test.js" "$node/"
(cd "$node" && node --test clients.test.js) > "$local/clients-node.log" 2>&1 || node_outcome=1
[ "$node_outcome" = 0 ] || { cat "$local/clients-node.log"; outcome=1; }
node_passed=$(sed -n 's/^[^0-9a-z]* *pass \([0-9]*\)$/\1/p' "$local/clients-node.log" | tail -n 1)
node_failed=$(sed -n 's/^[^0-9a-z]* *fail \([0-9]*\)$/\1/p' "$local/clients-node.log" | tail -n 1)

python_ran=${python_ran:-0}
echo "Python:     $((python_ran - python_failed)) passed, $python_failed failed"
echo "JavaScript: ${node_passed:-0} passed, ${node_failed:-0} failed"
# Nothing run is nothing shown.
if [ "$python_ran" = 0 ] || [ "${node_passed:-0}" = 0 ]; then
    outcome=1
fi
exit "$outcome"
