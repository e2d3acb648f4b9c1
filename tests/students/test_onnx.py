"A student that reads, exported: the same verdicts without torch, and nothing but data opened."

import json
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

from judge_distill.judging.prompts import Shown, verdict_messages
from judge_distill.models.weights import SMOL, locate
from judge_distill.records.errors import InputError
from judge_distill.students.combine import CombinedStudent
from judge_distill.students.examples import make_examples
from judge_distill.students.lessons import make_lessons
from judge_distill.students.settings import AdapterSettings, FeatureSettings, PriorSettings
from judge_distill.students.students import make_student, open_student, train_student

pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from judge_distill.students.onnx_export import export_onnx  # noqa: E402
from judge_distill.students.onnx_graph import turned_in_one, turns  # noqa: E402
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


@pytest.fixture(scope="module")
def few(pairs, teacher):
    "Lessons of eight pairs, for a few steps of training."
    return make_lessons(make_examples(pairs[:8], teacher, verdict_messages), pairs[:8])


@pytest.mark.parametrize("kind", ["score", "verdict"])
def test_a_model_with_words_fine_tuned_says_what_it_said(few, pairs, tmp_path, kind):
    "Four layers of SmolLM2, a few steps: all verdicts but near-ties, in eight bits."
    settings = AdapterSettings(kind=kind, base_model=SMOL, epochs=1, start=2, stop=4)
    train_student(few, settings, tmp_path / "torch")
    shown = [Shown(p.question, p.source, *(a.text for a in p.answers)) for p in pairs[:20]]
    given = open_student(tmp_path / "torch").predict_proba(shown)
    other = open_student(export_onnx(tmp_path / "torch", tmp_path / "out")).predict_proba(shown)
    ranked = np.sort(given, -1)
    near_ties = ranked[:, 2] - ranked[:, 1] < 0.15
    assert abs(given - other).max() < 0.15
    assert ((given.argmax(-1) == other.argmax(-1)) | near_ties).all()


TOGETHER = {
    "prior+probe": [PriorSettings()],
    "features+probe": [FeatureSettings()],
    "features+prior+probe": [FeatureSettings(), PriorSettings()],
}


@pytest.mark.parametrize("kind", TOGETHER)
def test_several_together_say_what_they_said(lessons, tiny, tmp_path, kind):
    members = [make_student(one) for one in (*TOGETHER[kind], KINDS["probe"](tiny))]
    CombinedStudent(members).fit(lessons).save(tmp_path / "torch")
    out = export_onnx(tmp_path / "torch", tmp_path / "out")
    one, two = (open_student(folder).predict_proba(SHOWN) for folder in (tmp_path / "torch", out))
    assert abs(one - two).max() < 0.05
    assert open_student(out).kind == kind


def test_a_probe_that_starts_from_a_prior_takes_it_along(lessons, tiny, tmp_path):
    settings = FeatureSettings(kind="probe", base_model=tiny, start=2, with_prior="prior")
    train_student(lessons, settings, tmp_path / "torch")
    out = export_onnx(tmp_path / "torch", tmp_path / "out")
    one, two = (open_student(folder).predict_proba(SHOWN) for folder in (tmp_path / "torch", out))
    assert abs(one - two).max() < 0.05


def test_the_turns_are_one_step_where_the_model_means_just_that(probe):
    "And each ending attends by itself: none is multiplied with the other."
    kinds = [node.op_type for node in onnx.load(probe / "model.onnx").graph.node]
    assert kinds.count("RotaryEmbedding") == 4  # queries and keys of two layers


def test_a_model_that_turns_otherwise_is_traced_as_it_is(tiny, monkeypatch):
    import transformers.models.llama.modeling_llama as code

    from judge_distill.students.reader import Reader

    reader = Reader(locate(tiny), 2, 2, "cpu")
    for own in (lambda q, k, cos, sin: (q, k), lambda q: q, None):
        monkeypatch.setattr(code, "apply_rotary_pos_emb", own)
        with turned_in_one(reader.model):
            assert code.apply_rotary_pos_emb is own


