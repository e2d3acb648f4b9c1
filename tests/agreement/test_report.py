"""Judged pairs from look to report: every combination of verdicts, swapping answers, the command,
and a hundred thousand pairs.
"""

import itertools
import json
import os
import random
import subprocess
import sys

import pytest

from judge_distill.agreement.agreement import agreement
from judge_distill.agreement.baselines import all_rulings, longer
from judge_distill.agreement.bias import by_length, length_preference, position
from judge_distill.agreement.compare import compare
from judge_distill.agreement.report import agree
from judge_distill.cli import main
from judge_distill.data.judged import Judged
from judge_distill.judging.rulings import resolve
from judge_distill.records.errors import InputError
from judge_distill.records.schema import Answer, Judgement, Order, Outcome, Pair, Ruling, Verdict

needs_data = pytest.mark.skipif(
    not os.environ.get("JUDGE_DISTILL_DATA"),
    reason="JUDGE_DISTILL_DATA is not set: the folder with the published data sets",
)
F, S, T = Verdict
# probabilities that go with a verdict
SURE = {F: (0.7, 0.2, 0.1), S: (0.2, 0.7, 0.1), T: (0.1, 0.2, 0.7)}


def look(order, verdict, pair_id="p"):
    return Judgement(
        pair_id=pair_id,
        judge="j",
        order=order,
        verdict=verdict,
        probabilities=SURE.get(verdict),
        problem=None if verdict else "no verdict",
    )


# original, flipped (in the pair's frame), and what it comes to under consensus, strict and mean
NINE = [
    (F, F, "first", "first", "first"),
    (F, S, "inconclusive", "inconclusive", "tie"),
    (F, T, "first", "inconclusive", "first"),
    (S, F, "inconclusive", "inconclusive", "tie"),
    (S, S, "second", "second", "second"),
    (S, T, "second", "inconclusive", "second"),
    (T, F, "first", "inconclusive", "first"),
    (T, S, "second", "inconclusive", "second"),
    (T, T, "tie", "tie", "tie"),
]


@pytest.mark.parametrize(
    "original, flipped, consensus, strict, mean",
    [
        *NINE,
        *((one, None, *["invalid"] * 3) for one in (F, S, T, None)),
        *((None, other, *["invalid"] * 3) for other in (F, S, T)),
    ],
)
def test_every_combination_of_verdicts(original, flipped, consensus, strict, mean):
    looks = [look(Order.ORIGINAL, original), look(Order.FLIPPED, flipped)]
    for policy, expected in (("consensus", consensus), ("strict", strict), ("mean", mean)):
        [ruling] = resolve(looks, policy)
        assert (ruling.outcome.value, ruling.policy) == (expected, policy)
        assert resolve(looks[::-1], policy) == [ruling]
    # an order that was never asked is no verdict either
    for policy in ("consensus", "strict", "mean"):
        assert (
            resolve(looks[:1], policy)[0].outcome
            is resolve(looks[1:], policy)[0].outcome
            is Outcome.INVALID
        )


def swapped_verdict(verdict):
    return verdict.flip() if verdict else None


def swapped_outcome(outcome):
    return Outcome(outcome.verdict.flip().value) if outcome.verdict else outcome


