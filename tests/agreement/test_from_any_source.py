"""`compare` and `pairs_needed` of the front door take what `agree` takes."""

import json

import pytest

import judge_distill as jd

ROWS = [
    {"question": f"{n}?", "answer_a": "Yes, it is.", "answer_b": "No.", "human": "A"}
    | {"gpt": "B" if n % 5 == 0 else "A", "phi": "A" if n % 3 else "B"}
    for n in range(60)
]


@pytest.fixture
def sources(tmp_path):
    "The same data in every form."
    import pandas as pd

    (tmp_path / "x.jsonl").write_text("\n".join(map(json.dumps, ROWS)))
    pd.DataFrame(ROWS).to_csv(tmp_path / "x.csv", index=False)
    paths = [tmp_path / "x.jsonl", str(tmp_path / "x.csv")]
    return [ROWS, pd.DataFrame(ROWS), jd.read(ROWS), *paths]


def test_every_source_gives_the_comparison_of_its_rulings(sources):
    data = jd.read(ROWS)
    expected = jd.compare(data.by("gpt"), data.by("phi"), data.by("human"))
    assert (expected.n, expected.a_right, expected.b_right) == (60, 48, 40)
    for source in sources:
        assert jd.compare(source, "gpt", "phi", teacher="human") == expected


def test_a_judge_is_compared_with_the_longer_answer():
    assert jd.compare(ROWS, "gpt", "longer", "human").b_right == 60


def test_every_source_tells_how_many_pairs_are_needed(sources):
    # gpt errs on every 5th pair and phi on every 3rd: on 12 + 20 - 2 * 4 of 60 one alone is right
    needed = {
        jd.pairs_needed(0.1, judged=source, judges=("gpt", "phi"), teacher="human")
        for source in sources
    }
    assert needed == {jd.pairs_needed(0.1, 24 / 60)}


def test_a_judge_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(jd.InputError, match="nothing by 'gtp'; there are longer, gpt"):
        jd.compare(ROWS, "gtp", "phi", teacher="human")


def test_two_judges_and_a_teacher_have_to_be_named():
    with pytest.raises(jd.InputError, match="say which two judges"):
        jd.pairs_needed(0.1, judged=ROWS)
