"""What was learnt from several studies: numbers in one sealed file beside the model files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from provrisk import files
from provrisk.errors import ProvriskError


@dataclass(frozen=True)
class Teacher:
    """A study that was learnt from: its monthly figures up to ``last``, known by their ``digest``."""

    study: str
    country: str
    measure: str
    first: str
    last: str
    provinces: int
    digest: str


@dataclass(frozen=True)
class Numbers:
    """What was learnt: ``theta`` (input, output) for inputs less ``mean`` over ``spread`` (one each a signal)."""

    mean: np.ndarray
    spread: np.ndarray
    theta: np.ndarray


@dataclass(frozen=True, repr=False)
class Learnt:
    """Numbers learnt from the ``teachers``, from all of them ("") and without each.

    Two are equal if their digests are; printed it is its digest, which stands for it in keys and records.
    """

    digest: str
    recipe: Mapping[str, Any]
    upto: str
    teachers: tuple[Teacher, ...]
    numbers: Mapping[str, Numbers]

    def __repr__(self) -> str:
        return f"learnt {self.digest}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Learnt) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def of_others(self, study: str, country: str | None = None) -> Numbers:
        """What was learnt without the study of this name or country; from all teachers if it is none of them."""
        return self.numbers[self._teacher(study, country)]

    def teachers_of(self, study: str, country: str | None = None) -> list[Teacher]:
        """Who taught what a study of this name or country is forecast with."""
        out = self._teacher(study, country)
        return [teacher for teacher in self.teachers if teacher.study != out]

    def _teacher(self, study: str, country: str | None) -> str:
        same = [one.study for one in self.teachers if one.study == study or one.country == country]
        return study if study in same else same[0] if same else ""


def sealed_text(learnt: Learnt) -> str:
    """The file of ``learnt``; its seal is its digest."""
    return files.sealed(_record(learnt.recipe, learnt.upto, learnt.teachers, learnt.numbers))


def make(recipe: Mapping[str, Any], upto: str, teachers: tuple[Teacher, ...], numbers: Mapping[str, Numbers]) -> Learnt:
    """A ``Learnt`` of these numbers, which should hold no more digits than the file keeps (``rounded``)."""
    content = files.sealed(_record(recipe, upto, teachers, numbers)).encode()
    return Learnt(files.digest(content), recipe, upto, teachers, numbers)


def rounded(values: np.ndarray) -> np.ndarray:
    """``values`` to the digits that the file keeps."""
    return np.array([float(f"{value:.5g}") for value in values.ravel()]).reshape(values.shape)


def read_learnt(path: Path) -> Learnt:
    """The numbers in the file at ``path``; raises ``ProvriskError`` if it is missing or not what was written."""
    try:
        content = path.read_bytes()
        record = files.unsealed(content)
        numbers = {
            name: Numbers(*(np.array(one[key], dtype=float) for key in ("mean", "spread", "theta")))
            for name, one in record["numbers"].items()
        }
        teachers = tuple(Teacher(**one) for one in record["teachers"])
        return Learnt(files.digest(content), record["recipe"], record["upto"], teachers, numbers)
    except FileNotFoundError:
        raise ProvriskError(f"{path} is missing: make it with 'provrisk learn', or restore it.") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise ProvriskError(f"{path} is damaged ({reason}): make it again with 'provrisk learn'.") from None


def _record(
    recipe: Mapping[str, Any], upto: str, teachers: tuple[Teacher, ...], numbers: Mapping[str, Numbers]
) -> dict[str, Any]:
    return {
        "recipe": dict(recipe),
        "upto": upto,
        "teachers": [vars(teacher) for teacher in teachers],
        "numbers": {
            name: {"mean": one.mean.tolist(), "spread": one.spread.tolist(), "theta": one.theta.tolist()}
            for name, one in numbers.items()
        },
    }