def test_what_is_turned_in_part_is_left_to_the_model():
    import torch

    x, angles = torch.zeros(1, 1, 2, 8), torch.zeros(1, 2, 4)
    assert turns(lambda *given: given[:2])(x, x, angles, angles) == (x, x)


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


SERVED = """
import json, sys
from pathlib import Path
for name in ("torch", "transformers", "peft", "sentence_transformers", "onnx"):
    sys.modules[name] = None
from starlette.testclient import TestClient
from judge_distill.cli import main
from judge_distill.serving.app import make_app
from judge_distill.students.students import open_student
folder, pairs, out = sys.argv[1:]
for n, spec in enumerate([f"local:{folder}", f"cascade:local:{folder},rubric?threshold=0.6"]):
    assert main(["judge", pairs, "--judge", spec, "--out", f"{out}/{n}"]) == 0
    [file] = Path(out, str(n)).glob("*.jsonl")
    assert len(file.read_text().splitlines()) >= 2
with TestClient(make_app(open_student(folder))) as client:
    asked = [json.loads(line) for line in open(pairs)]
    reply = client.post("/v1/judge", json={"pairs": asked})
    print(reply.status_code, len(reply.json()["rulings"]))
"""


def test_it_judges_in_a_cascade_and_is_served_without_torch(probe, pairs, tmp_path):
    pytest.importorskip("starlette")
    file = tmp_path / "pairs.jsonl"
    file.write_text("".join(pair.model_dump_json() + "\n" for pair in pairs[:2]))
    command = [sys.executable, "-c", SERVED, str(probe), str(file), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.stdout.splitlines()[-1:] == ["200 2"], done.stderr[-1000:]


def test_what_a_cascade_needs_goes_along(folders, tmp_path):
    for name in ("held_out.json", "people.json"):
        (folders / "probe" / name).write_text("{}")
    out = export_onnx(folders / "probe", tmp_path / "out")
    for name in ("held_out.json", "people.json"):
        (folders / "probe" / name).unlink()
        assert (out / name).read_text() == "{}"


def test_without_onnxruntime_the_line_that_installs_it_is_told(probe, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(InputError, match=re.escape("pip install 'judge_distill[onnx]'")):
        open_student(probe)


def test_the_card_names_precision_base_and_licence(probe, tiny):
    card = (probe / "README.md").read_text()
    assert f"`{tiny}`, int8; licence of these weights: not stated" in card
    assert "Made from the student in the folder `probe`" in card


@pytest.mark.parametrize("settings", [FeatureSettings(), PriorSettings()])
def test_a_student_that_counts_needs_no_export(lessons, tmp_path, settings):
    train_student(lessons, settings, tmp_path / "counts")
    with pytest.raises(InputError, match=f"a {settings.kind} student only counts, and needs no"):
        export_onnx(tmp_path / "counts", tmp_path / "out")


def test_so_do_several_that_count(lessons, tmp_path):
    members = [make_student(one) for one in (FeatureSettings(), PriorSettings())]
    CombinedStudent(members).fit(lessons).save(tmp_path / "counts")
    with pytest.raises(InputError, match="features.prior student only counts"):
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


@pytest.mark.parametrize("place", ["input", "output"])
def test_a_model_of_another_kind_is_not_taken_for_a_student(probe, tmp_path, place):
    folder = tmp_path / "odd"
    shutil.copytree(probe, folder)
    model = onnx.load(probe / "model.onnx")
    for node in model.graph.node:
        names, old = (node.input, "ids") if place == "input" else (node.output, "hidden")
        for at, name in enumerate(names):
            names[at] = "pixels" if name == old else name
    getattr(model.graph, place)[0].name = "pixels"
    onnx.save(model, folder / "model.onnx")
    with pytest.raises(InputError, match="model.onnx: is a model of another kind"):
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
