"A spec is read once, gives its word back, and says whose word it is."

import pytest

from judge_distill.calls.addresses import normal_address, same_server, shown_address, spellings
from judge_distill.judging.rules import RULES
from judge_distill.models.destination import address, destination, find_key, follow_spec, key_name
from judge_distill.models.load import load_llm
from judge_distill.models.spec import RULE_NAMES, ModelSpec, Spec, parse_spec
from judge_distill.records.errors import InputError
from judge_distill.records.schema import Record

WORDS = [
    "rubric",
    "local:HuggingFaceTB/SmolLM2-135M-Instruct",
    "local:runs/a folder/student?max_tokens=40&temperature=0.8&top_p=0.95",
    "openai:ft:gpt-4.1-mini:org::abc",
    "openai:m@http://[::1]:8000/v1/?source=no&context=8192",
    "openai:@cf/meta/llama-3@https://gateway.example.org/v1?key=GATEWAY_TOKEN",
]
SECRET = "hunter2-hunter2-hunter2"


class Job(Record):
    judge: Spec
    model: ModelSpec = parse_spec("local:m")


@pytest.mark.parametrize("word", WORDS)
def test_a_spec_gives_its_word_back(word):
    assert str(parse_spec(word)) == word


@pytest.mark.parametrize("word", WORDS)
def test_a_record_takes_the_word_and_writes_the_word(word):
    job = Job.model_validate({"judge": word})
    assert Job.model_validate_json(job.model_dump_json()) == job
    assert job.model_dump(mode="json")["judge"] == word


def test_a_spec_is_given_back_as_it_is():
    spec = parse_spec("openai:m", "file")
    assert parse_spec(spec) is spec


def test_a_record_says_whose_word_it_is():
    job = Job.model_validate({"judge": "openai:m"}, context={"origin": "file"})
    assert job.judge.origin == "file"


def test_the_rules_have_the_names_that_judges_know():
    assert set(RULES) < set(RULE_NAMES)


def test_a_rule_is_no_model():
    with pytest.raises(InputError, match="names no model"):
        Job.model_validate({"judge": "rubric", "model": "longer"})
    with pytest.raises(InputError, match="names no model"):
        load_llm("rubric")


@pytest.mark.parametrize(
    "word",
    [
        "gpt-4",
        "",
        "openai:",
        "local:m?",
        "local:m?temperature=nan",
        "local:m?temperature=-1",
        "local:m?temperature=",
        "local:m?top_p=0",
        "local:m?max_tokens=0",
        "local:m?max_tokens=1e9",
        "local:m?max_tokens=" + "9" * 5000,
        "local:m?source=maybe",
        "openai:m?key=",
        f"opnai:m@https://me:{SECRET}@example.org/v1",
        f"openai:m@https://me:{SECRET}@example.org/v1",
        f"openai:m@https://example.org:{SECRET}/v1",
        f"openai:m@https://example.org/v1?api-key={SECRET}",
        f"openai:m@https://example.org/v1?{SECRET}",
        f"openai:m?key={SECRET}",
        f"openai:m?temperature={SECRET}",
        "openai:m@http://127.0.0.1:0/v1",
        "openai:m@http://127.0.0.1:65536/v1",
        "openai:m@http://127.0.0.1:/v1",
        "openai:m@http://[::1/v1",
        "openai:m@http:///v1",
        "openai:m@ftp://example.org",
        "openai:m@example.org/v1",
        "openai:m@http://exa mple.org/v1",
    ],
)
def test_a_wrong_spec_is_one_line_without_a_secret(word):
    with pytest.raises(InputError) as caught:
        parse_spec(word)
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "other",
    [
        "http://localhost:8000/v1/",
        "http://LOCALHOST:8000/v1",
        "http://[::1]:8000/v1",
        "http://127.0.0.1:8000/v1/",
    ],
)
def test_one_server_has_many_spellings(other):
    assert same_server("http://127.0.0.1:8000/v1", other)


@pytest.mark.parametrize(
    "other",
    [
        "http://127.0.0.1:8001/v1",
        "https://127.0.0.1:8000/v1",
        "http://127.0.0.1:8000",
        "http://127.0.0.1.example.org:8000/v1",
    ],
)
def test_another_port_scheme_path_or_host_is_another_server(other):
    assert not same_server("http://127.0.0.1:8000/v1", other)


