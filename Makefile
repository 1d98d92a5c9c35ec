# Everything runs in .venv, made on first use from what pyproject.toml asks for at the versions of constraints.txt.
PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: learn abroad competition help run honesty test test-fast test-all nightly audit lint format mlflow docs pictures peers speed

help:            ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

run: .venv/run.stamp     ## Set up, test the models and write the bulletin
	$(BIN)/provrisk run --workers 2

test: .venv/test.stamp lint     ## Set up, lint, and run the tests that this machine can run
	$(PYTEST)

test-fast: .venv/test.stamp     ## The quick tests of each room alone, about half a minute
	$(PYTEST) -m "not slow" tests/test_*.py tests/api tests/study tests/events tests/features tests/forecasts \
		tests/evaluation tests/risk tests/models/test_models.py tests/models/test_combiners.py tests/tracking/test_store.py \
		tests/reports/test_notes.py tests/jobs/test_status.py tests/jobs/test_champion_forecast.py

test-all: .venv/test.stamp lint     ## The tests, failing where something they need is missing
	PROVRISK_TEST_ALL=1 $(PYTEST)

nightly: .venv/test.stamp     ## Ten thousand broken inputs, others every night (docs/reliability.md)
	PROVRISK_NIGHTLY=1 $(BIN)/pytest --numprocesses 2 tests/hostile

audit: .venv/audit/bin/pip-audit     ## Compare the pinned packages with the known vulnerabilities (needs the network)
	$< --strict --no-deps --disable-pip --requirement constraints.txt

lint: .venv/test.stamp     ## Format, style, types and layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/test.stamp     ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

mlflow: .venv/run.stamp     ## Open the MLflow pages on the project's store
	MLFLOW_DISABLE_TELEMETRY=true $(BIN)/mlflow ui --backend-store-uri sqlite:///mlruns/mlflow.db

docs: .venv/docs.stamp     ## Build the documentation site in site/, without a network
	$(BIN)/python docs/site/build.py

pictures: run     ## Make the pictures of the README again (needs Chromium)
	$(BIN)/python docs/make_pictures.py

honesty: .venv/run.stamp     ## Measure how often the program's statements are right (docs/honesty.md), some minutes
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python benchmarks/honesty.py

peers: .venv/run.stamp benchmarks/peers/.venv/stamp     ## Compare our models with other packages (docs/benchmarks.md)
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python benchmarks/peers/compare.py benchmarks/peers/.venv/bin/python

speed: .venv/run.stamp     ## The cost of the jobs, compared with the last release (ROWS="light run": these rows)
	$(BIN)/python benchmarks/speed.py $(ROWS)

learn: .venv/run.stamp     ## Fit the model learnt_abroad on all studies (STUDIES=...: on these alone)
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/provrisk learn $(STUDIES) --workers 2

abroad: .venv/run.stamp     ## Leave one country out: the champion on other data (PROVRISK_DATA: with Bangladesh)
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/abroad.py

competition: .venv/run.stamp     ## The VIEWS competition (VIEWS_TARGET: its file; skipped without)
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/competition.py

benchmarks/peers/.venv/stamp: benchmarks/peers/requirements.txt
	$(PYTHON) -m venv benchmarks/peers/.venv
	benchmarks/peers/.venv/bin/pip install --quiet --requirement $<
	touch $@

.venv/audit/bin/pip-audit: .venv/bin/python
	$(PYTHON) -m venv .venv/audit
	.venv/audit/bin/pip install --quiet pip-audit==2.10.1

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/run.stamp: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --constraint constraints.txt --editable .
	touch $@

.venv/docs.stamp: .venv/run.stamp
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[docs]'
	touch $@

.venv/test.stamp: .venv/run.stamp
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@
