"A folder of weights is data: nothing in it is run, unpickled or followed elsewhere."

import json
import subprocess
import sys

import pytest

from judge_distill.models.destination import openai_headers
from judge_distill.models.endpoint import service_client
from judge_distill.models.load import load_embedding, load_llm
from judge_distill.models.weights import checked_folder, locate
from judge_distill.records.errors import InputError
from judge_distill.students.record import read_record
from judge_distill.testing.protocol import ProtocolServer


@pytest.fixture
def folder(tmp_path):
    there = tmp_path / "student"
    there.mkdir()
    (there / "student.json").write_text("{}")
    return there


def test_a_link_out_of_the_folder_is_not_followed(folder, tmp_path):
    (tmp_path / "secret.json").write_text("{}")
    (folder / "features.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(InputError, match="leads out of its folder"):
        read_record(folder)


def test_a_link_within_the_folder_is(folder):
    (folder / "other.json").symlink_to(folder / "student.json")
    assert checked_folder(folder) == folder


def test_the_hubs_cache_links_to_its_blobs(tmp_path):
    snapshot, blobs = tmp_path / "snapshots" / "1a2b", tmp_path / "blobs"
    snapshot.mkdir(parents=True)
    blobs.mkdir()
    (blobs / "c3d4").write_text("{}")
    (snapshot / "config.json").symlink_to(blobs / "c3d4")
    assert checked_folder(snapshot) == snapshot


@pytest.mark.parametrize("name", ["adapter_model.bin", "pytorch_model.bin", "model-00001.bin"])
def test_pickled_weights_are_refused(folder, name):
    (folder / name).write_bytes(b"\x80\x04cposix\nsystem\n.")
    with pytest.raises(InputError, match="pickled"):
        locate(str(folder))


def test_code_of_a_sentence_model_is_not_run(folder, tmp_path):
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    (folder / "modules.json").write_text(
        json.dumps([{"idx": 0, "name": "0", "path": "", "type": "evil.Module"}])
    )
    with pytest.raises(InputError, match="code of its own"):
        load_embedding(f"local:{folder}").get_text_embedding("bees")
    assert not (tmp_path / "ran").exists()


def test_code_of_a_causal_model_is_not_run(folder, tmp_path):
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    auto = {"AutoConfig": "evil.C", "AutoModelForCausalLM": "evil.M", "AutoTokenizer": "evil.T"}
    (folder / "config.json").write_text(json.dumps({"model_type": "evil", "auto_map": auto}))
    program = (
        "import sys\nfrom judge_distill.models.load import load_llm\n"
        "load_llm(f'local:{sys.argv[1]}').complete('x')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)], input=b"y\ny\ny\n", capture_output=True
    )
    assert done.returncode != 0
    assert not (tmp_path / "ran").exists()


def test_an_adapter_names_no_module_to_import(folder):
    adapter = {"peft_type": "LORA", "megatron_config": {"a": 1}, "megatron_core": "evil"}
    (folder / "adapter_config.json").write_text(json.dumps(adapter))
    with pytest.raises(InputError, match="module to import"):
        checked_folder(folder)


HEADERS = {"OPENAI_ORG_ID": "org-1", "OPENAI_PROJECT_ID": "proj-1"}


@pytest.fixture
def organisation(monkeypatch):
    for name, value in (*HEADERS.items(), ("OPENAI_CUSTOM_HEADERS", "X-Own: secret")):
        monkeypatch.setenv(name, value)


def test_openai_is_told_the_organisation(organisation):
    assert openai_headers("https://api.openai.com/v1") == {
        "X-Own": "secret",
        "OpenAI-Organization": "org-1",
        "OpenAI-Project": "proj-1",
    }


class Listening(ProtocolServer):
    "It remembers the headers of every request."

    def __post_init__(self):
        super().__post_init__()
        self.headers = []

    async def chat(self, request):
        self.headers.append(dict(request.headers))
        return await super().chat(request)

    async def embeddings(self, request):
        self.headers.append(dict(request.headers))
        return await super().embeddings(request)

    async def list_models(self, request):
        self.headers.append(dict(request.headers))
        return await super().list_models(request)


def test_nobody_else_is_told_the_organisation(organisation):
    with Listening() as server:
        load_llm(f"openai:m@{server.url}").complete("Passage: Bees dance well.")
        load_embedding(f"openai:m@{server.url}").get_text_embedding("bees")
        service_client(server.url, "key").models.list()
    assert len(server.headers) == 3
    told = json.dumps(server.headers)
    assert not [word for word in ("org-1", "proj-1", "secret") if word in told]
