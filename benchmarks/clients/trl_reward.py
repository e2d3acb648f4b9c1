import tempfile

from datasets import Dataset
from trl import GRPOConfig, GRPOTrainer, RewardConfig, RewardTrainer

from better import better
from tiny_model import tiny_model


def preferred(
    prompts: list[str], completions: list[str], reference: list[str], **_
) -> list[float]:
    "How much better each completion is than the reference."
    return [better(*three) for three in zip(prompts, completions, reference)]


folder = tempfile.mkdtemp()
question = "How do bees tell where food is?"
dance = "They tell each other where food is with a waggle dance."
shared = {
    "output_dir": folder,
    "max_steps": 1,
    "report_to": [],
    "use_cpu": True,
}

data = Dataset.from_list([{"prompt": question, "reference": dance}] * 4)
settings = GRPOConfig(
    per_device_train_batch_size=4,
    num_generations=4,
    max_completion_length=8,
    **shared,
)
model, tokenizer = tiny_model(folder)
trainer = GRPOTrainer(
    model, preferred, settings, data, processing_class=tokenizer
)
trainer.train()
rewards = [
    log["reward"] for log in trainer.state.log_history if "reward" in log
]

answers = sorted(
    (dance, "They write."), key=lambda answer: better(question, answer, dance)
)
pair = {"prompt": question, "chosen": answers[1], "rejected": answers[0]}
model, tokenizer = tiny_model(folder, scores=True)
settings = RewardConfig(per_device_train_batch_size=2, **shared)
data = Dataset.from_list([pair] * 2)
trainer = RewardTrainer(
    model, settings, train_dataset=data, processing_class=tokenizer
)
loss = trainer.train().training_loss
print("GRPO, mean reward", round(rewards[0], 2))
print("RewardTrainer, loss", round(loss, 2))
