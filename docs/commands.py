"The page of the command line, made from its parser: every command, every option."

import argparse
import re
from collections.abc import Iterator

from judge_distill.cli import make_parser


def cell(text: str) -> str:
    "Words in a cell of a table; an option among them is code, or its hyphens would become a dash."
    words = " ".join(text.replace("|", "\\|").replace("<", "\\<").split())
    option = r"(`[^`]*`)|(?<![\w-])(--[a-z][a-z-]*)"
    return re.sub(option, lambda found: found[1] or f"`{found[2]}`", words)


def subcommands(
    parser: argparse.ArgumentParser,
) -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    "The commands of a parser: name, words, parser."
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            words = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, command in action.choices.items():
                yield name, words.get(name, ""), command


def spelling(action: argparse.Action) -> str:
    "How an option is typed."
    names = action.option_strings or [""]
    if action.nargs == 0:
        return ", ".join(names)
    value = action.metavar or action.dest.upper()
    shown = " ".join(value) if isinstance(value, tuple) else value
    more = " ..." if action.nargs in ("+", "*") else ""
    return ", ".join(names).strip() + f" {shown}{more}" if action.option_strings else shown + more


def words(action: argparse.Action, command: argparse.ArgumentParser) -> str:
    "What an option says of itself, its values and its default."
    help_ = (action.help or "") % {"default": action.default, "prog": command.prog, "type": ""}
    if action.choices:
        values = ", ".join(map(str, action.choices))
        help_ += "" if values in help_ else f" ({values})"
    needed = action.required and bool(action.option_strings)
    return ("*required.* " if needed else "") + cell(help_)


def usage(command: argparse.ArgumentParser) -> str:
    "How a command is typed, in lines of 80 characters; an option is not cut from its value."
    text = " ".join(command.format_usage().removeprefix("usage: ").split())
    lines = [command.prog]
    options = text.removeprefix(command.prog).replace(" [-h]", "")
    for part in re.findall(r"\[(?:[^][]|\[[^]]*\])*\]|\([^)]*\)|-\S+ [^][\s]+|\S+", options):
        if len(lines[-1]) + len(part) < 80:
            lines[-1] += f" {part}"
        else:
            lines.append(f"    {part}")
    return "\n".join(lines)


def command_markdown(name: str, help_: str, command: argparse.ArgumentParser) -> str:
    "One command: its words, how it is typed, its options."
    parts = [f"## {name}", cell(help_)]
    parts.append(f"```sh\n{usage(command)}\n```")
    rows = [
        f"| `{spelling(action)}` | {words(action, command)} |"
        for action in command._actions
        if action.dest not in ("help", "version")
        and not isinstance(action, argparse._SubParsersAction)
        and action.help is not argparse.SUPPRESS
    ]
    if rows:
        parts.append("\n".join(["| option | what it does |", "|---|---|", *rows]))
    if command.epilog:
        parts.append(f"```text\n{command.epilog.strip()}\n```")
    return "\n\n".join(parts)


def page() -> str:
    "The whole page, in Markdown."
    parser = make_parser()
    commands = [command_markdown(*command) for command in subcommands(parser)]
    head = "---\ntitle: Every command and option\n---\n\n"
    intro = (
        "What `judge-distill --help` and `judge-distill COMMAND --help` say; this page is made "
        "from the same parser. How the commands work together is told in [the command](cli.ipynb)."
    )
    return head + "\n\n".join([intro, *commands]) + "\n"