def test_the_usual_port_need_not_stand_there():
    assert normal_address("https://API.openai.com:443/v1/") == "https://api.openai.com/v1"


def test_spellings_are_the_same_server():
    words = spellings("http://localhost:8000/v1/")
    assert words[0] == "http://localhost:8000/v1/"
    assert len(words) == len(set(words)) == 4
    assert len({normal_address(word) for word in words}) == 1


@pytest.mark.parametrize(
    "url",
    [
        f"https://me:{SECRET}@example.org/v1",
        f"https://example.org/{SECRET}/v1",
        f"https://example.org/v1?token={SECRET}",
        f"https://example.org/v1#{SECRET}",
        f"me:{SECRET}@example.org",
    ],
)
def test_an_address_is_shown_without_its_secret(url):
    assert SECRET not in shown_address(url)
    assert "example.org" in shown_address(url)


def test_openai_is_asked_where_the_environment_says(monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    spec = parse_spec("openai:m")
    assert address(spec) == "http://127.0.0.1:9/v1"
    assert key_name(spec, "http://localhost:9/v1/") == "OPENAI_API_KEY"


def test_a_services_key_goes_to_that_service_alone(monkeypatch):
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    for word, name in {
        "openai:m": "OPENAI_API_KEY",
        "openai:m@https://eu.api.openai.com/v1": "OPENAI_API_KEY",
        "openai:m@https://evil-openai.com/v1": None,
        "openai:m@https://openai.com.example.org/v1": None,
        "huggingface:m": "HF_TOKEN",
        "openai:m@https://x.endpoints.huggingface.cloud/v1": "HF_TOKEN",
        "huggingface:m@http://127.0.0.1:8000/v1": None,
    }.items():
        assert key_name(parse_spec(word), address(parse_spec(word))) == name, word


def test_a_missing_key_is_named(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(InputError, match="OPENAI_API_KEY"):
        find_key(parse_spec("openai:m"), address(parse_spec("openai:m")))


def test_a_files_word_names_no_address():
    spec = parse_spec("openai:m@https://elsewhere.example.org/v1", "file")
    with pytest.raises(InputError, match="elsewhere"):
        load_llm(spec)


def test_a_files_word_names_no_key(monkeypatch):
    monkeypatch.setenv("SOME_KEY", SECRET)
    with pytest.raises(InputError, match="SOME_KEY"):
        load_llm(parse_spec("openai:m?key=SOME_KEY", "file"))


@pytest.mark.parametrize(
    "named",
    [
        "local:FOLDER@https://elsewhere.example.org/v1?key=OWN_KEY",
        "openai:teacher@https://elsewhere.example.org/v1/?key=OWN_KEY",
    ],
)
def test_a_file_is_followed_to_an_address_that_the_person_names(named):
    word = "openai:ft@https://elsewhere.example.org/v1?key=OPENAI_API_KEY"
    place = destination(follow_spec(word, [parse_spec(named)]))
    assert (place.model, place.key) == ("openai:ft", "OWN_KEY")
    assert same_server(place.url, "https://elsewhere.example.org/v1")


def test_the_person_may_send_a_files_model_elsewhere():
    person = parse_spec("local:FOLDER@http://127.0.0.1:8000/v1")
    place = destination(follow_spec("openai:ft@https://elsewhere.example.org/v1", [person]))
    assert place == ("openai:ft", "http://127.0.0.1:8000/v1", None)


@pytest.mark.parametrize(
    "named", [[], ["local:FOLDER"], ["openai:m@https://other.org/v1"], ["rubric"]]
)
def test_a_file_is_not_followed_elsewhere(named, monkeypatch):
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    word = "openai:ft@https://elsewhere.example.org/v1"
    with pytest.raises(InputError, match="which you have not named"):
        follow_spec(word, map(parse_spec, named))


def test_a_files_key_is_not_sent_to_the_service_itself(monkeypatch):
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    spec = follow_spec("openai:ft?key=GITHUB_TOKEN")
    assert destination(spec).key == "OPENAI_API_KEY"


def test_where_texts_go_is_said_without_a_secret():
    place = destination(parse_spec(f"openai:m@https://example.org/{SECRET}/v1?key=SOME_KEY"))
    assert str(place) == "openai:m is asked at https://example.org/***/v1 with the key in SOME_KEY"


def test_what_stays_on_this_machine_has_no_destination():
    assert destination(parse_spec("local:m")) is None
    assert destination(parse_spec("rubric")) is None
