"Published data sets: read whole, in both frames, and their published figures to the last digit."

import functools
import hashlib
import http.server
import threading

import pytest
from data.judged_words import needs_data

from judge_distill.agreement.agreement import agreement
from judge_distill.data.outcomes import majority_label
from judge_distill.data.published import load_published as load
from judge_distill.data.recipe_files import kept_result
from judge_distill.data.sources import SOURCES, File, download, fetch, list_published
from judge_distill.judging.rulings import resolve
from judge_distill.records.errors import InputError
from judge_distill.records.schema import Order, Outcome, Ruling, Verdict


@pytest.fixture(scope="module")
def cities():
    return load("llamaindex-cities")


@pytest.fixture(scope="module")
def pandalm():
    return load("pandalm")


@pytest.mark.parametrize(
    "source, score, pair_frame, as_published",
    [
        ("original", 1.0, "first", "first"),
        ("original", 0.0, "second", "second"),
        ("original", 0.5, "tie", "tie"),
        ("flipped", 1.0, "second", "first"),
        ("flipped", 0.0, "first", "second"),
        ("flipped", 0.5, "tie", "tie"),
        ("neither", 0.5, "inconclusive", "inconclusive"),
    ],
)
def test_frames(source, score, pair_frame, as_published):
    evaluation = {"llm": "j", "score": score, "source": source, "text": "words"}
    ruling, judgement = kept_result("p", evaluation)
    assert ruling.outcome.value == pair_frame
    other, same = kept_result("p", evaluation, "published")
    assert (
        other.outcome.value == as_published and other.policy != ruling.policy and same == judgement
    )
    assert (judgement is None) == (source == "neither")
    assert judgement is None or (
        judgement.verdict is ruling.outcome.verdict and judgement.order.value == source
    )


def test_majority_label():
    f, s, t = Outcome.FIRST, Outcome.SECOND, Outcome.TIE
    assert [majority_label(o) for o in ([f, f, f], [f, t, t], [f, s, t])] == [
        f,
        t,
        Outcome.INCONCLUSIVE,
    ]


def test_refused(tmp_path):
    with pytest.raises(InputError, match="there are llamaindex-cities, pandalm"):
        load("cities")
    with pytest.raises(InputError, match="choose pair or published"):
        load("pandalm", frame="mine")
    with pytest.raises(InputError, match="No such file"):
        fetch("pandalm", tmp_path)
    (tmp_path / "pandalm").mkdir()
    (tmp_path / "pandalm/testset-v1.json").write_text("[]")
    with pytest.raises(InputError, match="not the published file"):
        load("pandalm", tmp_path)
    assert {entry["name"] for entry in list_published()} == set(SOURCES)
    assert all(
        entry["licence"] and entry["source"].startswith("https://") for entry in list_published()
    )


def test_download_from_a_local_server(tmp_path, monkeypatch):
    (tmp_path / "there").mkdir()
    (tmp_path / "there/small.json").write_text("[]")
    monkeypatch.setenv("JUDGE_DISTILL_CACHE", str(tmp_path / "cache"))

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=tmp_path / "there")
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url, good = (
        f"http://127.0.0.1:{server.server_port}/",
        File("set/small.json", hashlib.sha256(b"[]").hexdigest()),
    )
    try:
        assert download(url, good).read_text() == "[]"
        with pytest.raises(InputError, match="cannot be fetched"):
            download(url, File("set/other.json", good.sha256))
        with pytest.raises(InputError, match="cannot be fetched"):
            download(url, File("more/small.json", "0" * 64))
    finally:
        server.shutdown()
        server.server_close()
    assert download(url, good).read_text() == "[]"  # kept
    with pytest.raises(InputError, match="JUDGE_DISTILL_DATA"):
        download(url, File("more/small.json", good.sha256))


@needs_data
@pytest.mark.parametrize(
    "frame, judge, right, decided, inconclusive",
    [
        ("published", "ft_gpt_3p5", 41, 47, 15),
        ("published", "gpt_3p5", 32, 38, 24),
        ("pair", "ft_gpt_3p5", 44, 47, 15),
        ("pair", "gpt_3p5", 34, 38, 24),
    ],
)
def test_cities_figures(frame, judge, right, decided, inconclusive):
    data = load("llamaindex-cities", frame=frame)
    report = agreement(data.by(judge, "test"), data.by("gpt_4", "test"))
    assert (report.agreement_decided.count, report.decided_by_both, report.inconclusive.count) == (
        right,
        decided,
        inconclusive,
    )
    assert (report.pairs, report.teacher_decided.count) == (64, 60)


