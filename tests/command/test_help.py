"The command says of itself what it takes."

import argparse
import shlex

import pytest

from judge_distill.cli import make_parser
from judge_distill.command.options import SPEC_WORDS
from judge_distill.recipe.cascade_spec import _split_cascade
from judge_distill.recipe.recipe import Recipe


def commands():
    "Every subcommand's parser by name."
    parser = make_parser()
    action = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


NAMES = sorted(commands())


@pytest.mark.parametrize("name", NAMES)
def test_help_ends_in_two_examples(name):
    epilog = commands()[name].epilog or ""
    examples = [line for line in epilog.splitlines() if line.startswith("  judge-distill ")]
    assert len(examples) >= 2


@pytest.mark.parametrize("name", NAMES)
def test_help_says_what_a_spec_is_where_it_takes_one(name):
    text = commands()[name].format_help()
    assert ("SPEC" not in text.replace(SPEC_WORDS, "")) or SPEC_WORDS in text


@pytest.mark.parametrize("name", NAMES)
def test_examples_are_taken_by_the_parser(name):
    epilog = (commands()[name].epilog or "").replace(" \\\n", "")  # as a shell joins lines
    for line in epilog.splitlines():
        if line.startswith("  judge-distill "):
            make_parser().parse_args(shlex.split(line)[1:])


@pytest.mark.parametrize("name", ["run", "train", "questions", "answers", "evaluate"])
def test_everything_in_a_recipe_is_an_option(name):
    flags = {option for action in commands()[name]._actions for option in action.option_strings}
    named = {"prices": "--price"}
    keys = [named.get(key, "--" + key.replace("_", "-")) for key in Recipe.model_fields]
    assert not set(keys) - flags


@pytest.mark.parametrize("name", ["run", "train"])
def test_kind_is_an_option(name):
    assert make_parser().parse_args([name, "--kind", "features"]).kind == "features"


@pytest.mark.parametrize("options", ["", ",promise=0.9", ",people:labels,promise=0.9"])
def test_cascade_survives_a_shell(options):
    spec = f"cascade:local:my_judge,openai:gpt-4o{options}"
    assert shlex.split(spec) == [spec] and not set(spec) & set("<>|&;*?[]$`(){}~#!")


def test_options_of_a_cascade_stand_behind_commas():
    spec = "cascade:local:my_judge,openai:gpt-4o,promise=0.9,to=people"
    steps = _split_cascade(spec)
    assert (str(steps.student), steps.teacher) == ("local:my_judge", "openai:gpt-4o")
    assert steps.options == {"promise": "0.9", "to": "people"}


def test_earlier_spelling_of_a_cascade_still_works():
    steps = _split_cascade("cascade:local:my_judge?promise=0.9>rubric")
    assert (steps.teacher, steps.options) == ("rubric", {"promise": "0.9"})
