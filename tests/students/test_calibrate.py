"How firmly a correction is held back."

import numpy as np
import pytest

from judge_distill.students.calibrate import learn_calibration


@pytest.mark.parametrize("pairs, low, high", [(30, 0.2, 0.5), (3000, 0.0, 0.1)])
def test_few_pairs_do_not_make_a_student_sure_and_many_do(pairs, low, high):
    "It was right each time, and said six of ten."
    given, right = np.tile([0.6, 0.3, 0.1], (pairs, 1)), np.tile([1.0, 0, 0], (pairs, 1))
    assert low < learn_calibration(given, right).temperature < high
