"A recipe or a folder that cannot be gets one line that says what and what to do, and exit code 2."

import os
import subprocess
import sys

import pytest

from judge_distill.cli import main
from judge_distill.recipe import pipeline
from judge_distill.recipe.recipe import Recipe
from judge_distill.recipe.run import Run


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--teacher", "oracle"], "'oracle' names no model"),
        (["--student", "local"], "'local' names no model"),
        (["--generators", "local:x"], "two different generators"),
        (["--questions", "0"], "from 1 on"),
        (["--recipe", "nowhere.yaml"], "no such file"),
    ],
)
def test_an_option_that_cannot_be_makes_no_folder(
    tmp_path, complaint, monkeypatch, arguments, words
):
    monkeypatch.chdir(tmp_path)
    code, line = complaint("run", *arguments, "--out", "run")
    assert code == 2 and words in line and not (tmp_path / "run").exists()


def test_a_recipe_is_written_once(tmp_path, complaint):
    path = tmp_path / "recipe.yaml"
    assert main(["recipe", str(path)]) == 0
    assert complaint("recipe", path)[0] == 2


def test_a_key_that_no_recipe_has_is_named(tmp_path, complaint):
    path = tmp_path / "recipe.yaml"
    path.write_text("questionz: 3\n")
    code, line = complaint("run", "--recipe", path, "--out", tmp_path / "run")
    assert code == 2 and "questionz" in line


def test_a_folder_of_another_recipe_is_refused(tmp_path, complaint):
    Run(tmp_path / "run", Recipe())
    code, line = complaint("run", "--seed", "7", "--out", tmp_path / "run")
    assert code == 2 and "another recipe" in line and "seed" in line


def test_a_folder_below_a_file_cannot_be(tmp_path, complaint):
    (tmp_path / "file").write_text("")
    code, line = complaint("run", "--out", tmp_path / "file" / "run")
    assert code == 2 and "cannot be" in line


@pytest.fixture(params=[0o555, 0o000], ids=["read-only", "closed"])
def forbidden(request, open_folder, complaint):
    "A folder without rights, and a document; everything that a command imports is imported."
    for name in ("torch", "transformers"):  # they may lie where only root reads
        pytest.importorskip(name)
    document, out = open_folder / "a.txt", open_folder / "kept"
    document.write_text("One short line.")
    complaint("run", "--documents", document, "--out", open_folder / "good")
    complaint("judge", document, "--judge", "longer", "--out", open_folder / "good")
    out.mkdir()
    out.chmod(request.param)
    return out, document


def test_a_run_in_a_folder_without_rights_names_it(forbidden, complaint, anybody):
    out, document = forbidden
    with anybody():
        code, line = complaint("run", "--documents", document, "--out", out / "run")
    assert code == 2 and str(out) in line
    assert "cannot be" in line or "Permission denied" in line


def test_judgements_in_a_folder_without_rights_are_refused(forbidden, complaint, anybody):
    out, document = forbidden
    with anybody():
        code, _ = complaint("judge", document, "--judge", "longer", "--out", out / "judged")
    assert code == 2


def test_a_full_disk_is_said(tmp_path, complaint, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device", "a file")

    monkeypatch.setattr(pipeline, "run", full)
    code, line = complaint("run", "--out", tmp_path / "run")
    assert code == 2 and "No space left" in line


def test_weights_that_are_nowhere_are_named_with_what_to_do(tmp_path):
    environment = {
        **os.environ,
        "JUDGE_DISTILL_CACHE": str(tmp_path / "cache"),
        "HF_HOME": str(tmp_path / "hub"),
        "HF_HUB_OFFLINE": "1",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(tmp_path),
        "PIP_CONFIG_FILE": os.devnull,
    }
    command = ["questions", "--questions", "4", "--out", str(tmp_path / "run")]
    done = subprocess.run(
        [sys.executable, "-m", "judge_distill", *command],
        env=environment,
        capture_output=True,
        text=True,
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("judge-distill:")]
    assert done.returncode == 2, done.stderr
    assert len(lines) == 1 and "no weights for" in lines[0] and "local:<path>" in lines[0]
