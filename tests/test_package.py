"What is shipped: one version everywhere, and every file that the package reads."

import ast
import re
from configparser import ConfigParser
from fnmatch import fnmatch
from pathlib import Path

import judge_distill

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "judge_distill"
FILES = [
    path.relative_to(PACKAGE).as_posix()
    for path in sorted(PACKAGE.rglob("*"))
    if path.is_file() and path.suffix not in (".py", ".pyc")
]


def settings():
    "The values of settings.ini."
    parser = ConfigParser(delimiters=["="])
    parser.read(ROOT / "settings.ini", encoding="utf-8")
    return parser["DEFAULT"]


def package_data():
    "The patterns that setup.py gives for files that are no modules."
    for node in ast.walk(ast.parse((ROOT / "setup.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.keyword) and node.arg == "package_data":
            return ast.literal_eval(node.value)["judge_distill"]
    raise AssertionError("setup.py names no package_data")


def manifest():
    "The patterns below judge_distill that MANIFEST.in includes, each with its folder."
    lines = (ROOT / "MANIFEST.in").read_text(encoding="utf-8").splitlines()
    words = [line.split() for line in lines if line.startswith("recursive-include judge_distill")]
    return [
        (folder.removeprefix("judge_distill").strip("/"), p) for _, folder, *ps in words for p in ps
    ]


def test_settings_and_package_name_one_version():
    assert settings()["version"] == judge_distill.__version__


def test_the_citation_names_the_version():
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r"^version: (.*)$", text, re.M)[1] == judge_distill.__version__


def test_the_changelog_begins_with_the_version_and_its_day():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    heading = re.search(r"^## (\S+) \(\d+ [A-Z][a-z]+ \d{4}\)$", text, re.M)
    assert heading[1] == judge_distill.__version__


def test_every_file_of_the_package_is_in_the_wheel():
    left_out = [f for f in FILES if not any(fnmatch(f, pattern) for pattern in package_data())]
    assert not left_out


def test_no_pattern_of_the_wheel_is_idle():
    assert all(any(fnmatch(f, pattern) for f in FILES) for pattern in package_data())


def test_every_file_of_the_package_is_in_the_source_archive():
    patterns = manifest()
    left_out = [
        f
        for f in FILES
        if not any(f.startswith(folder) and fnmatch(Path(f).name, p) for folder, p in patterns)
    ]
    assert not left_out


def test_types_recipes_and_the_prior_are_shipped():
    assert {"py.typed", "recipe/openai.yaml", "students/prior/prior.json"} <= set(FILES)


def test_what_the_package_reads_beside_itself_is_there():
    "A path below the package that a module names is a file of the package."
    for path in PACKAGE.rglob("*.py"):
        for name in re.findall(r'"([a-z_]+\.(?:css|js|yaml))"', path.read_text(encoding="utf-8")):
            if name != "recipe.yaml":  # a run folder's own
                assert any(Path(f).name == name for f in FILES), (path, name)
