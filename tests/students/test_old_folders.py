"""Folders that version 1 made open with the same verdicts: each is written here in its form on
disk, with the
probabilities that version 1 gave.
"""

import json

import numpy as np
import pytest

from judge_distill.judging.prompts import Shown
from judge_distill.students.features import SURFACE
from judge_distill.students.students import open_student

SHOWN = [
    Shown(
        "When was the city founded?",
        "The city was founded in 1624 by traders.",
        "The city was founded in 1624.",
        "Nobody can say, perhaps around 1700 or so?",
    ),
    Shown("What is it?", "", "It is a city with 3 bridges.\n- one\n- two", "A city."),
]
WEIGHTS = dict(zip(SURFACE, np.linspace(-0.5, 0.9, len(SURFACE)).tolist()))


def write(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content, indent=1))


def features(**other):
    return {
        "embedding": "",
        "base": "",
        "layer": 16,
        "strength": 0.01,
        "band": 0.3,
        "weights": WEIGHTS,
        "hidden": [],
    } | other


def record(kind, **settings):
    return {
        "backend": "local",
        "base_model": "",
        "model": "student",
        "examples_digest": "0123456789abcdef",
        "settings": {"kind": kind} | settings,
    }


CALIBRATION = {
    "temperature": 1.5,
    "tie": 0.4,
    "pairs": 40,
    "error_before": 0.2,
    "error_after": 0.1,
}


def counting(folder):
    write(folder, features=features(), student=record("features"))


def calibrated(folder):
    counting(folder)
    write(folder, calibration=CALIBRATION)


def combined(folder):
    counting(folder / "features")
    halved = {name: -weight / 2 for name, weight in WEIGHTS.items()}
    other = features(band=1.1, weights=halved)
    write(folder / "probe", features=other, student=record("probe", layer=16))
    write(folder, student=record("features+probe"))


@pytest.mark.parametrize(
    "make, digest, probabilities",
    [
        (
            counting,
            "3a72e1f5850d2116",
            [
                [0.35482493602354415, 0.4994742919701053, 0.14570077200635057],
                [0.652638288450151, 0.2260665575919279, 0.12129515395792101],
            ],
        ),
        (
            calibrated,
            "76d8c117e387750a",
            [
                [0.32465455479482747, 0.40777522696309143, 0.26757021824208105],
                [0.5052883941384758, 0.24921939528672404, 0.2454922105748002],
            ],
        ),
        (
            combined,
            "0dc05008bb849552",
            [
                [0.3426927464822673, 0.3636171258976249, 0.2936901276201078],
                [0.39185062395602727, 0.32647301428143666, 0.28167636176253597],
            ],
        ),
    ],
)
def test_a_folder_of_version_1_says_what_it_said(tmp_path, make, digest, probabilities):
    make(tmp_path)
    student = open_student(tmp_path)
    assert student.digest == digest
    assert np.allclose(student.predict_proba(SHOWN), probabilities, rtol=0, atol=1e-12)


def test_a_score_folder_of_version_1_says_what_it_said(tmp_path, tiny):
    "A head without weights and with a band of softplus(1) = 1.313:"
    import torch
    from peft import LoraConfig, get_peft_model
    from safetensors.torch import save_file
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tiny).model
    model.layers = model.layers[:3]
    names = [f"layers.2.self_attn.{name}_proj" for name in "qkvo"]
    get_peft_model(model, LoraConfig(r=8, target_modules=names)).save_pretrained(tmp_path)
    head = {"weight": torch.zeros(32), "tie": torch.tensor(1.0)}
    save_file(head, tmp_path / "head.safetensors")
    old = record("score", epochs=1, learning_rate=1e-3, head_rate=3e-3, rank=8, start=2, stop=3)
    old["settings"] |= {"batch_size": 8, "seed": 0}
    write(tmp_path, student=old | {"base_model": tiny})
    win = 1 / (1 + np.exp(np.log1p(np.e)))  # sigma(-softplus(1)) = 0.2119
    given = open_student(tmp_path).predict_proba(SHOWN)
    assert np.allclose(given, [[win, win, 1 - 2 * win]] * 2, atol=1e-6)
