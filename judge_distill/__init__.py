"""Distil a strong LLM judge into a small, cheap one, and say honestly how far it can be trusted.

Everything that most people need is a name of this module, loaded when it is first used:

    import judge_distill as jd

    judged = jd.read("verdicts.csv")                # anybody's judged data
    jd.agree(judged, teacher="gpt4")                # how far its judges agree
    student = jd.train(judged, teacher="gpt4", out="my_judge")
    jd.judge("pairs.jsonl", by="local:my_judge")    # the small judge at work
    jd.browse(judged)                               # look at every judgement
"""

__version__ = "0.2.0"

from importlib import import_module
from types import FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .agreement.from_any_source import compare as compare
    from .agreement.from_any_source import pairs_needed as pairs_needed
    from .agreement.report import agree as agree
    from .data.judged import Judged as Judged
    from .data.published import load_published as load_published
    from .data.reading import read as read
    from .recipe.judging import judge as judge
    from .recipe.parts import open_judge as open_judge
    from .recipe.pipeline import run as run
    from .recipe.recipe import Recipe as Recipe
    from .recipe.train import train as train
    from .records.errors import InputError as InputError
    from .records.errors import JudgeDistillError as JudgeDistillError
    from .records.errors import ModelError as ModelError
    from .records.errors import NotEnoughData as NotEnoughData
    from .records.errors import OverBudget as OverBudget
    from .records.errors import WeightsError as WeightsError
    from .records.schema import Answer as Answer
    from .records.schema import Judgement as Judgement
    from .records.schema import Order as Order
    from .records.schema import Outcome as Outcome
    from .records.schema import Pair as Pair
    from .records.schema import Ruling as Ruling
    from .records.schema import Verdict as Verdict
    from .views.browse import browse as browse
    from .views.explore import explore as explore
    from .views.label import label as label

_HOMES = {
    # read, judge, measure, train, look
    "read": "data.reading",
    "load_published": "data.published",
    "judge": "recipe.judging",
    "open_judge": "recipe.parts",
    "agree": "agreement.report",
    "compare": "agreement.from_any_source",
    "pairs_needed": "agreement.from_any_source",
    "train": "recipe.train",
    "browse": "views.browse",
    "label": "views.label",
    "explore": "views.explore",
    # the whole, from documents to report
    "Recipe": "recipe.recipe",
    "run": "recipe.pipeline",
    # the nouns
    "Judged": "data.judged",
    "Pair": "records.schema",
    "Answer": "records.schema",
    "Judgement": "records.schema",
    "Ruling": "records.schema",
    "Verdict": "records.schema",
    "Outcome": "records.schema",
    "Order": "records.schema",
    # what may be wrong
    "JudgeDistillError": "records.errors",
    "InputError": "records.errors",
    "ModelError": "records.errors",
    "NotEnoughData": "records.errors",
    "OverBudget": "records.errors",
    "WeightsError": "records.errors",
}
__all__ = sorted(_HOMES)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    if isinstance(value, FunctionType) and value.__doc__:
        told = import_module(".records.help", __name__).with_parameters
        value.__doc__ = told(value)  # what `help` and `?` show
    globals()[name] = value  # the next use asks nobody
    return value


def __dir__() -> list[str]:
    return __all__
