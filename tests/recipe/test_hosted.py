"Whole recipes over HTTP, with faults; and each published recipe as it stands."

import json
import re
from pathlib import Path

import pytest
import yaml
from recipe.hosted import Thinking, models_at, write_documents

from judge_distill.cli import main
from judge_distill.recipe.recipe import Recipe, read_recipe
from judge_distill.recipe.run import Run
from judge_distill.recipe.stages import run_pairs, run_teacher
from judge_distill.records.files import read_jsonl
from judge_distill.records.schema import Judgement
from judge_distill.testing.protocol import ProtocolServer

FOLDER = Path(__file__).parent.parent.parent / "judge_distill" / "recipe"
KEEPERS = (
    "silent patient cheerful curious gloomy friendly nervous generous humble jealous mighty noble "
    "proud quick rusty stern"
).split()


def keepers(folder):
    "Documents about keepers of lighthouses."
    folder.mkdir()
    for number, keeper in enumerate(KEEPERS):
        sentences = (
            f"The {keeper} keeper of {where} lighthouse trimmed every wick before darkness arrived "
            "over the harbour."
            for where in ("north", "south", "east", "west", "upper", "lower", "outer")
        )
        (folder / f"{number}.txt").write_text(" ".join(sentences), encoding="utf-8")
    return str(folder)


@pytest.fixture
def whole(tmp_path, capsys):
    """Questions, answers, teacher, a service's student and the report, all over HTTP, with faults;
    then a second run.
    """
    kinds = ("429", "500", "dropped", "empty")
    with ProtocolServer(faults=0.1, retry_after=0.1, kinds=kinds, job_seconds=0.4) as server:
        recipe = models_at(server) | {
            "documents": [keepers(tmp_path / "documents")],
            "questions": 24,
            "passage_tokens": 80,
            "teacher": f"openai:teacher@{server.url}",
            "policy": "mean",
            "student": f"openai:gpt-4.1-mini@{server.url}",
            "training": {"epochs": 2, "pause": 0.1},
            "prices": {"teacher": {"input": 2.0, "output": 10.0}},
        }
        (tmp_path / "recipe.yaml").write_text(json.dumps(recipe))
        command = ["run", "--recipe", str(tmp_path / "recipe.yaml"), "--out", str(tmp_path / "run")]
        assert main(command) == 0, capsys.readouterr().err
        asked = len(server.requests)
        assert main(command) == 0
        return tmp_path / "run", server, len(server.requests) - asked, capsys.readouterr().out


def test_a_whole_recipe_over_http_ends_in_a_report_and_a_second_run_asks_nothing(whole):
    out, server, asked_again, printed = whole
    report = json.loads((out / "report.json").read_text())
    assert report["student"]["backend"] == "openai"
    assert report["calls"]["judge teacher"]["cost"] > 0
    assert not server.invalid and max(server.answered.values()) == 1
    assert asked_again == 0
    assert "about $" in printed
    judgements = read_jsonl(out / "judgements" / "teacher.jsonl", Judgement)
    assert all(j.probabilities for j in judgements)


# those that name no writer say only which student learns
HOSTED = sorted(f for f in FOLDER.glob("*.yaml") if "\nwriter:" in f.read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", HOSTED, ids=lambda f: f.stem)
def test_a_published_recipe_runs_as_it_stands(here, file):
    """Its addresses are turned to the server here; what is local, and would load a model, is asked
    there as well.
    """
    read_recipe(file)
    recipe = yaml.safe_load(file.read_text(encoding="utf-8"))
    local = {"embedding": "openai:text-embedding-3-small", "student": "openai:gpt-4.1-mini"}
    with Thinking(job_seconds=0.2) as server:

        def moved(spec):
            return re.sub(r"^openai:([^@?]+)(@[^?]+)?", rf"openai:\1@{server.url}", spec)

        for name in ("writer", "embedding", "teacher", "student"):
            is_local = recipe[name].startswith("local:")
            recipe[name] = moved(local[name] if is_local else recipe[name])
        recipe |= {
            "generators": {name: moved(spec) for name, spec in recipe["generators"].items()},
            "training": recipe.get("training", {}) | {"pause": 0.1},
            "documents": [write_documents(16, 3)],
            "questions": 16,
            "requests_per_minute": None,
            "tokens_per_minute": None,
        }
        (here / "recipe.yaml").write_text(yaml.safe_dump(recipe))
        assert main(["run", "--recipe", str(here / "recipe.yaml"), "--out", str(here / "run")]) == 0
    report = json.loads((here / "run" / "report.json").read_text())
    assert report["pairs"] >= 8 and report["evaluation"]["test_pairs"] > 0
    assert not server.invalid and max(server.answered.values()) == 1
    asked = {body["model"] for path, body in server.requests if path.endswith("completions")}
    assert asked >= {
        re.match(r"openai:([^@?]+)", recipe[name])[1] for name in ("writer", "teacher", "student")
    }


@pytest.fixture
def small_context(here):
    "A run whose sources are longer than its generators and its teacher take."
    with ProtocolServer(context=3500) as server:
        models = models_at(server)
        models["generators"]["two"] += "&context=3500"
        recipe = Recipe(
            **models,
            documents=(write_documents(8, 12),),
            questions=8,
            passage_tokens=450,
            top_k=2,
            teacher=f"openai:teacher@{server.url}?context=3500",
        )
        run = Run(here / "run", recipe)
        pairs = run_pairs(run)
        return pairs, run_teacher(run, pairs), run, server


def test_a_source_is_shortened_for_a_small_context_and_nothing_fails(small_context):
    pairs, rulings, run, server = small_context
    assert len(pairs) == 8
    assert all("source shortened to its beginning" in pair.notes[0] for pair in pairs)
    assert all(ruling.outcome.value != "invalid" for ruling in rulings)
    assert not server.invalid and not run.ledger.problems()
