"The names of the package's front door: loaded when first used, and each with a home."

import inspect
import os
import re
import subprocess
import sys
from types import FunctionType

import pytest

import judge_distill

NAMES = """
InputError JudgeDistillError ModelError NotEnoughData OverBudget WeightsError
Answer Judged Judgement Order Outcome Pair Recipe Ruling Verdict
agree browse compare explore judge label load_published open_judge pairs_needed read run train
""".split()


def python(code: str) -> float:
    "The seconds of the processor that a program takes in a process of its own."
    before = os.times()
    subprocess.run([sys.executable, "-c", code], check=True)
    after = os.times()
    return after[2] + after[3] - before[2] - before[3]


def test_dir_is_the_list():
    assert dir(judge_distill) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_has_a_home_and_words(name):
    value = getattr(judge_distill, name)
    assert value.__module__.startswith("judge_distill.") and value.__doc__


FUNCTIONS = [name for name in NAMES if isinstance(getattr(judge_distill, name), FunctionType)]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_help_tells_every_parameter(name):
    function = getattr(judge_distill, name)
    told = inspect.getdoc(function)
    rows = told.partition("Parameters:\n")[2].partition("\n\nReturns:")[0].split("\n")
    names = [re.match(r"    (\w+)", row)[1] for row in rows]
    assert names == [*inspect.signature(function).parameters]
    assert told.count("Parameters:") == 1


def test_help_has_type_default_and_words():
    line = next(
        line for line in inspect.getdoc(judge_distill.train).splitlines() if " out: " in line
    )
    assert re.fullmatch(r"    out: str \| Path = 'my_judge'  – .+", line)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        judge_distill.nothing  # noqa: B018


def test_import_takes_a_fifth_of_a_second():
    bare = min(python("pass") for _ in range(5))  # the quickest: the machine may be busy
    assert min(python("import judge_distill") for _ in range(5)) - bare < 0.2


def test_import_loads_no_heavy_library():
    heavy = "torch transformers llama_index openai pandas matplotlib pydantic"
    python(f"import judge_distill, sys; assert not set('{heavy}'.split()) & set(sys.modules)")


def test_records_and_reading_load_no_heavy_library():
    heavy = "torch transformers llama_index openai"
    code = "from judge_distill import Answer, Judged, Pair, Verdict, agree, read; import sys; "
    python(code + f"assert not set('{heavy}'.split()) & set(sys.modules)")


def test_one_import_line_does():
    code = "import judge_distill as jd; jd.Pair.of('q', 's', jd.Answer(model='a', text='x'), "
    python(code + "jd.Answer(model='b', text='y'))")
