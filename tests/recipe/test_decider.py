"A decision model as a recipe's teacher and student, over HTTP; and its folder, opened elsewhere."

import json

import pytest

import judge_distill as jd
from judge_distill.calls.ledger import Ledger
from judge_distill.judging.judge import judge_pairs
from judge_distill.recipe.checks import check_recipe
from judge_distill.recipe.parts import open_judge
from judge_distill.records.errors import InputError
from judge_distill.records.schema import Answer, Pair
from judge_distill.testing.protocol import ProtocolServer

TEXT = """# {name}

The {name} sleeps in winter and eats berries in autumn. It finds its way by the smell of snow.

In spring the {name} builds a den near the river, where the young are born in the first warm week.
"""


@pytest.fixture
def recipe_at(tmp_path):
    "A small recipe whose every model stands at one address."
    documents = []
    for name in ("bear", "otter", "badger", "marten", "lynx", "fox", "wolf", "hare"):
        file = tmp_path / f"{name}.md"
        file.write_text(TEXT.format(name=name))
        documents.append(str(file))

    def make(url, **more):
        return jd.Recipe(
            documents=documents,
            questions=12,
            writer=f"openai:small-writer@{url}",
            embedding=f"openai:text-embedding-3-small@{url}",
            generators={"one": f"openai:good@{url}", "two": f"openai:small@{url}"},
            **{"teacher": f"decisions:teacher@{url}", "student": f"decisions:base@{url}"} | more,
        )

    return make


def test_a_recipe_runs_with_decision_models_alone(recipe_at, tmp_path):
    out = tmp_path / "run"
    with ProtocolServer() as server:
        report = jd.run(recipe_at(server.url), out)
        asked = [path for path, _ in server.requests]
        before = len(asked)
        jd.run(recipe_at(server.url), out)
        assert len(server.requests) == before
    assert report.student.backend == "decisions"
    assert {"/v1/decisions"} <= set(asked)
    names = {row.judge for row in report.evaluation.agreement}
    assert {"trained", "untrained", "longer"} <= names


def folder_at(url, tmp_path):
    "A student's folder that names a decision model at an address."
    record = {
        "backend": "decisions",
        "base_model": f"decisions:m@{url}",
        "model": f"decisions:m@{url}",
        "examples_digest": "x",
        "settings": {"temperature": 1.0, "tie": 30.0},
    }
    folder = tmp_path / "student"
    folder.mkdir()
    (folder / "student.json").write_text(json.dumps(record))
    return folder


def test_its_folder_asks_where_you_say_and_corrects(tmp_path):
    first, second = (Answer(model=m, text=f"They dance, says {m}.") for m in "ab")
    pair = Pair.of("How do bees tell where food is?", "Bees dance.", first, second)
    with ProtocolServer() as server:
        folder = folder_at(server.url, tmp_path)
        judge = open_judge(f"local:{folder}@{server.url}", "mine")
        looks = judge_pairs([pair], judge, Ledger())
    assert [look.verdict.value for look in looks] == ["tie", "tie"]


def test_its_folder_asks_nobody_whom_you_have_not_named(tmp_path):
    folder = folder_at("https://example.org/v1", tmp_path)
    with pytest.raises(InputError, match="you have not named"):
        open_judge(f"local:{folder}")


def test_it_takes_no_training(recipe_at):
    with pytest.raises(InputError, match="takes no training"):
        check_recipe(recipe_at("http://127.0.0.1:9/v1", training={"epochs": 2}))
