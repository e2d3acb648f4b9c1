"A recipe with `backend: hf-jobs` trains on the Hub's Jobs, in a run; against the stand-in."

import pytest
import yaml
from recipe.conftest import caves

from judge_distill.calls.ledger import Ledger
from judge_distill.cli import main
from judge_distill.judging.judge import judge_pairs
from judge_distill.judging.rules import rule_judge
from judge_distill.judging.rulings import resolve
from judge_distill.recipe.job_work import work
from judge_distill.recipe.jobs import HubJob
from judge_distill.recipe.recipe import Recipe, make_recipe, read_recipe
from judge_distill.recipe.run import Run
from judge_distill.recipe.run_student import (
    hub_terms,
    quote_training,
    run_split,
    run_training,
    train_here,
)
from judge_distill.records.errors import InputError, OverBudget
from judge_distill.records.files import write_jsonl
from judge_distill.testing.jobs import JobsServer

TOKEN = "hf_" + "z" * 34
HERE = {"kind": "features", "training": {"strength": 0.01}}
THERE = HERE | {"backend": "hf-jobs", "repo": "bees/judge"}
WAIT = HubJob.wait


def open_hub(monkeypatch, cache):
    "A Hub whose jobs run here, as they would there, and runs that know its address."

    def run(command, secrets):
        work(command[command.index("-c") + 2 :], endpoint=server.url)
        return ["trained"]

    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr(HubJob, "wait", lambda job, pause: WAIT(job, 0.05))
    server = JobsServer(run, token=TOKEN)
    given = hub_terms
    monkeypatch.setattr(
        "judge_distill.recipe.run_student.hub_terms",
        lambda run: given(run).model_copy(update={"endpoint": server.url}),
    )
    return server


@pytest.fixture
def hub(tmp_path, monkeypatch):
    "The Hub."
    with open_hub(monkeypatch, tmp_path / "cache") as server:
        yield server


def judged_run(out, budget=1.0, **recipe):
    "A run whose pairs were made up and judged, and what its training takes."
    run = Run(out, Recipe(**recipe), budget)
    pairs = caves(40).pairs
    looks = judge_pairs(pairs, rule_judge("rubric", "teacher"), Ledger())
    write_jsonl(looks, run.out / "judgements" / "teacher.jsonl")
    return run, pairs, run_split(run, pairs), resolve(looks)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    "A Hub, and a run whose student was trained there."
    folder = tmp_path_factory.mktemp("there")
    with pytest.MonkeyPatch.context() as patch, open_hub(patch, folder / "cache") as server:
        ran = judged_run(folder / "run", **THERE)
        run_training(*ran)
        yield server, ran


def test_the_student_is_the_one_that_a_run_trains_here(trained, tmp_path):
    here = judged_run(tmp_path / "run", **HERE)
    run_training(*here)
    for name in ("features.json", "calibration.json", "held_out.json"):
        there = (trained[1][0].out / "student" / name).read_bytes()
        assert there == (here[0].out / "student" / name).read_bytes()


def test_nobody_is_taught_there_who_examines_here(trained):
    run, _, split, _ = trained[1]
    report = train_here(*trained[1])
    assert (report.train_pairs, report.test_pairs) == (len(split.train), len(split.test))
    assert trained[0].repositories["datasets/bees/judge-data"].files["split.json"]


def test_a_run_that_goes_on_begins_no_second_job(trained):
    server, ran = trained
    run_training(*ran)
    assert len(server.jobs) == 1


def test_the_cap_is_what_the_budget_has_left(trained):
    (job,) = trained[0].jobs.values()
    assert job.spec["timeoutSeconds"] == 1.0 / 0.01 * 60


def test_what_it_may_cost_is_said_before_anything_is_paid(hub, tmp_path):
    run = Run(tmp_path / "run", Recipe(**THERE), 0.5)
    place, cost = quote_training(run)
    assert "private dataset bees/judge-data" in place and "after 50 minutes" in cost
    assert not hub.repositories


@pytest.mark.parametrize("budget, error", [(None, "--budget"), (0.02, "give at least")])
def test_too_little_is_said_first(hub, tmp_path, budget, error):
    with pytest.raises((InputError, OverBudget), match=error):
        quote_training(Run(tmp_path / "run", Recipe(**THERE), budget))


def stopped_run(out, monkeypatch, **more):
    "A run that is stopped while its job is under way."

    def stop(job, pause):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(HubJob, "wait", stop)
        run_training(*judged_run(out, **THERE, **more))


def test_a_stopped_run_takes_its_job_up_again(hub, tmp_path, monkeypatch):
    hub.work = lambda command, secrets: []
    monkeypatch.setattr(HubJob, "fetch", lambda job: fetched.append(job.id))
    stopped_run(tmp_path / "run", monkeypatch)
    fetched = []
    with pytest.raises(InputError, match="is no student's folder"):  # the Hub's machine made none
        run_training(*judged_run(tmp_path / "run", **THERE))
    assert fetched == list(hub.jobs)


def test_a_runs_job_is_cancelled(hub, tmp_path, monkeypatch):
    hub.work = lambda command, secrets: []
    stopped_run(tmp_path / "run", monkeypatch)
    assert main(["cancel", str(tmp_path / "run")]) == 0
    assert next(iter(hub.jobs.values())).stage == "CANCELED"


def test_a_package_is_named(hub, tmp_path, monkeypatch):
    wheel = "https://bees.example/judge_distill-0.2.0-py3-none-any.whl"
    hub.work = lambda command, secrets: []
    stopped_run(tmp_path / "run", monkeypatch, package=wheel)
    (job,) = hub.jobs.values()
    assert job.spec["command"][:4] == ["uv", "run", "--with", wheel]


@pytest.mark.parametrize(
    "more, words",
    [
        ({"repo": ""}, "names no repository"),
        ({"student": "openai:gpt-4o-mini"}, "trains local students"),
        ({"backend": "moon"}, "backend"),
    ],
)
def test_a_recipe_that_cannot_be_is_refused(more, words):
    with pytest.raises(InputError, match=words):
        make_recipe(THERE | more)


def test_where_it_is_trained_changes_no_digest():
    assert make_recipe(THERE).digest == make_recipe(HERE).digest


def test_a_folder_alone_sends_nothing_to_the_hub(tmp_path, capsys):
    recipe = Recipe(**THERE).model_dump(mode="json")
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    assert read_recipe(tmp_path / "recipe.yaml").repo == "bees/judge"
    assert main(["run", "--out", str(tmp_path), "--budget", "1"]) == 2
    assert "say so yourself: --repo bees/judge" in capsys.readouterr().err
