"""Does every 95 % interval cover the truth in 93 to 97 % of cases? Draws data whose truth is known.

    python benchmarks/coverage.py             # minutes; writes nbs/figures/coverage.json
    python benchmarks/coverage.py --quick
        # seconds, for CI; fails where an interval is too short

Pairs are independent or share 2 to 170 documents (uneven, as real ones are), with an intra-class
correlation of 0 to 0.3. Truths are drawn around the stated rate, so no lucky number of pairs
helps.
"""

import argparse
import json
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.stats import binomtest

from judge_distill.agreement.alpha import _interval as _alpha_interval
from judge_distill.agreement.differences import _difference_interval, _flip_documents, _Tally
from judge_distill.agreement.figures import _beyond_chance, _chance, _f1_interval, _macro_f1
from judge_distill.agreement.shares import Share, _share_interval
from judge_distill.agreement.win_rates import _combine, _mean_rate, _Scores
from judge_distill.records.schema import Verdict

FIGURES = Path(__file__).parent.parent / "nbs" / "figures" / "coverage.json"
DOCUMENTS = (2, 3, 5, 10, 15, 20, 50, 170)
CORRELATIONS = (0.0, 0.1, 0.3)
LEAST, MOST = 0.93, 0.97


class Setting(NamedTuple):
    "What is drawn."

    interval: str  # whose coverage
    pairs: int
    documents: int  # as many as pairs: independent
    correlation: float  # within a document
    about: str  # the rest, in words
    numbers: tuple[float, ...]  # the rest


def sizes_of(draw, pairs, documents):
    "Pairs a document, uneven; at least one each."
    if documents == pairs:
        return np.ones(pairs, dtype=int)
    weights = draw.dirichlet(np.full(documents, 2.0))
    return 1 + draw.multinomial(pairs - documents, weights)


def levels_of(draw, shares, correlation, documents):
    "Each document's own shares of the categories (Dirichlet), around the common ones."
    shares = np.asarray(shares, dtype=float)
    if not correlation:
        return np.tile(shares, (documents, 1))
    weights = shares * (1 - correlation) / correlation
    levels = draw.gamma(weights, size=(documents, len(shares))) + 1e-9 * shares
    return levels / levels.sum(axis=1, keepdims=True)


def draw_share(draw, setting):
    "One share: whether its interval covers, its width, and nothing else."
    (rate,) = setting.numbers
    truth = min(0.99, rate + draw.uniform(-0.04, 0.04))
    sizes = sizes_of(draw, setting.pairs, setting.documents)
    levels = levels_of(draw, (truth, 1 - truth), setting.correlation, len(sizes))[:, 0]
    low, high = _share_interval(draw.binomial(sizes, np.clip(levels, 0, 1)), sizes)
    return low <= truth <= high, high - low, None


def draw_looks(draw, setting):
    "Wins for the place shown first: two looks a pair, one of them lost if the judge is consistent."
    consistent, favour = setting.numbers
    favour = favour + draw.uniform(-0.04, 0.04)
    same = draw.random(setting.pairs) < consistent
    first = np.where(same, 1, 2 * (draw.random(setting.pairs) < favour))
    truth = consistent * 0.5 + (1 - consistent) * favour
    group = np.arange(setting.pairs) % setting.documents
    counts, sizes = np.bincount(group, weights=first), 2 * np.bincount(group)
    low, high = _share_interval(counts, sizes, opposed=True)
    return low <= truth <= high, high - low, None


def draw_difference(draw, setting):
    "One comparison: coverage, width, and whether it says better where neither is."
    parted, difference = setting.numbers
    scale = draw.uniform(0.85, 1.15)
    parted, truth = parted * scale, difference * scale
    shares = ((parted + truth) / 2, (parted - truth) / 2, 1 - parted)
    sizes = sizes_of(draw, setting.pairs, setting.documents)
    levels = levels_of(draw, shares, setting.correlation, len(sizes))
    only_a = draw.binomial(sizes, np.clip(levels[:, 0], 0, 1))
    rest = np.clip(levels[:, 1] / np.maximum(1 - levels[:, 0], 1e-12), 0, 1)
    only_b = draw.binomial(sizes - only_a, rest)
    tally = _Tally(only_a.astype(float), only_b.astype(float), sizes)
    low, high = _difference_interval(tally, samples=500, seed=int(draw.integers(1 << 30)))
    better = low > 0 or high < 0
    if better and only_a.sum() + only_b.sum():
        together = int(only_a.sum() + only_b.sum())
        better = binomtest(int(only_a.sum()), together).pvalue < 0.05
    if better and len(sizes) < 10:
        better = _flip_documents(tally.ahead) < 0.05
    return low <= truth <= high, high - low, better if not difference else None


