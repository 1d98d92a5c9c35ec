"""Leaves a user's own MLflow session unchanged: addresses, experiment, open runs, autologging.

MLflow keeps these in its modules and in the environment. A notebook that has a run open, or a shell that names one in
``MLFLOW_RUN_ID``, uses it for its own work: our jobs are logged separately.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from mlflow.tracking import fluent
from mlflow.tracking._model_registry import utils as registry
from mlflow.tracking._tracking_service import utils as service
from mlflow.utils.autologging_utils import disable_autologging

ADDRESSES = ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI")
THEIRS = ("MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME", "MLFLOW_ACTIVE_MODEL_ID")

_inside: ContextVar[bool] = ContextVar("inside", default=False)


@contextmanager
def apart() -> Iterator[None]:
    """Context manager: work without the caller's session, which is restored afterwards."""
    if _inside.get():
        yield
        return
    token = _inside.set(True)
    before = {name: os.environ.get(name) for name in (*ADDRESSES, *THEIRS)}
    uris = service._tracking_uri, registry._registry_uri
    experiment, runs = fluent._active_experiment_id, fluent._active_run_stack.get()
    last = fluent._last_active_run_id.get()
    for name in THEIRS:
        os.environ.pop(name, None)
    fluent._active_experiment_id = None
    fluent._active_run_stack.set([])
    try:
        with disable_autologging():
            yield
    finally:
        fluent._active_run_stack.set(runs)
        fluent._last_active_run_id.set(last)
        fluent._active_experiment_id = experiment
        service.set_tracking_uri(uris[0])
        registry._registry_uri = uris[1]
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        _inside.reset(token)
