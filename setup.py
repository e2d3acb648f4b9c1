"Installs judge_distill; names, versions and requirements stand once, in settings.ini."

from configparser import ConfigParser
from pathlib import Path

from setuptools import find_packages, setup

here = Path(__file__).parent
parser = ConfigParser(delimiters=["="])
parser.read(here / "settings.ini", encoding="utf-8")
settings = parser["DEFAULT"]
END = "_requirements"
extras = {key.removesuffix(END): settings[key].split() for key in settings if key.endswith(END)}
# whoever works on the package needs what every extra brings; torch is asked for by name
extras["dev"] += [
    need for name in extras if name not in ("local", "dev", "ray") for need in extras[name]
]

setup(
    name=settings["lib_name"],
    version=settings["version"],
    description=settings["description"],
    keywords=settings["keywords"],
    author=settings["author"],
    author_email=settings["author_email"],
    license="Apache-2.0",
    url=settings["git_url"],
    long_description=(here / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    packages=find_packages(include=["judge_distill*"]),
    package_data={
        "judge_distill": [
            "py.typed",
            "recipe/*.yaml",
            "students/prior/*",
            "testing/*.jsonl",
            "views/*.js",
            "views/*.css",
        ]
    },
    python_requires=f">={settings['min_python']}",
    install_requires=settings["requirements"].split(),
    extras_require=extras,
    entry_points={
        "console_scripts": settings["console_scripts"].split("\n"),
        # the fixture assert_win_rate; pytest finds it by itself
        "pytest11": ["judge_distill=judge_distill.testing.pytest_plugin"],
        "nbdev": [f"{settings['lib_name']}={settings['lib_name']}._modidx:d"],
    },
)
