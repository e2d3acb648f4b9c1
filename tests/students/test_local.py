"Language models as students: pairs read together, a training that was stopped, old folders."

import numpy as np
import pytest

from judge_distill.judging.prompts import Shown
from judge_distill.models.weights import SMOL
from judge_distill.students.local import LocalStudent
from judge_distill.students.record import read_record
from judge_distill.students.settings import AdapterSettings
from judge_distill.students.students import open_student, train_student


@pytest.mark.parametrize("kind", ["score", "verdict"])
def test_several_pairs_in_a_pass_get_what_each_gets_alone(monkeypatch, pairs, kind):
    "In float32; and a processor without bfloat16 is served."
    torch = pytest.importorskip("torch")
    monkeypatch.setattr("judge_distill.students.reader.number_type", lambda device: torch.float32)
    shown = [
        Shown(p.question, p.source * (1 + i % 3), *(a.text for a in p.answers))
        for i, p in enumerate(pairs[:6])
    ]
    student = open_student(SMOL, kind)
    if kind == "score":
        student.head["weight"] = torch.linspace(-1, 1, student.head["weight"].numel())
    alone, together = student.predict_proba(shown), student.predict_proba(shown, together=4)
    assert np.allclose(alone, together, atol=1e-4) and np.ptp(alone) > 0.1


@pytest.mark.parametrize("ties", ["band", "likeness"])
@pytest.mark.parametrize("kind", ["score", "verdict"])
def test_a_trained_folder_opens_with_the_same_probabilities(tiny, lessons, tmp_path, kind, ties):
    settings = AdapterSettings(kind=kind, base_model=tiny, epochs=1, start=2, stop=3, ties=ties)
    student = LocalStudent(settings).fit(lessons.take(range(8)))
    student.save(tmp_path / "s")
    shown = lessons.shown[:6]
    again = open_student(tmp_path / "s")
    assert np.allclose(again.predict_proba(shown), student.predict_proba(shown), atol=1e-6)
    assert again.digest == student.digest and again.level == 2


def test_a_stopped_training_ends_with_the_same_weights(tiny, lessons, tmp_path):
    settings = AdapterSettings(base_model=tiny, epochs=2, start=2, stop=3)
    some = lessons.take(range(12))

    class Stopped(LocalStudent):
        steps = 0

        def log_probabilities(self, state):
            self.steps += 1
            if self.steps > len(some.once.shown):
                raise KeyboardInterrupt
            return super().log_probabilities(state)

    with pytest.raises(KeyboardInterrupt):
        Stopped(settings).fit(some, tmp_path / "stopped")
    for name in ("whole", "stopped"):
        train_student(some, settings, tmp_path / name)
    for file in ("adapter_model.safetensors", "head.safetensors", "loss.csv"):
        one, two = ((tmp_path / name / file).read_bytes() for name in ("whole", "stopped"))
        assert one == two, file


def test_the_record_has_the_keys_of_ever(tiny, lessons, tmp_path):
    settings = AdapterSettings(base_model=tiny, epochs=1, start=2, stop=3)
    train_student(lessons.take(range(4)), settings, tmp_path)
    assert list(read_record(tmp_path).settings) == [
        "kind",
        "epochs",
        "learning_rate",
        "head_rate",
        "rank",
        "start",
        "stop",
        "batch_size",
        "seed",
    ]
