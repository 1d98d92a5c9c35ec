"""Everything that the command does, from Python: ``import provrisk as pr``.

Each command has one function (``COMMANDS``), a thin layer over the same job. They take a study, as ``load_study`` gives
it, and find the project that it lies in: the folder with ``features/`` and ``models/``, in which results are written.
Days are written ``YYYY-MM-DD`` and months ``YYYY-MM``, files are paths or text, and a mistake of the user's is a
``ProvriskError``: one sentence that says what to mend. A module is imported when one of its functions is asked for.
"""

import importlib

COMMANDS = {
    "init": "init_project",
    "run": "run",
    "forecast": "forecast",
    "bulletin": "past_bulletin",
    "bulletin finalize": "finalize_bulletin",
    "bulletin discard": "discard_bulletin",
    "backtest": "backtest",
    "compare": "compare",
    "forecasts add": "add_forecast",
    "forecasts list": "list_forecasts",
    "forecasts remove": "remove_forecast",
    "forecasts restore": "restore_forecast",
    "learn": "learn",
    "retrain": "retrain",
    "rollback": "rollback",
    "status": "status",
    "clean": "clean",
    "data add": "add_releases",
    "data list": "list_releases",
    "data remove": "remove_release",
    "data restore": "restore_release",
    "data check": "check_data",
    "data counts": "count_events",
    "data revisions": "list_revisions",
    "data download ucdp": "download_ucdp",
    "evidence list": "list_claims",
    "evidence test": "weigh_claims",
    "evidence sources": "compare_sources",
    "scenario": "scenario",
    "features list": "list_features",
    "features show": "show_province",
    "features export": "export_panel",
    "features dictionary": "data_dictionary",
    "study new": "new_study",
    "study check": "check_study",
}
"""The function of each command; a test walks the command line and holds the two side by side."""

MODULES = {
    "studies": ("load_study", "list_studies", "init_project", "new_study", "check_study"),
    "data": (
        "add_releases",
        "list_releases",
        "remove_release",
        "restore_release",
        "check_data",
        "count_events",
        "list_revisions",
        "download_ucdp",
    ),
    "panels": ("build_panel", "export_panel", "list_features", "show_province", "data_dictionary"),
    "evaluating": ("backtest", "compare", "add_forecast", "list_forecasts", "remove_forecast", "restore_forecast"),
    "bulletins": ("run", "forecast", "past_bulletin", "finalize_bulletin", "discard_bulletin"),
    "claims": ("list_claims", "weigh_claims", "compare_sources", "scenario"),
    "champions": ("learn", "retrain", "rollback", "status", "clean"),
}
"""Where each public function lives, in the order in which they are met."""

ERRORS = {
    "DataStopError": "provrisk.jobs.checks",
    "NothingNewError": "provrisk.errors",
    "LockedError": "provrisk.errors",
}
"""What stops a job without being a mistake, and where it lives."""

RESULTS = (
    "provrisk.study.Study",
    "provrisk.events.figures.Figures",
    "provrisk.events.releases.Release",
    "provrisk.jobs.checks.DataCheck",
    "provrisk.jobs.looking.ProvinceSeries",
    "provrisk.jobs.kept.KeptBacktest",
    "provrisk.jobs.compared.Compared",
    "provrisk.jobs.outside.Held",
    "provrisk.jobs.month.MonthResult",
    "provrisk.jobs.bulletin.Written",
    "provrisk.reports.issues.Issued",
    "provrisk.jobs.forecast.Newest",
    "provrisk.jobs.retrain.Decision",
    "provrisk.study.learnt.Learnt",
    "provrisk.jobs.evidence.Evidence",
    "provrisk.risk.evidence.verdict.Verdict",
    "provrisk.jobs.scenario.Scenario",
)
"""What the functions return, for the reference."""

WHERE = {name: f"{__name__}.{module}" for module, names in MODULES.items() for name in names} | ERRORS

__all__ = ["COMMANDS", *WHERE]


def __getattr__(name: str) -> object:
    if name not in WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(WHERE[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *WHERE])