@needs_data
def test_longer_on_the_cities(cities):
    lengths = [
        (pair.id, *(len(answer.text) for answer in pair.answers)) for pair in cities.part("test")
    ]
    longer = [
        Ruling(
            pair_id=i,
            judge="longer",
            outcome=Outcome.FIRST if a > b else Outcome.SECOND if b > a else Outcome.TIE,
        )
        for i, a, b in lengths
    ]
    report = agreement(longer, cities.by("gpt_4", "test"))
    assert (report.agreement_all.count, report.agreement_all.n) == (42, 60)


@needs_data
def test_cities_records(cities):
    assert {part: len(ids) for part, ids in cities.split.items()} == {"train": 75, "test": 64}
    documents = [{pair.document for pair in cities.part(part)} for part in ("train", "test")]
    assert not documents[0] & documents[1]
    train = [j for j in cities.judgements if j.pair_id in cities.split["train"]]
    assert len(train) == 150 and {
        order: sum(j.order is order for j in train) for order in Order
    } == {Order.ORIGINAL: 75, Order.FLIPPED: 75}
    # the raw replies in both orders resolve to what the file of results says, once its scores are
    # in the pair's frame
    assert {r.pair_id: r.outcome for r in resolve(train)} == {
        r.pair_id: r.outcome for r in cities.by("gpt_4", "train")
    }
    assert "75 train, 64 test" in cities._repr_html_() and len(repr(cities)) < 200
    with pytest.raises(InputError, match="on its train part"):
        cities.by("gpt_3p5", "train")
    with pytest.raises(InputError, match="no part 'dev'"):
        cities.part("dev")


@needs_data
def test_pandalm_figures(pandalm):
    people = pandalm.by("human majority")
    ours, gpt = (agreement(pandalm.by(judge), people) for judge in ("pandalm-7b", "gpt-3.5-turbo"))
    assert f"{ours.agreement_all.value:.2%}" == "66.77%"
    assert (
        f"{gpt.agreement_all.value:.2%}",
        f"{gpt.agreement_decided.value:.2%}",
        gpt.invalid.count,
    ) == ("69.77%", "71.56%", 25)
    as_ties = [
        r.model_copy(update={"outcome": Outcome.TIE}) if r.outcome is Outcome.INVALID else r
        for r in pandalm.by("gpt-3.5-turbo")
    ]
    assert f"{agreement(as_ties, people).agreement_all.value:.2%}" == "71.07%"
    kappas = [
        agreement(pandalm.by(f"annotator{a}"), pandalm.by(f"annotator{b}")).kappa
        for a, b in ((1, 2), (1, 3), (2, 3))
    ]
    assert [f"{kappa:.3f}" for kappa in kappas] == ["0.852", "0.879", "0.862"]


@needs_data
def test_pandalm_records(pandalm):
    assert (
        len({pair.id for pair in pandalm.pairs})
        == 999
        == len(pandalm.by("annotator1"))
        == len(pandalm.by("human majority"))
    )
    assert len(set(pandalm.documents.values())) == 170
    assert sum(len(pair.notes) for pair in pandalm.pairs) == 6
    assert all(isinstance(answer.text, str) for pair in pandalm.pairs for answer in pair.answers)
    assert all(
        j.order is Order.ORIGINAL and (j.verdict is None) == bool(j.problem)
        for j in pandalm.judgements
    )
    assert {j.verdict for j in pandalm.judgements} == {*Verdict, None}


@needs_data
def test_alpaca_eval_is_read_whole_and_grouped_by_instruction():
    data = load("alpaca-eval")
    assert len(data.pairs) == data.rows == data.read == 15_295
    assert len(set(data.documents.values())) == 805
    assert "CC BY-NC" in data.licence


@needs_data
def test_fg_qa_has_six_pairs_a_question_with_its_passages():
    data = load("fg-qa")
    counts = {o: sum(r.outcome is o for r in data.by("people")) for o in Outcome}
    assert (counts[Outcome.FIRST], counts[Outcome.SECOND], counts[Outcome.TIE]) == (1577, 1039, 384)
    assert len(data.pairs) == 3000 and len(set(data.documents.values())) == 500
    assert sum(bool(pair.source) for pair in data.pairs) > 2900


def test_size_and_licence_are_said_before_a_download(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("JUDGE_DISTILL_CACHE", str(tmp_path))
    monkeypatch.delenv("JUDGE_DISTILL_DATA", raising=False)
    monkeypatch.setattr("pooch.retrieve", lambda address, **more: address)
    files = fetch("alpaca-eval")
    said = capsys.readouterr().err
    assert "31.9 MB" in said and "CC BY-NC 4.0" in said and "not for commercial use" in said
    assert len(files) == 19
    assert str(files["gpt4"]).endswith("gpt4/alpaca_eval_gpt4/annotations.json")