def draw_tables(draw, setting):
    "Two judges' verdicts: a table a document, and the shares that they are drawn from."
    (right,) = setting.numbers
    right += draw.uniform(-0.04, 0.04)
    habits = np.array([0.45, 0.4, 0.15])
    apart = np.outer(habits, habits) * (1 - np.eye(3))
    shares = np.diag(habits * right) + apart / apart.sum() * (1 - right)
    sizes = sizes_of(draw, setting.pairs, setting.documents)
    levels = levels_of(draw, shares.ravel(), setting.correlation, len(sizes))
    tables = [draw.multinomial(n, level / level.sum()) for n, level in zip(sizes, levels)]
    return np.array(tables).reshape(-1, 3, 3), sizes, shares


def agreed(tables, sizes):
    "The share agreed on, with its interval."
    counts = np.trace(tables, axis1=1, axis2=2)
    low, high = _share_interval(counts, sizes)
    n, count = int(sizes.sum()), int(counts.sum())
    return Share(count=count, n=n, value=count / n, low=low, high=high)


def draw_kappa(draw, setting):
    "Kappa: coverage and width."
    tables, sizes, shares = draw_tables(draw, setting)
    whole = tables.sum(axis=0)
    counts = {(t, v): whole[i, j] for i, t in enumerate(Verdict) for j, v in enumerate(Verdict)}
    low, high = _beyond_chance(agreed(tables, sizes), _chance(counts))
    chance = float(shares.sum(axis=0) @ shares.sum(axis=1))
    truth = (float(np.trace(shares)) - chance) / (1 - chance)
    return low <= truth <= high, high - low, None


def draw_alpha(draw, setting):
    "Krippendorff's alpha of two raters: coverage and width."
    tables, _, shares = draw_tables(draw, setting)
    given, documents, pair = [], {}, 0
    for document, table in enumerate(tables):
        for (one, two), n in np.ndenumerate(table):
            for _ in range(n):
                pair += 1
                given += [("a", str(pair), str(one)), ("b", str(pair), str(two))]
                documents[str(pair)] = str(document)
    low, high = _alpha_interval(given, documents)
    habits = (shares.sum(axis=0) + shares.sum(axis=1)) / 2
    truth = 1 - (1 - float(np.trace(shares))) / (1 - float(habits @ habits))
    return low <= truth <= high, high - low, None


def draw_f1(draw, setting):
    "Macro F1: coverage and width."
    tables, sizes, shares = draw_tables(draw, setting)
    cell = np.repeat(np.arange(tables.size), tables.ravel())
    pairs = cell % 9 // 3, cell % 3, cell // 9
    low, high = _f1_interval(*pairs, agreed(tables, sizes))
    table = np.zeros((4, 4))
    table[:3, :3] = shares
    truth = float(_macro_f1(table, np.arange(3)))
    return low <= truth <= high, high - low, None


def draw_scores(draw, setting):
    "Judged pairs and labels; a judge right on a share of pairs, and partial where it errs."
    labels, right = setting.numbers
    pairs, documents = setting.pairs, setting.documents
    rate = draw.uniform(0.3, 0.7)
    group = np.arange(pairs) % documents
    level = levels_of(draw, (rate, 1 - rate), setting.correlation, documents)[group, 0]
    people = (draw.random(pairs) < level).astype(float)
    people[draw.random(pairs) < 0.1] = 0.5
    wrong = np.where(draw.random(pairs) < 0.7, 1.0, 0.0)
    judge = np.where(draw.random(pairs) < right, people, np.where(people == wrong, 0.5, wrong))
    if not right:
        judge = wrong
    labelled = draw.choice(pairs, int(labels), replace=False)
    return _Scores(judge, group, labelled, people[labelled]), 0.9 * rate + 0.05


def draw_estimate(draw, setting):
    "One estimate: coverage, and its width over that of people's labels alone."
    scores, truth = draw_scores(draw, setting)
    rate = _combine(scores)
    alone = _mean_rate("people only", scores.people, scores.documents[scores.labelled])
    ratio = (rate.high - rate.low) / (alone.high - alone.low)
    return rate.low <= truth <= rate.high, ratio, None


def draw_people(draw, setting):
    "People's labels alone: coverage and width."
    scores, truth = draw_scores(draw, setting)
    rate = _mean_rate("people only", scores.people, scores.documents[scores.labelled])
    return rate.low <= truth <= rate.high, rate.high - rate.low, None


DRAWS = {
    "share": draw_share,
    "position, wins shown first": draw_looks,
    "difference": draw_difference,
    "kappa": draw_kappa,
    "alpha": draw_alpha,
    "F1": draw_f1,
    "win rate, people and judge": draw_estimate,
    "win rate, people only": draw_people,
}


