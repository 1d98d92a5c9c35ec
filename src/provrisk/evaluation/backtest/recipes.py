"""Recipes: models and combiners, by name."""

from collections.abc import Mapping, Sequence

from provrisk.errors import ProvriskError
from provrisk.models.base import Combiner, Model
from provrisk.models.dependence import Dependence


def in_order(recipes: Mapping[str, Model | Combiner], wanted: Sequence[str]) -> list[str]:
    """The ``wanted`` names and their members, members before the combiners that need them.

    Raises ``ProvriskError`` for a name that is not among the recipes, or a circle.
    """
    order: list[str] = []

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise ProvriskError(
                f"Models contain each other in a circle: {' -> '.join((*path, name))}; change their members."
            )
        if name not in recipes:
            who = f"models/{path[-1]}.toml: its member" if path else "There is no model"
            raise ProvriskError(f"{who} {name!r}: models/ has {', '.join(recipes)}.")
        if name not in order:
            recipe = recipes[name]
            for member in recipe.members if isinstance(recipe, Combiner) else ():
                visit(member, (*path, name))
            order.append(name)

    for name in wanted:
        visit(name, ())
    return order


def joined(recipes: Mapping[str, Model | Combiner], name: str) -> tuple[dict[str, Model | Combiner], str]:
    """``recipes`` with a joint version of ``name``, and its name: itself, or a dependence step over it.

    Needed to sum draws over provinces or months: most models draw each province, or each month, independently.
    """
    if recipes[name].joint:
        return dict(recipes), name
    return {**recipes, f"{name}, joint": Dependence([name])}, f"{name}, joint"
