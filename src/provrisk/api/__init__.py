"""Everything that the command does, from Python: ``import provrisk as pr``.

Each command has one function, a thin layer over the same job, named by its words: ``provrisk data add`` is
``pr.data_add``. They take a study from ``load_study``, or its name, and find its project: the
folder with ``features/`` and ``models/``, in which results are written. Days are written ``YYYY-MM-DD`` and months
``YYYY-MM``, files are paths or text, and a user's mistake is a ``ProvriskError``: one sentence that says what to
correct. A module is imported when one of its functions is used.
"""

import importlib
import warnings

COMMANDS = {
    "init": "init",
    "run": "run",
    "forecast": "forecast",
    "bulletin": "bulletin",
    "bulletin finalize": "bulletin_finalize",
    "bulletin discard": "bulletin_discard",
    "backtest": "backtest",
    "compare": "compare",
    "forecasts add": "forecasts_add",
    "forecasts list": "forecasts_list",
    "forecasts remove": "forecasts_remove",
    "forecasts restore": "forecasts_restore",
    "forecasts export-hub": "forecasts_export_hub",
    "forecasts import-hub": "forecasts_import_hub",
    "learn": "learn",
    "retrain": "retrain",
    "rollback": "rollback",
    "status": "status",
    "clean": "clean",
    "data add": "data_add",
    "data list": "data_list",
    "data remove": "data_remove",
    "data restore": "data_restore",
    "data check": "data_check",
    "data counts": "data_counts",
    "data revisions": "data_revisions",
    "data download ucdp": "data_download_ucdp",
    "evidence list": "evidence_list",
    "evidence test": "evidence_test",
    "evidence sources": "evidence_sources",
    "scenario": "scenario",
    "features list": "features_list",
    "features show": "features_show",
    "features export": "features_export",
    "features dictionary": "features_dictionary",
    "study example": "study_example",
    "study new": "study_new",
    "study check": "study_check",
}
"""The function of each command, named by its words; a test compares both lists."""

OLD = {
    "init_project": "init",
    "past_bulletin": "bulletin",
    "finalize_bulletin": "bulletin_finalize",
    "discard_bulletin": "bulletin_discard",
    "add_forecast": "forecasts_add",
    "list_forecasts": "forecasts_list",
    "remove_forecast": "forecasts_remove",
    "restore_forecast": "forecasts_restore",
    "add_releases": "data_add",
    "list_releases": "data_list",
    "remove_release": "data_remove",
    "restore_release": "data_restore",
    "check_data": "data_check",
    "count_events": "data_counts",
    "list_revisions": "data_revisions",
    "download_ucdp": "data_download_ucdp",
    "list_claims": "evidence_list",
    "weigh_claims": "evidence_test",
    "compare_sources": "evidence_sources",
    "list_features": "features_list",
    "show_province": "features_show",
    "export_panel": "features_export",
    "data_dictionary": "features_dictionary",
    "new_study": "study_new",
    "check_study": "study_check",
}
"""Names of functions before version 0.2 and now: both work, the old one with a note."""

MODULES = {
    "studies": ("load_study", "list_studies", "init", "study_example", "study_new", "study_check"),
    "data": (
        "data_add",
        "data_list",
        "data_remove",
        "data_restore",
        "data_check",
        "data_counts",
        "data_revisions",
        "data_download_ucdp",
    ),
    "panels": ("build_panel", "features_export", "features_list", "features_show", "features_dictionary"),
    "evaluation": ("backtest", "compare"),
    "external_forecasts": (
        "forecasts_add",
        "forecasts_list",
        "forecasts_remove",
        "forecasts_restore",
        "forecasts_export_hub",
        "forecasts_import_hub",
    ),
    "bulletins": ("run", "forecast", "bulletin", "bulletin_finalize", "bulletin_discard"),
    "evidence": ("evidence_list", "evidence_test", "evidence_sources", "scenario"),
    "retraining": ("learn", "retrain", "rollback", "status", "clean"),
}
"""The module of each public function, in the order of use."""

ERRORS = {
    "DataStopError": "provrisk.jobs.data_checks",
    "NothingNewError": "provrisk.errors",
    "LockedError": "provrisk.errors",
}
"""Errors that stop a job, and their modules."""

RESULTS = (
    "provrisk.study.Study",
    "provrisk.events.counting.load.LoadedCounts",
    "provrisk.events.releases.release_store.Release",
    "provrisk.jobs.data_checks.DataCheck",
    "provrisk.jobs.explore.ProvinceSeries",
    "provrisk.jobs.stored_backtest.KeptBacktest",
    "provrisk.jobs.comparison.compare.ComparedForecasts",
    "provrisk.jobs.external_forecasts.HeldForecast",
    "provrisk.jobs.monthly_run.MonthResult",
    "provrisk.jobs.issue.IssueFiles",
    "provrisk.reports.bulletin.stored_issues.StoredIssue",
    "provrisk.jobs.forecast.NewestForecast",
    "provrisk.jobs.retrain.Decision",
    "provrisk.study.learnt.Learnt",
    "provrisk.jobs.evidence.Evidence",
    "provrisk.risk.evidence.verdict.Verdict",
    "provrisk.jobs.scenario.Scenario",
)
"""The types that the functions return, for the reference."""

WHERE = {name: f"{__name__}.{module}" for module, names in MODULES.items() for name in names} | ERRORS

__all__ = ["COMMANDS", *WHERE]


def __getattr__(name: str) -> object:
    if name in OLD:
        warnings.warn(f"pr.{name} is now pr.{OLD[name]}", FutureWarning, stacklevel=3)
        name = OLD[name]
    if name not in WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(WHERE[name]), name)


def __dir__() -> list[str]:
    return sorted(WHERE)
