"How far a source says what an answer says, by models with random weights."

import numpy as np
import pytest

from judge_distill.judging.prompts import Shown
from judge_distill.records.errors import InputError, ModelError
from judge_distill.students.counting import FeatureStudent
from judge_distill.students.features import SUPPORT, entailment_reader, support
from judge_distill.students.settings import FeatureSettings
from judge_distill.students.students import open_student

transformers = pytest.importorskip("transformers")

LABELS = {
    "nli": ["contradiction", "ENTAILMENT", "neutral"],
    "reranker": ["LABEL_0"],
    "moods": ["glad", "sad"],
}


@pytest.fixture(scope="module")
def model(words, made, sizes, tmp_path_factory):
    "A function from a name above to a folder."

    def of(name):
        labels = dict(enumerate(LABELS[name]))
        config = transformers.BertConfig(
            vocab_size=len(words),
            intermediate_size=64,
            max_position_embeddings=64,
            id2label=labels,
            label2id={name: i for i, name in labels.items()},
            **sizes,
        )
        place = tmp_path_factory.mktemp(name)
        return made(config, transformers.BertForSequenceClassification, place)

    return of


@pytest.mark.parametrize("name", ["nli", "reranker"])
def test_a_student_with_support_is_saved_and_opened(model, lessons, tmp_path, name):
    settings = FeatureSettings(support=model(name))
    student = FeatureStudent(settings).fit(lessons.take(range(20)))
    student.save(tmp_path)
    again = open_student(tmp_path)
    given = student.predict_proba(lessons.shown[:4])
    assert np.allclose(again.predict_proba(lessons.shown[:4]), given)
    assert set(SUPPORT) < set(again.names) and again.level == 1
    assert again.digest == student.digest


def test_entailment_is_a_share_and_long_sources_are_cut(model):
    [short, long] = entailment_reader(model("nli"))(
        [("The bees dance.", "The bees dance."), ("The bees dance. " * 500, "The bees dance.")]
    )
    assert 0 < short < 1 and 0 < long < 1


def test_a_model_without_entailment_is_refused_with_its_labels(model):
    with pytest.raises(InputError, match="its labels are glad, sad"):
        entailment_reader(model("moods"))


def test_a_folder_that_is_no_model_is_told_in_a_line(tmp_path):
    (tmp_path / "notes.txt").write_text("no model")
    with pytest.raises(ModelError, match="cannot be opened to tell support") as error:
        entailment_reader(str(tmp_path))
    assert "\n" not in str(error.value)


def test_support_is_the_mean_and_the_least_of_the_sentences():
    look = Shown("When?", "It closes at nine.", "It closes at nine. It is red.", "")
    given = support([look], lambda some: [float("nine" in one) for _, one in some])
    assert given.tolist() == [[[0.5, 0.0], [0.0, 0.0]]]


def test_without_a_source_nothing_is_asked():
    def never(some):
        raise AssertionError(some)

    assert support([Shown("When?", "", "At nine.", "At ten.")], never).sum() == 0
