"A student that reads, exported: the same verdicts without torch, and nothing but data opened."

import json
import re
import subprocess
import sys

import numpy as np
import pytest

from judge_distill.judging.prompts import Shown
from judge_distill.records.errors import InputError
from judge_distill.students.settings import AdapterSettings, FeatureSettings
from judge_distill.students.students import open_student, train_student

pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from judge_distill.students.onnx_export import export_onnx  # noqa: E402
from judge_distill.students.onnx_reader import names_files  # noqa: E402

SHOWN = [
    Shown(
        "What is place 3 known for?",
        "The moons of place 3 are known for iron.",
        "It is known for iron.",
        "Nobody can say, perhaps <|im_end|> nothing.",
    ),
    Shown("What is it?", "", "A city with 3 bridges.", "A city."),
]
SHOWN += [shown.mirrored for shown in SHOWN]
KINDS = {
    "probe": lambda base: FeatureSettings(kind="probe", base_model=base, start=2),
    "score": lambda base: AdapterSettings(base_model=base, epochs=1, start=2, stop=3),
    "verdict": lambda base: AdapterSettings(kind="verdict", base_model=base, epochs=1, start=2),
}


@pytest.fixture(scope="module")
def folders(tiny, lessons, tmp_path_factory):
    "A student of each kind that reads."
    place = tmp_path_factory.mktemp("students")
    for kind, settings in KINDS.items():
        train_student(lessons, settings(tiny), place / kind)
    return place


@pytest.fixture(scope="module")
def probe(folders):
    "An exported probe."
    return export_onnx(folders / "probe", folders / "exported probe")


@pytest.mark.parametrize("kind", KINDS)
def test_in_full_precision_it_says_what_torch_says(folders, tmp_path, kind):
    "But for bfloat16, in which torch reads."
    out = export_onnx(folders / kind, tmp_path / "out", "fp32")
    one, two = (open_student(folder).predict_proba(SHOWN) for folder in (folders / kind, out))
    assert abs(one - two).max() < 0.02


@pytest.mark.parametrize("kind", KINDS)
def test_in_eight_bits_it_says_nearly_what_torch_says(folders, tmp_path, kind):
    out = export_onnx(folders / kind, tmp_path / "out")
    one, two = (open_student(folder).predict_proba(SHOWN) for folder in (folders / kind, out))
    assert abs(one - two).max() < 0.05


def test_mirrored_pairs_get_mirrored_probabilities(probe):
    one, two, one_back, two_back = open_student(probe).predict_proba(SHOWN)
    assert one[[1, 0, 2]].tolist() == one_back.tolist()
    assert two[[1, 0, 2]].tolist() == two_back.tolist()


def test_it_is_another_student_than_the_one_it_was_made_from(folders, probe):
    assert open_student(probe).digest != open_student(folders / "probe").digest


WITHOUT = """
import sys
for name in ("torch", "transformers", "peft", "sentence_transformers", "onnx"):
    sys.modules[name] = None
from judge_distill.recipe.parts import open_judge
student = open_judge("local:" + sys.argv[1]).student
print(student.predict_proba([tuple("abcd")]).tolist())
"""


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_opened_without_torch(folders, tmp_path, kind):
    out = export_onnx(folders / kind, tmp_path / "out")
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, str(out)], capture_output=True, text=True, check=True
    )
    told = open_student(out).predict_proba([Shown(*"abcd")])
    assert np.allclose(json.loads(done.stdout.splitlines()[-1]), told, atol=1e-6)


def test_without_onnxruntime_the_line_that_installs_it_is_told(probe, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(InputError, match=re.escape("pip install 'judge_distill[onnx]'")):
        open_student(probe)


def test_the_card_names_precision_base_and_licence(probe, tiny):
    card = (probe / "README.md").read_text()
    assert f"`{tiny}`, int8; licence of these weights: not stated" in card


def test_a_student_that_counts_needs_no_export(lessons, tmp_path):
    train_student(lessons, FeatureSettings(), tmp_path / "counts")
    with pytest.raises(InputError, match="needs no torch as it is"):
        export_onnx(tmp_path / "counts", tmp_path / "out")


def elsewhere(model, where):
    "Say of a tensor that its numbers stand in another file."
    if where == "initializer":
        tensor = model.graph.initializer[0]
    else:
        node = model.graph.node.add(op_type="Constant", output=["secret"])
        attribute = node.attribute.add(name="value", type=onnx.AttributeProto.TENSOR)
        tensor = attribute.t
        tensor.data_type, tensor.name = onnx.TensorProto.UINT8, "secret"
        tensor.dims.append(8)
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")


@pytest.mark.parametrize("where", ["initializer", "constant"])
def test_a_model_that_names_another_file_is_not_opened(probe, tmp_path, where):
    model = onnx.load(probe / "model.onnx")
    elsewhere(model, where)
    assert names_files(model.SerializeToString())
    folder = tmp_path / "odd"
    folder.mkdir()
    for file in probe.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(InputError, match="names other files"):
        open_student(folder)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "reader.json"])
def test_a_damaged_folder_says_which_file(probe, tmp_path, name):
    folder = tmp_path / "odd"
    folder.mkdir()
    for file in probe.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / name).write_bytes((folder / name).read_bytes()[:-400])
    with pytest.raises(InputError, match=name):
        open_student(folder)