def table_settings():
    "Every interval of the tables."
    for pairs in (60, 200, 999):
        for documents in (*DOCUMENTS, pairs):
            if documents > pairs or pairs // documents > 200:
                continue
            for correlation in CORRELATIONS if documents < pairs else (0.0,):
                where = pairs, documents, correlation
                for rate in (0.6, 0.75, 0.85):
                    yield Setting("share", *where, f"rate {rate}", (rate,))
                for parted, difference in ((0.3, 0.0), (0.3, 0.1)):
                    about = f"{parted:.0%} differ, difference {difference:.0%}"
                    yield Setting("difference", *where, about, (parted, difference))
    for pairs in (20, 60, 200):
        about = "10% differ, difference 0%"
        yield Setting("difference", pairs, pairs, 0.0, about, (0.1, 0.0))
    for documents in (20, 60, 200):
        about = "70% the same in both orders"
        numbers = (0.7, 0.65)
        yield Setting("position, wins shown first", 200, documents, 0.0, about, numbers)


def figure_settings():
    "The figures that are no shares."
    for pairs, documents, correlation in (
        *((60, 60, 0.0), (60, 5, 0.1), (60, 10, 0.1), (60, 20, 0.3)),
        *((200, 200, 0.0), (200, 10, 0.1), (200, 20, 0.1), (200, 50, 0.3)),
        *((999, 170, 0.1), (999, 20, 0.1), (999, 15, 0.3)),
    ):
        for right in (0.6, 0.75, 0.85):
            for interval in ("kappa", "alpha", "F1"):
                where = pairs, documents, correlation
                yield Setting(interval, *where, f"rate {right}", (right,))


def estimate_settings():
    "Win rates by people's standard."
    judges = {"useless": 0.0, "65%": 0.65, "80%": 0.8, "90%": 0.9, "97%": 0.97, "perfect": 1.0}
    for documents, correlation in ((1000, 0.0), (170, 0.0), (170, 0.2), (50, 0.2)):
        for labels in (30, 50, 100):
            where = 1000, documents, correlation
            yield Setting("win rate, people only", *where, f"{labels} labels", (labels, 0.8))
            for name, right in judges.items():
                about = f"{labels} labels, judge {name}"
                yield Setting("win rate, people and judge", *where, about, (labels, right))


def measure(setting, repeats, seed):
    "Coverage, mean width and false 'better' of one setting."
    draw = np.random.default_rng([seed, *setting.interval.encode(), *setting.about.encode()])
    results = [DRAWS[setting.interval](draw, setting) for _ in range(repeats)]
    better = [false for _, _, false in results if false is not None]
    return {
        "interval": setting.interval,
        "pairs": setting.pairs,
        "documents": setting.documents,
        "correlation": setting.correlation,
        "setting": setting.about,
        "draws": repeats,
        "coverage": round(float(np.mean([covers for covers, _, _ in results])), 4),
        "width": round(float(np.mean([width for _, width, _ in results])), 3),
        "false_better": round(float(np.mean(better)), 4) if better else None,
    }


def summary(rows):
    "What the table comes to, interval by interval."
    for interval in DRAWS:
        mine = [row for row in rows if row["interval"] == interval]
        if not mine:
            continue
        inside = sum(LEAST <= row["coverage"] <= MOST for row in mine)
        under = sum(row["coverage"] < LEAST for row in mine)
        worst = min(mine, key=lambda row: row["coverage"])
        print(
            f"{interval}: {inside} of {len(mine)} rows within {LEAST:.0%} to {MOST:.0%}, {under} "
            f"below; least {worst['coverage']:.1%} ({worst['pairs']} pairs, {worst['documents']} "
            f"documents, correlation {worst['correlation']}, {worst['setting']})"
        )
    false = [row["false_better"] for row in rows if row["false_better"] is not None]
    if false:
        print(f"false 'better': mean {np.mean(false):.1%}, most {max(false):.1%}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="every 24th setting, fewer draws")
    parser.add_argument("--repeats", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument(
        "--only", metavar="INTERVAL,…", help="the others stay as they are in the file"
    )
    options = parser.parse_args()
    settings = [*table_settings(), *figure_settings(), *estimate_settings()]
    started = time.monotonic()
    if options.quick:
        rows = [measure(setting, 200, options.seed) for setting in settings[::24]]
        summary(rows)
        # three standard errors of 200 draws below 93 %
        short = [row for row in rows if row["coverage"] < LEAST - 0.054]
        print(f"{time.monotonic() - started:.0f} s")
        raise SystemExit(f"too short: {short}" if short else 0)
    rows = json.loads(FIGURES.read_text())["rows"] if options.only else []
    only = tuple((options.only or "").split(","))
    rows = [row for row in rows if not row["interval"].startswith(only)]
    settings = [one for one in settings if one.interval.startswith(only)]
    rows = [measure(one, options.repeats, options.seed) for one in settings] + rows
    rows.sort(key=lambda row: [*DRAWS].index(row["interval"]))
    summary(rows)
    about = {"seed": options.seed, "rows": rows}
    text = json.dumps(about, indent=None, separators=(",", ":")).replace("},{", "},\n{")
    FIGURES.write_text(text + "\n", encoding="utf-8")
    print(f"{len(rows)} settings, {time.monotonic() - started:.0f} s: {FIGURES}")


if __name__ == "__main__":
    main()
