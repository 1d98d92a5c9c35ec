"""MLflow: the only package that imports it.

One experiment for each study, a parent run for each job, a child run for each model; the champion is a registered
model.
"""

import logging
import os
import warnings

# Before MLflow is imported: these are read once.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")  # report a missing server soon
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")  # stdout is for results
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")

warnings.filterwarnings("ignore", message="IProgress not found")  # in a notebook without widgets

import mlflow  # noqa: E402, F401  (it sets its loggers up on import)

for noisy in ("mlflow", "alembic"):
    logging.getLogger(noisy).setLevel(logging.CRITICAL)  # failures are also raised and reported in one sentence
