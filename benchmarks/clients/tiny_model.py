"""A tiny language model that knows nothing, so that a trainer can be tried."""

from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    PreTrainedTokenizerFast,
    Qwen2Config,
)


def tiny_model(folder: str, scores: bool = False):
    "Model and tokenizer; with `scores` it gives a number in place of words."
    words = Tokenizer(models.BPE())
    words.pre_tokenizer = pre_tokenizers.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        special_tokens=["<pad>", "<eos>"], initial_alphabet=alphabet
    )
    words.train_from_iterator(["How do bees tell where food is?"], trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="<pad>", eos_token="<eos>"
    )
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        pad_token_id=0,
        eos_token_id=1,
        num_labels=1,
    )
    kind = (
        AutoModelForSequenceClassification if scores else AutoModelForCausalLM
    )
    return kind.from_config(config), tokenizer
