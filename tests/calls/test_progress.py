"A bar promises nothing before it knows."

from judge_distill.calls.progress import Bar


def moved(steps, total=8, batch=2):
    with Bar(total, "answers", batch=batch) as bar:
        for _ in range(steps):
            bar.update()
    return bar


def test_no_estimate_before_the_second_batch_is_through():
    assert "remaining" not in moved(3).bar_format


def test_estimate_after_the_second_batch():
    assert moved(4).bar_format is None


def test_bar_of_less_than_was_thought_ends_full():
    with Bar(8, "questions") as bar:
        bar.update(5)
        bar.fill()
    assert bar.n == bar.total == 5
