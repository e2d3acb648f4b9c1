"A student goes to the Hub and comes back as it was, and nothing but data is opened."

import json
import os
import shutil
import subprocess
import sys

import pytest
from huggingface_hub import ModelCard

from judge_distill.data.judged import Judged
from judge_distill.judging.prompts import Shown
from judge_distill.records.errors import InputError, ModelError
from judge_distill.records.schema import Answer, Pair, StudentRecord
from judge_distill.students.card import model_card
from judge_distill.students.hub import (
    check_data,
    check_repo,
    fetch_student,
    push_judged,
    push_to_hub,
    student_files,
)
from judge_distill.students.prior_record import SHIPPED
from judge_distill.students.students import open_student
from judge_distill.testing.hub import HubServer, Repository

TOKEN = "hf_" + "x" * 34


@pytest.fixture
def student(tmp_path):
    folder = tmp_path / "student"
    (folder / "part").mkdir(parents=True)
    record = StudentRecord(
        backend="local",
        base_model="",
        model="student",
        examples_digest="0",
        settings={"kind": "features"},
    )
    for place in (folder, folder / "part"):
        (place / "student.json").write_text(record.model_dump_json())
        (place / "features.json").write_text(json.dumps({"weights": [1.5]}))
    (folder / "README.md").write_text("---\ntags:\n- judge\n---\n# A judge\n")
    (folder / "examples.jsonl").write_text('{"text": "somebody\'s words"}\n')
    (folder / "ledger.sqlite").write_bytes(b"replies")
    return folder


