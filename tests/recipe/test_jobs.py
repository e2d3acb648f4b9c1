"Training on the Hub's Jobs, over HTTP against a stand-in that runs the job's own code here."

import json
import threading

import pytest
from recipe.conftest import caves

from judge_distill.cli import main
from judge_distill.recipe.job_work import Lesson, work
from judge_distill.recipe.jobs import HubTerms, quote_job, train_on_hub
from judge_distill.recipe.parts import open_judge
from judge_distill.recipe.train import train
from judge_distill.recipe.training import Training
from judge_distill.records.errors import InputError, ModelError
from judge_distill.testing.jobs import JobsServer

TOKEN = "hf_" + "y" * 34
LESSON = Lesson(teacher=("gpt4",), training=Training(kind="features", draws=2))


def there(monkeypatch, cache):
    "A Hub whose jobs run here, as they would there."
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    monkeypatch.setenv("HF_TOKEN", TOKEN)

    def run(command, secrets):
        assert command[:3] == ["uv", "run", "--with"] and secrets == {"HF_TOKEN": TOKEN}
        work(command[command.index("-c") + 2 :], endpoint=server.url)
        return ["installed", "trained"]

    server = JobsServer(run, token=TOKEN)
    return server


@pytest.fixture
def hub(tmp_path, monkeypatch):
    "A Hub whose jobs do nothing at all."
    with there(monkeypatch, tmp_path / "cache") as server:
        server.work = lambda command, secrets: []
        yield server


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    "A Hub, and the folder of a student that was trained there."
    folder = tmp_path_factory.mktemp("hub")
    with pytest.MonkeyPatch.context() as patch, there(patch, folder / "cache") as server:
        train_on_hub(caves(), LESSON, folder / "mine", terms(server, budget=0.5), pause=0.05)
        yield server, folder / "mine"


def terms(hub, **more):
    "What the job is given."
    return HubTerms(**{"repo": "bees/judge", "budget": 1.0, "endpoint": hub.url} | more)


def test_a_student_is_trained_there_and_comes_back(trained):
    folder = trained[1]
    assert open_judge(f"local:{folder}").identity
    assert {"student.json", "README.md", "report.json"} <= {p.name for p in folder.iterdir()}


def test_the_student_is_the_one_that_train_makes_here(trained, tmp_path):
    train(caves(), "gpt4", (), tmp_path / "here", LESSON.training)
    for name in ("features.json", "calibration.json"):
        assert (trained[1] / name).read_bytes() == (tmp_path / "here" / name).read_bytes()


def test_the_budget_ends_the_job(trained):
    (job,) = trained[0].jobs.values()
    assert job.spec["timeoutSeconds"] == 0.5 / 0.01 * 60


def test_the_quote_says_what_the_budget_buys(hub):
    assert "$0.0100 a minute; the budget ends it after 100 minutes" in str(quote_job(terms(hub)))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"flavor": "h900"}, "no machine 'h900'; there are t4-small"),
        ({"budget": 0.05}, "pays 5.0 minutes of t4-small; give at least"),
        ({"repo": "judge"}, "names no repository"),
    ],
)
def test_what_cannot_work_is_said_before_anything_is_sent(hub, tmp_path, more, words):
    with pytest.raises(InputError, match=words):
        train_on_hub(caves(), LESSON, tmp_path / "mine", terms(hub, **more))
    assert not hub.repositories and not hub.jobs


def test_an_unknown_teacher_sends_nothing(hub, tmp_path):
    with pytest.raises(InputError, match="has nothing by 'oracle'"):
        train_on_hub(caves(), Lesson(teacher=("oracle",)), tmp_path / "mine", terms(hub))
    assert not hub.sent


def test_everything_there_is_private(trained):
    assert {name: one.private for name, one in trained[0].repositories.items()} == {
        "models/bees/judge": True,
        "datasets/bees/judge-data": True,
    }


def test_the_token_is_in_no_file_and_no_command(trained):
    hub, folder = trained
    (job,) = hub.jobs.values()
    texts = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    texts += [content for one in hub.repositories.values() for content in one.files.values()]
    assert not any(TOKEN.encode() in text for text in texts)
    assert TOKEN not in json.dumps(job.spec["command"] + list(job.spec["environment"].values()))


def stopped(server):
    "A call that was stopped while the job ran."

    def stop(*_):
        raise KeyboardInterrupt

    return stop


def begin(hub, tmp_path, monkeypatch, n=60):
    "A call that is stopped as soon as its job runs."
    with monkeypatch.context() as patch:
        patch.setattr("judge_distill.recipe.jobs.HubJob.wait", stopped(hub))
        with pytest.raises(KeyboardInterrupt):
            train_on_hub(caves(n), LESSON, tmp_path / "mine", terms(hub))


def test_the_same_call_goes_on_with_the_job(hub, tmp_path, monkeypatch):
    begin(hub, tmp_path, monkeypatch)
    begin(hub, tmp_path, monkeypatch)
    assert len(hub.jobs) == 1


def test_a_job_that_was_not_noted_yet_is_looked_for(hub, tmp_path, monkeypatch):
    release = threading.Event()
    hub.work = lambda command, secrets: [str(release.wait(20))]
    begin(hub, tmp_path, monkeypatch)
    (tmp_path / "mine" / "job.json").unlink()
    begin(hub, tmp_path, monkeypatch)
    release.set()
    assert len(hub.jobs) == 1


def test_other_data_begin_another_job(hub, tmp_path, monkeypatch):
    for n in (60, 64):
        begin(hub, tmp_path, monkeypatch, n)
    assert len(hub.jobs) == 2


def test_a_failed_job_is_said(hub, tmp_path):
    def fail(command, secrets):
        raise RuntimeError("out of memory")

    hub.work = fail
    with pytest.raises(ModelError, match="ERROR .*out of memory.*remove"):
        train_on_hub(caves(), LESSON, tmp_path / "mine", terms(hub), pause=0.05)


def test_a_job_is_cancelled(hub, tmp_path, monkeypatch, capsys):
    begin(hub, tmp_path, monkeypatch)
    assert main(["cancel", str(tmp_path / "mine")]) == 0
    assert next(iter(hub.jobs.values())).stage == "CANCELED"


def test_no_token_is_said_first(hub, tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    with pytest.raises(InputError, match="set HF_TOKEN"):
        train_on_hub(caves(), LESSON, tmp_path / "mine", terms(hub))


def test_the_command_asks_for_a_budget(tmp_path, capsys):
    (tmp_path / "v.csv").write_text("question,first,second,gpt4\nWhy?,a,b,A\n")
    line = ["train", str(tmp_path / "v.csv"), "--teacher", "gpt4", "--backend", "hf-jobs"]
    assert main([*line, "--repo", "bees/judge"]) == 2
    assert "needs --teacher, --repo ORG/NAME and --budget" in capsys.readouterr().err