@pytest.mark.parametrize("seed", range(8))
def test_swapping_the_answers_changes_only_the_share_shown_first(seed):
    draw = random.Random(seed)
    pairs, looks, labels = [], {"j": [], "k": []}, []
    for n in range(60):
        pairs.append(
            Pair.of(
                f"question {n}",
                "",
                *(Answer(model=m, text="x" * draw.randint(1, 40)) for m in "ab"),
                f"document {n // 4}",
            )
        )
        for judge, order in itertools.product(looks, Order):
            verdict = draw.choice([F, F, S, T, None])
            looks[judge].append(
                look(order, verdict, pairs[-1].id).model_copy(update={"judge": judge})
            )
        labels.append(
            Ruling(
                pair_id=pairs[-1].id,
                judge="person",
                outcome=draw.choice(list(Outcome)),
                policy="label",
            )
        )
    other = [Pair.of(p.question, p.source, *p.answers[::-1], p.document) for p in pairs]
    ids = {p.id: o.id for p, o in zip(pairs, other, strict=True)}
    other_looks = {
        judge: [
            j.model_copy(
                update={
                    "pair_id": ids[j.pair_id],
                    "verdict": swapped_verdict(j.verdict),
                    "probabilities": j.probabilities
                    and (j.probabilities[1], j.probabilities[0], j.probabilities[2]),
                }
            )
            for j in of
        ]
        for judge, of in looks.items()
    }
    other_labels = [
        r.model_copy(update={"pair_id": ids[r.pair_id], "outcome": swapped_outcome(r.outcome)})
        for r in labels
    ]
    for policy, unusable in itertools.product(
        ("consensus", "strict", "mean"), ("wrong", "tie", "drop")
    ):
        one, two = (
            {judge: resolve(of, policy) for judge, of in every.items()}
            for every in (looks, other_looks)
        )
        a, b = (
            agreement(one["j"], labels, unusable=unusable),
            agreement(two["j"], other_labels, unusable=unusable),
        )
        turned = {
            t: {
                o: b.confusion[swapped_outcome(Outcome(t)).value][swapped_outcome(Outcome(o)).value]
                for o in row
            }
            for t, row in b.confusion.items()
        }
        assert a.confusion == turned
        for field in set(type(a).model_fields) - {"confusion"}:
            value = getattr(a, field)
            assert getattr(b, field) == (
                pytest.approx(value) if isinstance(value, float) else value
            ), field
        c, d = (
            compare(r["j"], r["k"], truth, documents={p.id: p.document for p in of})
            for r, truth, of in ((one, labels, pairs), (two, other_labels, other))
        )
        assert (c.difference, c.only_a, c.only_b, c.p, c.documents) == (
            d.difference,
            d.only_a,
            d.only_b,
            d.p,
            d.documents,
        )
        assert length_preference(one["j"], labels, pairs) == length_preference(
            two["j"], other_labels, other
        )
        assert by_length(one["j"], labels, pairs) == by_length(two["j"], other_labels, other)
        assert (
            agreement(longer(pairs), labels).agreement_all
            == agreement(longer(other), other_labels).agreement_all
        )
    p, q = position(looks["j"]), position(other_looks["j"])
    assert (p.pairs, p.consistent) == (q.pairs, q.consistent) and p.shown_first.n == q.shown_first.n
    # the one figure that is about places
    assert p.shown_first.count == q.shown_first.n - q.shown_first.count


def test_judges_without_common_pairs_are_named():
    pairs = [
        Pair.of(f"q{n}", "", Answer(model="a", text="yes"), Answer(model="b", text="no"))
        for n in range(4)
    ]
    rulings = [
        Ruling(pair_id=p.id, judge=judge, outcome=Outcome.FIRST, policy="one order")
        for judge, of in (("t", pairs[:2]), ("j", pairs[:3]), ("k", pairs[3:]))
        for p in of
    ]
    found = agree(
        Judged(name="n", format="columns", pairs=tuple(pairs), rulings=tuple(rulings)), "t"
    )
    assert found.left_out == ("k",) and "k ruled on no pair that t decided" in str(found)
    assert set(
        all_rulings(Judged(name="n", format="columns", pairs=tuple(pairs), rulings=tuple(rulings)))
    ) == {"t", "j", "k"}
    with pytest.raises(InputError, match="no policy"):
        agree(
            Judged(name="n", format="columns", pairs=tuple(pairs), rulings=tuple(rulings)),
            "t",
            policy="vote",
        )


@needs_data
@pytest.mark.parametrize(
    "frame, agrees", [("pair", ["44 of 47", "34 of 38"]), ("published", ["41 of 47", "32 of 38"])]
)
def test_command_on_the_cities(frame, agrees, capsys):
    words = f"agreement llamaindex-cities --part test --teacher gpt_4 --frame {frame}".split()
    assert main(words) == 0
    text = capsys.readouterr().out
    assert all(words in text for words in (*agrees, "| longer | 42 of 60"))
    assert main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [
        f"{r['agreement_decided']['count']} of {r['agreement_decided']['n']}"
        for r in found["agreement"][:2]
    ] == agrees
    assert [r["judge"] for r in found["agreement"]] == [
        "ft_gpt_3p5",
        "gpt_3p5",
        "longer",
        "always-first",
        "majority",
    ]
    assert found["comparisons"][0]["n"] == 60


