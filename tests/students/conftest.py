"""What the tests of students share: invented pairs, their lessons, published data."""

import os

import pytest

from judge_distill.calls.ledger import Ledger
from judge_distill.judging.judge import judge_pairs
from judge_distill.judging.prompts import verdict_messages
from judge_distill.judging.rules import rule_judge
from judge_distill.judging.rulings import resolve
from judge_distill.models.weights import SMOL, locate
from judge_distill.records.schema import Answer, Pair
from judge_distill.students.examples import make_examples
from judge_distill.students.lessons import make_lessons

FACTS = (
    "bees dance wicks burn salt melts moons pull iron rusts hashes point rivers bend stars "
    "shine ropes fray lamps glow"
).split()


def some_pairs(n=40):
    "Pairs in which one answer keeps to the source, in either place."
    for i in range(n):
        fact = (
            f"The {FACTS[i % 20]} of place {i} are known for {FACTS[(i * 7 + 3) % 20]} and "
            f"for {FACTS[(i * 3 + 1) % 20]}."
        )
        texts = [fact, f"Nobody can say what place {i + 50} is known for, perhaps nothing."][
            :: (-1) ** i
        ]
        yield Pair.of(
            f"What is place {i} known for?",
            fact,
            *[Answer(model="m", text=text) for text in texts],
            f"document {i // 2}",
        )


@pytest.fixture(scope="session")
def pairs():
    "Forty invented pairs, two a document."
    return list(some_pairs())


@pytest.fixture(scope="session")
def teacher(pairs):
    "The rubric's rulings on them."
    return resolve(judge_pairs(pairs, rule_judge("rubric"), Ledger()))


@pytest.fixture(scope="session")
def examples(pairs, teacher):
    "Training examples from the rulings."
    return make_examples(pairs, teacher, verdict_messages)


@pytest.fixture(scope="session")
def lessons(pairs, examples):
    "Lessons from the examples."
    return make_lessons(examples, pairs)


@pytest.fixture(scope="session")
def data_folder():
    "The folder of published data; without it a test is skipped."
    folder = os.environ.get("JUDGE_DISTILL_DATA")
    if not folder:
        pytest.skip("JUDGE_DISTILL_DATA is not set")
    return folder


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    "A random language model of four small layers, with a real tokenizer."
    torch = pytest.importorskip("torch")
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    folder, base = tmp_path_factory.mktemp("tiny"), locate(SMOL)
    config = AutoConfig.from_pretrained(base)
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 4, "head_dim": 8}
    for name, value in (sizes | {"num_attention_heads": 4, "num_key_value_heads": 2}).items():
        setattr(config, name, value)
    if getattr(config, "layer_types", None):
        config.layer_types = config.layer_types[:4]
    torch.manual_seed(0)
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    AutoTokenizer.from_pretrained(base).save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="session")
def sizes():
    "Of a tiny model."
    return {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}


@pytest.fixture(scope="session")
def words():
    "A tokenizer that knows a few words."
    transformers = pytest.importorskip("transformers")
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    texts = ["The bees of place 1 are known for a dance.", "Nobody can say what, perhaps nothing?"]
    tokenizer.train_from_iterator(texts, trainers.WordPieceTrainer(special_tokens=special))
    named = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), special))
    return transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **named)


@pytest.fixture(scope="session")
def made(words):
    "A function that puts a model with random weights into a folder, as the Hub has it."
    torch = pytest.importorskip("torch")

    def make(config, kind, place):
        torch.manual_seed(0)
        kind(config).save_pretrained(place)
        words.save_pretrained(place)
        return str(place)

    return make
