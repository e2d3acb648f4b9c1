"A run that is run again tries what failed and no more; what is there stays in its order."

import json
import shutil

import pytest
from recipe.hosted import Faltering, models_at, write_documents

from judge_distill.calls.limits import Limits
from judge_distill.cli import main
from judge_distill.recipe import run as run_module
from judge_distill.recipe.recipe import Recipe
from judge_distill.recipe.run import Run
from judge_distill.recipe.stages import run_pairs, run_questions
from judge_distill.records.files import read_jsonl
from judge_distill.records.schema import Example, Pair
from judge_distill.students.split import Split, leaks
from judge_distill.testing.protocol import ProtocolServer


@pytest.fixture
def faulty(here):
    "A server that fails often, and a function that opens the run folder, which asks only once."
    with ProtocolServer(faults=0.5, kinds=("500",), seed=1) as server:
        recipe = Recipe(
            **models_at(server),
            documents=(write_documents(10, 3),),
            questions=10,
            teacher="rubric",
        )

        def opened():
            run = Run(here / "run", recipe)
            run.ledger.limits = Limits(attempts=1, pause=0.05, longest=0.5, timeout=60)
            return run

        yield server, opened


def test_questions_without_reply_are_tried_again_and_come_behind(faulty):
    server, opened = faulty
    first = opened()
    _, questions = run_questions(first)
    failed = first.notes["questions"].failed
    assert len(failed) == 10 - len(questions) == len(first.ledger.problems())
    assert all(what.startswith("passage ") and "Error" in why for what, why in failed)
    asked, server.faults = len(server.requests), 0
    _, more = run_questions(opened())
    assert more[: len(questions)] == questions and len(more) == 10
    assert len(server.requests) - asked == len(failed)


def test_answers_without_reply_are_tried_again_and_come_behind(faulty):
    server, opened = faulty
    server.faults = 0
    _, questions = run_questions(opened())
    server.faults = 0.3
    second = opened()
    pairs = run_pairs(second)
    failed = second.notes["answers"].failed
    answered = {pair.question for pair in pairs}
    without = {question.id for question in questions if question.text not in answered}
    assert len(pairs) < 10 and {what.removeprefix("question ") for what, _ in failed} == without
    assert all(why.startswith(("one: ", "two: ")) for _, why in failed)
    server.faults, asked = 0, len(server.requests)
    third = opened()
    every = run_pairs(third)
    assert every[: len(pairs)] == pairs and len(every) == 10
    assert len(server.requests) - asked == len(failed) and not third.notes["answers"].failed
    asked = len(server.requests)
    assert run_pairs(opened()) == every and len(server.requests) == asked
    assert max(server.answered.values()) == 1


class Folder:
    "A run folder whose command is given again and again."

    def __init__(self, here, server):
        self.out, self.recipe = here / "run", here / "recipe.yaml"
        names = ("small-writer", "text-embedding-3-small", "good", "small", "teacher")
        recipe = models_at(server) | {
            "documents": [write_documents(16, 6)],
            "questions": 100,
            "teacher": f"openai:teacher@{server.url}",
            "student": f"openai:gpt-4.1-mini@{server.url}",
            "training": {"epochs": 1, "pause": 0.1},
            "prices": {n: {"input": 0.1, "output": 0.1} for n in (*names, "gpt-4.1-mini")},
        }
        self.recipe.write_text(json.dumps(recipe))

    def run(self, *more):
        "The exit code; what the folder holds is read, and nothing leaks from test to train."
        code = main(["run", "--recipe", str(self.recipe), "--out", str(self.out), *more])
        self.pairs = read_jsonl(self.out / "pairs.jsonl", Pair)
        self.split = Split.model_validate_json((self.out / "split.json").read_text())
        self.examples = read_jsonl(self.out / "examples.jsonl", Example)
        ids = {pair.id for pair in self.pairs}
        assert not leaks(self.split, self.pairs) and ids == {*self.split.train, *self.split.test}
        return code

    def report(self):
        return json.loads((self.out / "report.json").read_text())

    def text(self):
        return (self.out / "report.md").read_text()


@pytest.fixture
def unfinished(here, monkeypatch, capsys):
    """A folder whose run stopped before the training, where calls had failed: the server, the
    folder and the pairs, split and examples of then.
    """
    monkeypatch.setattr(
        run_module, "Limits", lambda *given, **more: Limits(*given, **more | {"attempts": 1})
    )
    with Faltering(job_seconds=0.3) as server:
        folder = Folder(here, server)
        server.down = 4
        code = folder.run("--budget", "10")  # there is no price for the training
        assert code == 2 and "no known price" in capsys.readouterr().err
        yield server, folder, (folder.pairs, folder.split, folder.examples)


def test_what_comes_before_the_student_is_trained_teaches_it(unfinished):
    server, folder, (pairs, split, examples) = unfinished
    server.down = 8
    assert folder.run() == 1  # some had no reply, which another run may get
    assert folder.pairs[: len(pairs)] == pairs and len(folder.pairs) > len(pairs)
    assert len(folder.examples) > len(examples)
    assert not folder.report()["stages"]["training"]["late"]
    assert set(split.train) < set(folder.split.train)
    assert set(split.test) < set(folder.split.test)


def test_the_report_names_what_failed(unfinished):
    server, folder, _ = unfinished
    server.down = 8
    folder.run()
    report, text = folder.report(), folder.text()
    stages = (("questions", "passage"), ("answers", "question"), ("judge teacher", ""))
    for stage, kind in stages:
        failed = report["stages"][stage]["failed"]
        assert failed
        for what, why in failed:
            assert f"- {stage}: {what}: {why}\n" in text and what.startswith(kind)


def test_what_comes_after_the_training_is_late_and_counted(unfinished):
    server, folder, _ = unfinished
    server.down = 8
    folder.run()
    pairs, split, examples, report = folder.pairs, folder.split, folder.examples, folder.report()
    server.down = 0
    assert folder.run() == 0
    again = folder.report()
    late = again["stages"]["training"]["late"]
    assert folder.pairs[: len(pairs)] == pairs and folder.examples == examples
    assert len(folder.pairs) == again["pairs"] > report["pairs"]
    assert late > 0 and f"has not seen: {late}" in folder.text()
    assert "What failed" not in folder.text()
    assert again["train_pairs"] == len(folder.split.train) - late
    assert again["evaluation"]["test_pairs"] == len(folder.split.test) > len(split.test)
    assert again["student"] == report["student"]


def test_a_run_with_nothing_left_asks_nothing_and_trains_nobody(unfinished):
    server, folder, _ = unfinished
    server.down = 0
    folder.run()
    asked, pairs = len(server.requests), folder.pairs
    assert folder.run() == 0
    assert folder.pairs == pairs and len(server.requests) == asked and len(server.jobs) == 1


def test_without_its_student_a_folder_trains_another_one_on_all(unfinished):
    server, folder, _ = unfinished
    server.down = 8
    folder.run()
    examples, report = folder.examples, folder.report()
    server.down = 0
    folder.run()
    shutil.rmtree(folder.out / "student")  # as the report says
    folder.run()
    anew = folder.report()
    assert {e.pair_id for e in folder.examples} > {e.pair_id for e in examples}
    assert anew["train_pairs"] == len(folder.split.train)
    assert not anew["stages"]["training"]["late"]
    assert anew["student"]["model"] != report["student"]["model"]
    assert anew["calls"]["judge trained"]["calls"] == 4 * len(folder.split.test)
    assert max(server.answered.values()) == 1 and not server.invalid and len(server.jobs) == 2
