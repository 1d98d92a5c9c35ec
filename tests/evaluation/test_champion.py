"""A champion that another state of the program fitted."""

from typing import Any

import pytest
import xarray as xr

from provrisk.evaluation.backtest.block_store import code_key
from provrisk.evaluation.champion import Champion, OutdatedError
from provrisk.models.baselines import LastMonth


class Broken(LastMonth):
    """A model whose stored state has another form."""

    def predict(self, *_: Any) -> xr.DataArray:
        """Fail as a state of other code does."""
        raise IndexError("index 40 is out of bounds")


def champion(model: LastMonth, code: str) -> Champion:
    return Champion("last_month", model, "3", "2018-12", "d", "r", "2018-12", code)


def test_one_that_other_code_fitted_and_that_fails_is_to_be_fitted_again(iraq_panel: xr.Dataset) -> None:
    with pytest.raises(OutdatedError, match=r"version 3, was fitted by other code .*IndexError.*retrain"):
        champion(Broken().fit(iraq_panel), "other").forecast(iraq_panel, [1], 10, 1)


def test_a_fault_of_todays_code_is_not_laid_on_the_champion(iraq_panel: xr.Dataset) -> None:
    with pytest.raises(IndexError):
        champion(Broken().fit(iraq_panel), code_key()).forecast(iraq_panel, [1], 10, 1)


def test_one_that_other_code_fitted_forecasts_as_long_as_it_can(iraq_panel: xr.Dataset) -> None:
    drawn = champion(LastMonth().fit(iraq_panel), "other").forecast(iraq_panel, [1, 2], 10, 1)
    assert drawn.sizes["horizon"] == 2
