"Gates: passes, fails, or too few pairs; drift: an audit that may be looked at every day."

import json
import random
from xml.etree import ElementTree

import pytest

from judge_distill.agreement.drift import drift
from judge_distill.agreement.gate import gate_agreement, gate_win_rate, save_gate
from judge_distill.cli import main
from judge_distill.data.judged import Judged
from judge_distill.records.errors import InputError, NotEnoughData
from judge_distill.records.schema import Answer, Outcome, Pair, Ruling


def build(letters, each=1):
    "A student that is right (r) or wrong (w), pair by pair; so many pairs a document."
    pairs, rulings = [], []
    for n, letter in enumerate(letters):
        answers = (Answer(model=name, text=f"{name}{n}") for name in ("new", "old"))
        pairs.append(Pair.of(f"q{n}", "", *answers, f"d{n // each}"))
        outcome = Outcome.FIRST if letter == "r" else Outcome.SECOND
        rulings.append(Ruling(pair_id=pairs[-1].id, judge="student", outcome=outcome))
        rulings.append(Ruling(pair_id=pairs[-1].id, judge="teacher", outcome=Outcome.FIRST))
    return Judged(name="b", format="columns", pairs=tuple(pairs), rulings=tuple(rulings))


@pytest.mark.parametrize(
    "letters, code, status",
    [
        ("r" * 100, 0, "passes"),
        ("rw" * 50, 1, "fails"),
        ("r" * 9 + "w", 2, "not enough data"),
        ("r" * 10, 2, "not enough data"),
    ],
)
def test_three_answers(letters, code, status):
    report = gate_agreement(build(letters), "student", "teacher", 0.85)
    assert (report.exit_code, report.status) == (code, status)
    assert str(report).startswith(status)
    assert "\n" not in str(report)


def test_pairs_of_one_document_decide_less():
    letters = "r" * 95 + "w" * 5
    assert gate_agreement(build(letters), "student", "teacher", 0.85).exit_code == 0
    assert gate_agreement(build(letters, 20), "student", "teacher", 0.85).exit_code == 2


def test_as_many_pairs_as_are_missing_decide():
    report = gate_agreement(build("r" * 90 + "w" * 10), "student", "teacher", 0.85)
    times = 1 + report.missing / 100 * 1.3
    letters = "r" * round(90 * times) + "w" * round(10 * times)
    assert gate_agreement(build(letters), "student", "teacher", 0.85).exit_code == 0


def test_more_confidence_asks_for_more():
    data = build("r" * 94 + "w" * 6)
    assert gate_agreement(data, "student", "teacher", 0.85).exit_code == 0
    strict = gate_agreement(data, "student", "teacher", 0.85, confidence=0.999)
    assert strict.exit_code == 2


def test_gate_on_a_win_rate(systems):
    assert gate_win_rate(systems(600, 200), "judge", "people", 0.5, system="B").exit_code == 0
    assert gate_win_rate(systems(600, 200), "judge", "people", 0.5, system="A").exit_code == 1


def test_files_say_the_same(tmp_path):
    report = gate_agreement(build("rw" * 50), "student", "teacher", 0.85)
    suite = ElementTree.parse(save_gate(report, tmp_path / "gate.xml")).getroot()
    assert (suite.get("failures"), suite.get("errors")) == ("1", "0")
    assert suite.find("testcase/failure").get("message") == report.sentence
    found = json.loads(save_gate(report, tmp_path / "gate.json").read_text())
    assert (found["status"], found["exit_code"]) == ("fails", 1)


@pytest.mark.parametrize("minimum", [0, 1, 85])
def test_a_minimum_is_a_share(minimum):
    with pytest.raises(InputError, match="shares between 0 and 1"):
        gate_agreement(build("r"), "student", "teacher", minimum)


def test_a_fallen_student_is_noticed():
    draw = random.Random(1)
    letters = "".join("r" if draw.random() < (0.9 if n < 200 else 0.6) else "w" for n in range(500))
    report = drift(build(letters), "student", "teacher", 0.85)
    assert not report.holds
    assert 200 < report.alarm_at < 500
    assert "Stop trusting it" in str(report)


def test_daily_looks_call_few_honest_students_unreliable():
    draw, alarms = random.Random(2), 0
    for _ in range(40):
        letters = "".join("r" if draw.random() < 0.85 else "w" for _ in range(150))
        alarms += not drift(build(letters), "student", "teacher", 0.85).holds
    assert alarms <= 4


def test_a_document_counts_once():
    report = drift(build("r" * 30, each=10), "student", "teacher", 0.85)
    assert (report.documents, report.pairs) == (3, 30)


def test_nothing_audited_is_refused():
    data = build("rr")
    only = data.model_copy(update={"rulings": data.rulings[0::4] + data.rulings[3::4]})
    with pytest.raises(NotEnoughData, match="audit some first"):
        drift(only, "student", "teacher", 0.85)


@pytest.fixture
def table(tmp_path):
    "A file with a judge's column and a person's, who labelled every third row."
    lines = ["question,old,new,gpt,me"]
    for n in range(300):
        mine = "1" if n % 3 else "2"
        lines.append(f"q{n},old {n},new {n},{mine if n % 10 else '1'},{mine if n % 7 == 0 else ''}")
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    columns = "--columns question=question first=old second=new gpt=gpt me=me"
    return tmp_path / "t.csv", columns.split()


@pytest.mark.parametrize(
    "arguments, code, words",
    [
        ("gate --judge gpt --against me --min-agreement 0.7", 0, "passes: agreement"),
        ("gate --judge gpt --against me --min-agreement 0.999", 1, "fails: agreement"),
        ("gate --judge gpt --against me --min-agreement 0.95", 2, "more pairs would decide"),
        ("gate --judge gpt --against me --min-win-rate 0.5 --system second", 1, "fails: win"),
        ("gate --judge gpt --against you --min-agreement 0.9", 2, "has nothing by 'you'"),
        ("estimate --judge gpt --people me", 0, "By the standard of me"),
        ("drift --judge gpt --against me --promise 0.6", 0, "nothing says"),
    ],
)
def test_commands(table, arguments, code, words, capsys):
    file, columns = table
    name, *rest = arguments.split()
    assert main([name, str(file), *columns, *rest]) == code
    said = capsys.readouterr()
    assert words in said.out + said.err