@needs_data
def test_command_on_a_file_and_on_pandalm(capsys):
    file = os.path.join(
        os.environ["JUDGE_DISTILL_DATA"], "llamaindex_pairwise", "test_qa_complete.jsonl"
    )
    assert (
        main(
            ["agreement", file, "--teacher", "gpt_4", "--judges", "gpt_3p5", "--frame", "published"]
        )
        == 0
    )
    assert "32 of 38" in capsys.readouterr().out
    folder = os.path.join(os.environ["JUDGE_DISTILL_DATA"], "pandalm")
    assert (
        main(
            [
                "agreement",
                f"{folder}/testset-v1.json",
                "--outputs",
                f"gpt={folder}/gpt-3.5-turbo-testset-v1.json",
                "--teacher",
                "human majority",
                "--judges",
                "gpt",
                "--unusable",
                "tie",
                "--json",
            ]
        )
        == 0
    )
    [gpt, *_] = json.loads(capsys.readouterr().out)["agreement"]
    assert [
        round(100 * x, 2)
        for x in (gpt["accuracy"]["value"], gpt["precision"], gpt["recall"], gpt["f1"])
    ] == [71.07, 58.79, 57.36, 57.55]


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["nowhere.jsonl"], "no such file"),
        (["nowhere.csv", "--columns", "first"], "write NAME=VALUE"),
        (["mine.jsonl", "--part", "test"], "--part goes with a published set"),
    ],
)
def test_command_refuses(arguments, words, capsys):
    assert main(["agreement", *arguments, "--teacher", "me"]) == 2
    assert words in capsys.readouterr().err


def test_command_on_a_table(tmp_path, capsys):
    (tmp_path / "t.csv").write_text(
        "q,x,y,j,k\n" + "".join(f"q{n},aa,b,{n % 2},{n % 3 % 2}\n" for n in range(12))
    )
    arguments = [
        "agreement",
        str(tmp_path / "t.csv"),
        "--columns",
        "question=q",
        "first=x",
        "second=y",
        "j=j",
        "k=k",
        "--teacher",
        "k",
        "--json",
    ]
    assert main([*arguments, "--values", "0=second", "1=first"]) == 0
    assert json.loads(capsys.readouterr().out)["agreement"][0]["agreement_all"]["count"] == 6
    assert (
        main([*arguments, "--values", "0=best"]) == 2
        and "'best' is no outcome" in capsys.readouterr().err
    )


def test_command_published(capsys):
    assert main(["published"]) == 0
    text = capsys.readouterr().out
    assert "llamaindex-cities" in text and "pandalm" in text


MEASURED = """
import json, os, resource, sys, time
from judge_distill.cli import main
def peak(): # ru_maxrss begins at what the starting process had, VmHWM at this one's own start
    if not os.path.exists("/proc/self/status"):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    lines = open("/proc/self/status").read().split("\\n")
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
started = time.process_time()
outputs = ["--outputs", f"judge={sys.argv[2]}"]
assert main(["agreement", sys.argv[1], *outputs, "--teacher", "human", "--json"]) == 0
print(json.dumps({"seconds": time.process_time() - started, "bytes": peak()}), file=sys.stderr)
"""


def test_a_hundred_thousand_pairs_read_resolved_and_reported(tmp_path):
    draw = random.Random(42)
    words = [
        " ".join(draw.choices("the a of city river old new great small north south".split(), k=50))
        for _ in range(200)
    ]
    with (
        (tmp_path / "pairs.jsonl").open("w") as pairs,
        (tmp_path / "plain.jsonl").open("w") as plain,
        (tmp_path / "exchanged.jsonl").open("w") as exchanged,
    ):
        for n in range(100_000):
            pairs.write(
                json.dumps(
                    {
                        "prompt": f"Question {n}: {words[n % 200][:80]}?",
                        "response 1": words[n % 199],
                        "response 2": words[n % 197],
                        "label": draw.randint(0, 2),
                    }
                )
                + "\n"
            )
            plain.write(f'{{"output": {draw.randint(0, 2)}}}\n')
            exchanged.write(f'{{"output": {draw.randint(0, 2)}}}\n')
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            MEASURED,
            tmp_path / "pairs.jsonl",
            f"{tmp_path / 'plain.jsonl'},{tmp_path / 'exchanged.jsonl'}",
        ],
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found, measured = json.loads(done.stdout), json.loads(done.stderr.splitlines()[-1])
    assert (
        found["pairs"] == found["agreement"][0]["pairs"] == found["position"][0]["pairs"] == 100_000
        and not found["problems"]
    )
    assert measured["seconds"] < 30 and measured["bytes"] < 1.0e9, measured
    print(measured)
