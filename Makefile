# Two commands do everything: `make demo` to try it, `make test` to prove it.
PY ?= python3
BIN := .venv/bin
HOST ?= 127.0.0.1
PORT ?= 8000

.PHONY: demo serve dev test test-long test-crash test-failover test-setups check test-one golden simulate lint format hooks audit bench measure lock pictures wheel clean
.DEFAULT_GOAL := demo

$(BIN)/uv:
	$(PY) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check uv

# Compiled once, as whoever installs a wheel compiles it: a start that has to compile takes half as long again.
.venv/ready: requirements.lock pyproject.toml | $(BIN)/uv
	$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q feedback
	touch $@

demo: .venv/ready  ## an example organisation, filled and served
	$(BIN)/feedback demo --host $(HOST) --port $(PORT)

serve: .venv/ready  ## the product, empty on the first start
	$(BIN)/feedback serve --host $(HOST) --port $(PORT)

dev: .venv/ready  ## the example organisation, served anew whenever a file changes
	@bash .dev/serve $(HOST) $(PORT)

test: .venv/ready
	@bash tests/get-chromium
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not long"

test-setups: .venv/ready  ## the set-ups of docs/operating.md, on this machine: needs caddy, pgbouncer, redis-server
	@PYTHONPATH=tests $(BIN)/python tests/try_setups.py

test-long: .venv/ready  ## lives of the simulator, and processes that end: what `make test` has no time for
	@bash tests/get-pgbouncer
	$(BIN)/python -m pytest -n 2 --dist load -m long

# Lint, and the fast tests on SQLite: about a minute on two cores that are free. Left to `make test`: a browser,
# PostgreSQL, and the files of tests/support/slow.py.
check: lint
	$(BIN)/python -m pytest -n 2 -m "not browser and not postgresql and not slow"

# make test-one T=tests/core/test_points.py, T="tests/core/test_points.py::test_name", or T="-k sealing"
test-one: .venv/ready
	$(if $(T),,$(error say which: make test-one T=tests/core/test_points.py))
	@case "$(T)" in *browser*|*journeys*) bash tests/get-chromium;; esac
	$(BIN)/python -m pytest -vvv $(T)

# make golden: writes anew what tests/golden/, tests/rules/, tests/statements/, tests/numbers/, tests/web/forms.txt and
# docs/openapi.json hold; read the difference before it is committed.
golden: .venv/ready
	@PYTHONPATH=tests $(BIN)/python -m golden
	@WRITE_GOLDEN=1 $(BIN)/pytest -q tests/test_rules_are_written_down.py tests/test_statements_are_written_down.py \
	  tests/test_numbers_are_written_down.py tests/web/test_forms_are_written_down.py tests/web/api/test_description_is_written_down.py

# make simulate YEARS=1000: so many organisation-years, from seed SEED on; what does not hold is printed with its seed
simulate: .venv/ready
	@PYTHONPATH=tests $(BIN)/python -m simulation --seed $(or $(SEED),1) --years $(or $(YEARS),2) \
	  --processes $(or $(PROCESSES),2)

# make test-crash ROUNDS=100: kills the server under load so often, on SQLite and on PostgreSQL; what was acknowledged
# has to be there. About ten seconds a round.
test-crash: .venv/ready
	@PYTHONPATH=tests $(BIN)/python -m crash --seed $(or $(SEED),1) --rounds $(or $(ROUNDS),100)

# make test-failover ROUNDS=5: kills the primary of a Patroni pair under load so often; what was acknowledged has to be
# on the other one. About a minute a round.
test-failover: .venv/ready
	@bash tests/get-patroni
	@PYTHONPATH=tests $(BIN)/python -m crash.failover --seed $(or $(SEED),1) --rounds $(or $(ROUNDS),5)

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec compose.yaml

format: .venv/ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

hooks:  ## look at staged Python files before each commit
	git config core.hooksPath .githooks

bench: .venv/ready  ## every benchmark of speed, and one table: about an hour
	@bash tests/get-chromium
	@$(BIN)/python benchmarks/bench.py

audit: .venv/ready  ## known vulnerabilities of what is pinned; passes when nobody can be asked
	@$(BIN)/pip-audit -r requirements.lock --require-hashes --disable-pip --progress-spinner off \
	  --format json 2>/dev/null | $(BIN)/python .ci/audit.py

measure: .venv/ready  ## how the tree reads, beside trees that read well
	@$(BIN)/python benchmarks/measure.py

lock: $(BIN)/uv  ## pin every version with its hashes; names no host
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --no-emit-find-links --group dev pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --no-emit-find-links --constraints requirements.lock --extra evidence pyproject.toml -o deploy/requirements.lock

pictures: .venv/ready  ## README's pictures, taken from the real pages
	@bash tests/get-chromium
	$(BIN)/python docs/take_pictures.py

wheel: .venv/ready
	$(BIN)/python -m hatchling build -t wheel -d dist

clean:
	rm -rf .venv dist instance/demo instance/static .mypy_cache .ruff_cache .import_linter_cache
