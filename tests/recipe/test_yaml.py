"A recipe that unfolds into gigabytes is refused."

import pytest

from judge_distill.recipe.recipe import read_recipe
from judge_distill.records.errors import InputError
from judge_distill.students.settings import read_settings


def test_a_bomb_of_aliases_is_one_line(tmp_path):
    lines = ["    - &a [x, x, x, x, x, x, x, x, x]"]
    for name, before in zip("bcdefghij", "abcdefghi"):
        lines.append(f"    - &{name} [{', '.join([f'*{before}'] * 9)}]")
    (tmp_path / "r.yaml").write_text("training:\n  epochs:\n" + "\n".join(lines))
    with pytest.raises(InputError, match="not repeated by its name"):
        read_recipe(tmp_path / "r.yaml")


def test_a_word_may_stand_twice(tmp_path):
    text = "writer: &small local:m\ngenerators: {a: *small, b: 'local:m?max_tokens=9'}\n"
    (tmp_path / "r.yaml").write_text(text)
    assert str(read_recipe(tmp_path / "r.yaml").generators["a"]) == "local:m"


@pytest.mark.parametrize("name", ["openai", "local_server", "encoder", "bigger"])
def test_recipes_that_come_along_have_settings_that_fit(name):
    recipe = read_recipe(name)
    if recipe.kind not in ("best", "all"):
        settings = read_settings({"kind": recipe.kind, **recipe.training})
        assert settings.kind == recipe.kind
