"""Students that are trained as a whole, on tiny models with random weights."""

import numpy as np
import pytest

from judge_distill.recipe.recipe import read_recipe
from judge_distill.records.errors import InputError, ModelError
from judge_distill.students.encoder import EncoderStudent
from judge_distill.students.settings import EncoderSettings, read_settings
from judge_distill.students.students import open_student, train_student

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")


@pytest.fixture(scope="module", params=["bert", "modernbert", "qwen3", "nli", "reward"])
def base(request, words, made, sizes, tmp_path_factory):
    "An encoder, a newer one, a language model, one with three labels, and one with one."
    t, place = transformers, tmp_path_factory.mktemp(request.param)
    some = {"vocab_size": len(words), "intermediate_size": 64, **sizes}
    bert = dict(some, max_position_embeddings=128)
    labels = {"nli": 3, "reward": 1}
    if request.param in labels:
        config = t.BertConfig(**bert, num_labels=labels[request.param])
        return made(config, t.BertForSequenceClassification, place)
    if request.param == "modernbert":
        ids = {"pad_token_id": 0, "cls_token_id": 2, "sep_token_id": 3, "bos_token_id": 2}
        config = t.ModernBertConfig(**bert, **ids, eos_token_id=3)
        return made(config, t.ModernBertModel, place)
    if request.param == "qwen3":
        config = t.Qwen3Config(**some, num_key_value_heads=2, head_dim=8, pad_token_id=0)
        return made(config, t.Qwen3ForCausalLM, place)
    return made(t.BertConfig(**bert), t.BertModel, place)


def test_any_model_that_gives_one_number_is_trained_saved_and_opened(base, lessons, tmp_path):
    settings = EncoderSettings(base_model=base, epochs=1, batch_size=4, longest=64)
    student = EncoderStudent(settings).fit(lessons.take(range(24)))
    student.save(tmp_path / "s")
    again = open_student(tmp_path / "s")
    given = student.predict_proba(lessons.shown[:6])
    assert np.allclose(again.predict_proba(lessons.shown[:6]), given, atol=1e-6)
    assert again.digest == student.digest and (again.level, again.kind) == (2, "encoder")
    mirrored = again.predict_proba([look.mirrored for look in lessons.shown[:6]])
    assert mirrored[:, [1, 0, 2]].tolist() == again.predict_proba(lessons.shown[:6]).tolist()


@pytest.fixture(scope="module")
def bert(words, made, sizes, tmp_path_factory):
    config = transformers.BertConfig(
        vocab_size=len(words), intermediate_size=64, max_position_embeddings=128, **sizes
    )
    place = tmp_path_factory.mktemp("plain")
    return made(config, transformers.BertModel, place)


def test_it_learns_what_it_is_taught(bert, lessons):
    settings = EncoderSettings(
        base_model=bert, epochs=12, batch_size=4, learning_rate=3e-3, longest=64, patience=0
    )
    student = EncoderStudent(settings).fit(lessons)
    assert student.score(lessons.once) > 0.9


def test_a_stopped_training_ends_with_the_same_weights(bert, lessons, tmp_path):
    settings = EncoderSettings(base_model=bert, epochs=3, batch_size=4, longest=64)
    some = lessons.take(range(32))

    class Stopped(EncoderStudent):
        steps = 0

        def batch_log_probabilities(self, states):
            self.steps += 1
            if self.steps > 6:
                raise KeyboardInterrupt
            return super().batch_log_probabilities(states)

    with pytest.raises(KeyboardInterrupt):
        Stopped(settings).fit(some, tmp_path / "stopped")
    for name in ("whole", "stopped"):
        train_student(some, settings, tmp_path / name)
    for file in ("model.safetensors", "loss.csv"):
        one, two = ((tmp_path / name / file).read_bytes() for name in ("whole", "stopped"))
        assert one == two, file


def test_a_warm_start_says_what_it_began_with(bert, lessons, tmp_path):
    settings = EncoderSettings(base_model=bert, epochs=1, batch_size=8, longest=64)
    train_student(lessons.take(range(16)), settings, tmp_path / "first")
    warm = settings.model_copy(update={"warm": str(tmp_path / "first")})
    record = train_student(lessons.take(range(16, 32)), warm, tmp_path / "second")
    assert record.settings["warmed_on"]["settings"]["kind"] == "encoder"


def test_a_text_that_is_too_long_is_cut(bert, lessons):
    settings = EncoderSettings(base_model=bert, epochs=1, longest=32)
    student = EncoderStudent(settings).fit(lessons.take(range(8)))
    read = student.encoded("bees?", "a dance " * 500, "perhaps " * 500)
    assert len(read["input_ids"]) == 32
    assert student.predict_proba([("bees?", "", "", "place " * 500)]).shape == (1, 3)


def test_what_is_no_such_model_is_told_in_a_line(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    settings = read_settings({"kind": "encoder", "base_model": str(tmp_path)})
    with pytest.raises((InputError, ModelError)) as error:
        EncoderStudent(settings)._open(tmp_path)
    assert "\n" not in str(error.value)


def test_the_recipe_encoder_trains_as_it_stands_on_a_tiny_model_of_its_family(
    words, made, sizes, lessons, tmp_path
):
    ids = {"pad_token_id": 0, "cls_token_id": 2, "sep_token_id": 3, "bos_token_id": 2}
    some = {"vocab_size": len(words), "intermediate_size": 64, "eos_token_id": 3, **sizes}
    base = made(
        transformers.ModernBertConfig(**some, **ids), transformers.ModernBertModel, tmp_path
    )
    recipe = read_recipe("encoder")
    given = {"kind": recipe.kind, "base_model": base, **recipe.training}
    train_student(lessons.take(range(32)), read_settings(given), tmp_path / "student")
    assert open_student(tmp_path / "student").kind == "encoder"


def test_the_recipe_bigger_trains_as_it_stands_on_a_tiny_model_of_its_family(
    words, made, sizes, lessons, tmp_path
):
    some = {"vocab_size": len(words), "intermediate_size": 64, **sizes, "num_hidden_layers": 28}
    config = transformers.Qwen3Config(**some, num_key_value_heads=2, head_dim=8, pad_token_id=0)
    base = made(config, transformers.Qwen3ForCausalLM, tmp_path)
    recipe = read_recipe("bigger")
    given = {"kind": recipe.kind, "base_model": base, **recipe.training}
    record = train_student(lessons.take(range(32)), read_settings(given), tmp_path / "student")
    assert (record.settings["start"], record.settings["stop"]) == (14, 28)
    assert open_student(tmp_path / "student").predict_proba(lessons.shown[:2]).shape == (2, 3)
