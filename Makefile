# The words CI uses too. One line each; no logic lives here.
PYTHON = PYTHONPATH=tests/local .local/venv/bin/python
STACK = $(PYTHON) -m stack
SIMULATION = cargo run --profile trial -p simulation --
# One set of features for whatever is compiled: another one compiles everything anew.
FEATURES = --features bookkeeping/schema,common/schema
STORIES = cargo test --workspace $(FEATURES) --test stories
BENCH = PYTHONPATH=tests/local:tests/benches .local/venv/bin/python

.PHONY: bench demo test test-moto pictures simulate planted refreshes check clients setup deny fuzz operate permissions sbom zips baskets

demo: setup        ## A merchant's day into books. ONCE=1 exits; CRASH=1 kills the sync all day long.
	$(STACK) demo $(if $(ONCE),--once) $(if $(CRASH),--crash $(CRASH))

test: setup        ## Every test, then the stories over a running stack.
	cargo test --workspace --exclude stories $(FEATURES)
	$(STACK) run -- $(STORIES)

test-moto: setup   ## The same stories over another emulator.
	$(STACK) run --emulator moto -- $(STORIES)

pictures: setup    ## An operator's walk in a real Chromium; every page checked for everybody, and pictured under target/pictures.
	@tests/local/chromium.sh
	@tests/local/axe.sh
	$(STACK) walk --pictures target/pictures

simulate:          ## Ten thousand storms of every fault at once, on every core. COUNT=n for fewer, FIRST=n for others.
	$(SIMULATION) simulate $(or $(COUNT),10000) $(or $(FIRST),0)

planted:           ## Every planted bug, played until it is caught.
	$(SIMULATION) planted

refreshes:         ## Ten thousand schedules of fifty processes refreshing one connection's tokens at once.
	$(SIMULATION) refreshes 10000

bench: setup       ## Every goal of cost and speed, measured; table, figures and plots under target/bench. ONLY="drains growth" for some, MOST=n for growth.
	$(BENCH) -m pip install --quiet --disable-pip-version-check -r tests/benches/requirements.txt
	$(BENCH) -m bench $(if $(ONLY),--only $(ONLY)) $(if $(MOST),--most $(MOST))

clients: setup     ## Four QuickBooks clients that other people wrote, against the simulator.
	tests/simulator/clients/check.sh

check: setup       ## Form, lints, documentation, the template, the dependencies.
	infra/check.sh

setup:
	@tests/local/setup.sh

deny: setup        ## Licences, bans, sources, and advisories, which come from GitHub.
	.local/lint/bin/cargo-deny check

fuzz:              ## Everything from outside, made worse, led by what it reaches. MINUTES=10 for each target; TARGETS="messages queries" for some.
	tests/fuzz/run.sh $$(( $(or $(MINUTES),1) * 60 )) $(TARGETS)

operate: setup     ## A deployment in use: every secret rotated, the ledger put back, dead letters sent again, a merchant forgotten, all taken down.
	$(STACK) operate

sbom: setup        ## The bill of materials of what ships, as CycloneDX, under target/sbom.json.
	.local/lint/bin/python infra/sbom.py target/sbom.json

zips:              ## What is deployed, built for arm64 and x86_64 as SAM does it, with sizes. Long: one link of everything a function.
	infra/zips.sh

permissions:       ## Whether what stories and demonstrations used of permissions is what the template grants; the table.
	$(STACK) permissions

baskets:           ## A million made-up baskets through every tax model. COUNT=n for fewer, FIRST=n for others.
	cargo run --profile trial -p baskets -- $(or $(COUNT),1000000) $(or $(FIRST),0)
