"What one judge said in a folder is never overwritten by another, nor by other pairs."

import pytest

from judge_distill.judging.judge import name_in_folder
from judge_distill.judging.judges import LLMJudge
from judge_distill.judging.rules import rule_judge
from judge_distill.models.load import load_llm
from judge_distill.recipe.judging import judge
from judge_distill.records.errors import InputError
from judge_distill.records.files import read_jsonl
from judge_distill.records.schema import Answer, Judgement, Pair

PAIRS = [
    Pair.of(
        f"Which, {i}?", "", Answer(model="a", text="One."), Answer(model="b", text="Two, three.")
    )
    for i in range(4)
]


def hosted(address, **parameters):
    return LLMJudge(load_llm(f"openai:m@http://{address}"), "m", **parameters)


@pytest.mark.parametrize(
    "address", ["127.0.0.1:8000/v1", "localhost:8000/v1/", "LOCALHOST:8000/v1"]
)
def test_one_server_is_one_judge_however_it_is_spelled(address):
    assert hosted(address).identity == hosted("localhost:8000/v1").identity


@pytest.mark.parametrize(
    "other", [hosted("localhost:9000/v1"), hosted("localhost:8000/v1", temperature=1.0)]
)
def test_another_address_or_parameter_is_another_judge(tmp_path, other):
    first = hosted("localhost:8000/v1")
    names = [name_in_folder(tmp_path, one) for one in (first, other, first, other)]
    assert names[:2] == names[2:] and names[0] == "m" != names[1]


def test_other_pairs_stand_beside_the_earlier_ones(tmp_path):
    for some in (PAIRS[:2], PAIRS[1:]):
        judge(some, "rubric", out=tmp_path)
    found = read_jsonl(tmp_path / "judgements" / "rubric.jsonl", Judgement)
    assert sorted(j.pair_id for j in found) == sorted(p.id for p in PAIRS for _ in range(2))


def test_the_pairs_of_a_folder_are_those_of_its_judgements(tmp_path):
    for some in (PAIRS[:2], PAIRS[1:]):
        judge(some, "rubric", out=tmp_path)
    assert {p.id for p in read_jsonl(tmp_path / "pairs.jsonl", Pair)} == {p.id for p in PAIRS}


def test_a_rule_is_itself(tmp_path):
    assert [name_in_folder(tmp_path, rule_judge("rubric")) for _ in range(2)] == ["rubric"] * 2


def test_a_damaged_list_of_judges_is_named(tmp_path):
    name_in_folder(tmp_path, rule_judge("rubric"))
    (tmp_path / "judgements" / "judges.json").write_text("[")
    with pytest.raises(InputError, match="judges.json"):
        name_in_folder(tmp_path, rule_judge("rubric"))