@pytest.fixture
def hub(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    with HubServer(token=TOKEN) as hub:
        yield hub


def files(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def test_a_student_comes_back_as_it_went(student, hub):
    push_to_hub(student, "bees/judge", endpoint=hub.url)
    back = files(fetch_student("bees/judge", endpoint=hub.url))
    assert back == {name: (student / name).read_bytes() for name in student_files(student)}


def test_a_spec_opens_a_student_from_the_hub(student, hub, tmp_path):
    push_to_hub(student, "bees/judge", endpoint=hub.url)
    code = "from judge_distill import open_judge; print(open_judge('hf:bees/judge@main').name)"
    variables = os.environ | {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=True
    )
    assert done.stdout == "hf:bees/judge@main\n"


def test_a_student_is_private_unless_told(student, hub):
    push_to_hub(student, "bees/judge", endpoint=hub.url)
    push_to_hub(student, "bees/open", private=False, endpoint=hub.url)
    kept = hub.repositories
    assert (kept["models/bees/judge"].private, kept["models/bees/open"].private) == (True, False)


def test_texts_and_ledgers_stay_at_home(student, hub):
    push_to_hub(student, "bees/judge", endpoint=hub.url)
    sent = hub.repositories["models/bees/judge"].files
    assert not {"examples.jsonl", "ledger.sqlite"} & set(sent)


def test_the_token_is_in_no_file(student, hub):
    push_to_hub(student, "bees/judge", endpoint=hub.url)
    fetch_student("bees/judge", endpoint=hub.url)
    sent = hub.repositories["models/bees/judge"].files.values()
    assert not any(TOKEN.encode() in content for content in [*sent, *files(student).values()])


def test_pushing_again_changes_the_same_repository(student, hub):
    push_to_hub(student, "bees/judge", endpoint=hub.url)
    (student / "README.md").write_text("# Newer\n")
    push_to_hub(student, "bees/judge", endpoint=hub.url)
    assert hub.repositories["models/bees/judge"].files["README.md"] == b"# Newer\n"


def test_a_wrong_token_is_one_line_without_it(student, hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_wrong" + "y" * 30)
    with pytest.raises(ModelError) as refusal:
        push_to_hub(student, "bees/judge", endpoint=hub.url)
    assert "HF_TOKEN" in str(refusal.value) and "hf_wrong" not in str(refusal.value)


def test_a_repository_that_is_not_there_is_said(hub):
    with pytest.raises(ModelError, match="no such repository"):
        fetch_student("bees/nothing", endpoint=hub.url)


@pytest.mark.parametrize("name", ["modeling.py", "weights.bin", "data.pkl", "a/b.pt", "run.sh"])
def test_a_repository_with_anything_but_data_is_refused(student, hub, name):
    push_to_hub(student, "bees/judge", endpoint=hub.url)
    hub.repositories["models/bees/judge"].files[name] = b"x"
    with pytest.raises(InputError, match="no data"):
        fetch_student("bees/judge", endpoint=hub.url)


@pytest.mark.parametrize("name", ["../x.json", "/x.json", "a/../../x.json"])
def test_a_path_that_leads_outside_is_refused(name):
    with pytest.raises(InputError):
        check_data([name], "bees/judge")


@pytest.mark.parametrize("repo", ["judge", "a/b/c", "../judge", "a/..", "", "a b/c", "http://x/y"])
def test_what_names_no_repository_is_refused(repo):
    with pytest.raises(InputError):
        check_repo(repo)


def test_a_repository_without_a_student_is_refused(hub):
    hub.repositories["models/bees/judge"] = Repository(private=False)
    hub.repositories["models/bees/judge"].files["README.md"] = b"# Nothing\n"
    with pytest.raises(InputError, match="no student"):
        fetch_student("bees/judge", endpoint=hub.url)


def test_a_link_is_not_followed(student, tmp_path):
    (tmp_path / "secret").write_text("secret")
    (student / "calibration.json").symlink_to(tmp_path / "secret")
    with pytest.raises(InputError, match="link"):
        student_files(student)


def test_a_student_without_a_card_is_not_shared(student, hub):
    (student / "README.md").unlink()
    with pytest.raises(InputError, match=r"README\.md"):
        push_to_hub(student, "bees/judge", endpoint=hub.url)


@pytest.fixture
def judged():
    one, two = Answer(model="a", text="So."), Answer(model="b", text="Because.")
    pair = Pair.of("Why?", "A secret source.", one, two)
    return Judged(name="bees", format="columns", pairs=(pair,))


@pytest.mark.parametrize("sources", [False, True])
def test_sources_go_only_where_told(judged, hub, sources):
    push_judged(judged, "bees/pairs", "cc-by-4.0", sources=sources, endpoint=hub.url)
    text = hub.repositories["datasets/bees/pairs"].files["pairs.jsonl"].decode()
    assert ("A secret source." in text) is sources


def test_the_datasets_card_names_the_licence(judged, hub):
    push_judged(judged, "bees/pairs", "cc-by-4.0", endpoint=hub.url)
    card = hub.repositories["datasets/bees/pairs"].files["README.md"].decode()
    assert card.startswith("---\nlicense: cc-by-4.0\n")


@pytest.mark.parametrize("licence", ["", "My own licence!", "x\ny"])
def test_a_dataset_without_a_licence_is_refused(judged, licence):
    with pytest.raises(InputError, match="licence"):
        push_judged(judged, "bees/pairs", licence)


def test_a_cards_metadata_name_model_metrics_and_datasets(student, hub):
    record = StudentRecord.model_validate_json((student / "student.json").read_text())
    trained = record.model_copy(
        update={"base_model": "org/small", "settings": {"kind": "score"}, "model": "."}
    )
    card = model_card(trained, teacher="gpt4", data="3 pairs", figures="| a |")
    (student / "README.md").write_text(card)
    push_to_hub(student, "bees/judge", datasets=["bees/judge-data"], endpoint=hub.url)
    sent = hub.repositories["models/bees/judge"].files["README.md"].decode()
    metadata = ModelCard(sent).data
    assert (metadata.base_model, metadata.datasets) == ("org/small", ["bees/judge-data"])
    assert metadata.metrics == ["accuracy"] and metadata.library_name == "peft"


def test_a_card_without_metadata_gets_what_is_named(student, hub):
    (student / "README.md").write_text("# A judge\n")
    push_to_hub(student, "bees/judge", datasets=["bees/pairs"], endpoint=hub.url)
    sent = hub.repositories["models/bees/judge"].files["README.md"].decode()
    assert sent == "---\ndatasets:\n- bees/pairs\n---\n# A judge\n"


def test_a_base_model_in_ones_own_folder_is_not_told(student):
    record = StudentRecord.model_validate_json((student / "student.json").read_text())
    card = model_card(
        record.model_copy(update={"base_model": "/home/ada/model"}),
        teacher="gpt4",
        data="3 pairs",
        figures="| a |",
    )
    assert "base_model" not in ModelCard(card).data.to_dict()


def test_digest_and_verdicts_are_the_same_when_opened_again(hub, tmp_path, monkeypatch):
    folder = tmp_path / "mine"
    shutil.copytree(SHIPPED, folder)
    if not (folder / "README.md").exists():
        (folder / "README.md").write_text("# A prior\n")
    push_to_hub(folder, "bees/prior", endpoint=hub.url)
    back = fetch_student("bees/prior", endpoint=hub.url)
    shown = [Shown("Why?", "", "So it is, and for good reasons.", "So."), Shown("", "", "a", "b")]
    one, two = open_student(folder), open_student(back)
    assert one.digest == two.digest
    assert (one.predict_proba(shown) == two.predict_proba(shown)).all()
