"""What a page shows of code is at most 80 characters wide: the notebooks keep to 100, so the copy
from which the pages are made is formatted anew, and its long texts are cut between two words.
"""

import io
import json
import re
import subprocess
import tokenize
from collections.abc import Iterator
from pathlib import Path

WIDTH = 80  # characters of a line of code that a page shows without scrolling
HIDDEN = re.compile(r"(?m)^#\| ?(exporti?|exports|hide|default_exp|echo: false)\b")
FENCE = re.compile(r"(?ms)^( *)(```+)[^\n]*\n(.*?)^\1\2")
TEXT = re.compile(r"""([A-Za-z]*)(["'])(?!\2\2)(.*)\2""", re.DOTALL)


def is_shown(cell: dict) -> bool:
    "Whether a page shows a cell's code."
    return cell["cell_type"] == "code" and not HIDDEN.search("".join(cell["source"]))


def texts(source: str) -> Iterator[tuple[int, int, int]]:
    "Where the texts of a cell stand: line, first and last column; not its documentation."
    start, depth, alone = None, 0, True
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        name = tokenize.tok_name[token.type]
        if name == "FSTRING_START":  # from Python 3.12 on; before, an f-string is one token
            start, depth = start or token.start, depth + 1
        elif name == "FSTRING_END":
            depth -= 1
        if name == "STRING" and not depth:
            start = token.start
        if start and not depth:
            documents = alone and not token.line[token.end[1] :].strip()
            if start[0] == token.end[0] and not documents:
                yield start[0], start[1], token.end[1]
            start = None
        if name not in ("COMMENT", "NL") and not depth:
            alone = name in ("NEWLINE", "INDENT", "DEDENT", "ENCODING")


def cut(text: str, room: int) -> str:
    "A text as two side by side, the first within the room; itself where nothing can be cut."
    found = TEXT.fullmatch(text)
    if not found:
        return text
    prefix, quote, body = found.groups()
    place, braces = 0, 0
    for i, letter in enumerate(body):
        if "f" in prefix.lower():
            braces += {"{": 1, "}": -1}.get(letter, 0)
        if letter == " " and not braces and len(prefix) + i + 3 <= room:
            place = i + 1
    if not 0 < place < len(body):
        return text
    parts = (body[:place], body[place:])
    plain = prefix.lower().replace("f", "")
    heads = [prefix if re.search("[{}]", part) else plain for part in parts]
    return " ".join(f"{head}{quote}{part}{quote}" for head, part in zip(heads, parts))


def cut_lines(source: str) -> str:
    "A cell whose texts that reach beyond the width are cut once."
    lines = source.split("\n")
    try:
        found = sorted(texts(source), reverse=True)
    except (tokenize.TokenError, SyntaxError):  # a line for the shell
        return source
    for row, first, last in found:
        line = lines[row - 1]
        if len(line) > WIDTH <= last + 1:  # a comma may stand behind it
            text = cut(line[first:last], WIDTH - 1 - first)
            lines[row - 1] = line[:first] + text + line[last:]
    return "\n".join(lines)


def narrow_program(found: re.Match) -> str:
    "A Python program that a cell shows, in lines of the width; as it is where ruff cannot read it."
    program = found[1]
    for _ in range(4):
        command = ["ruff", "format", "--quiet", "--isolated", f"--line-length={WIDTH}", "-"]
        done = subprocess.run(command, input=program, capture_output=True, text=True)
        if done.returncode:
            return found[0]
        program = cut_lines(done.stdout)
    return f"```python\n{program.strip()}\n```"


def narrow_outputs(cell: dict) -> None:
    "The same for programs in what a cell displays."
    for output in cell.get("outputs", []):
        text = "".join(output.get("data", {}).get("text/markdown", ""))
        if "```python" in text:
            text = re.sub(r"(?s)```python\n(.*?)\n```", narrow_program, text)
            output["data"]["text/markdown"] = text


def narrow(nbs: Path) -> None:
    "Make the code of a folder's notebooks as wide as a page."
    command = ["ruff", "format", "--quiet", "--isolated", f"--line-length={WIDTH}", str(nbs)]
    subprocess.run(command, check=True)
    for _ in range(4):  # a text of four lines is cut three times
        changed = False
        for path in nbs.rglob("*.ipynb"):
            notebook = json.loads(path.read_text(encoding="utf-8"))
            before = [cell["source"] for cell in notebook["cells"]]
            for cell in filter(is_shown, notebook["cells"]):
                source = "".join(cell["source"])
                cell["source"] = cut_lines(source).splitlines(keepends=True)
            if before != [cell["source"] for cell in notebook["cells"]]:
                path.write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")
                changed = True
        if not changed:
            break
        subprocess.run(command, check=True)
    for path in nbs.rglob("*.ipynb"):
        text = path.read_text(encoding="utf-8")
        if "```python" in text and "text/markdown" in text:
            notebook = json.loads(text)
            for cell in notebook["cells"]:
                narrow_outputs(cell)
            path.write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")


def wide_lines(nbs: Path) -> list[str]:
    "Lines of code in a narrowed folder that a page would show, and that are still too wide."
    found = []
    for path in sorted(nbs.rglob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"])
            code = [source] if is_shown(cell) else []
            if cell["cell_type"] == "markdown":
                code = [block[3] for block in FENCE.finditer(source)]
            lines = [line for block in code for line in block.split("\n")]
            name = path.relative_to(nbs).as_posix()
            found += [
                f"{name}: {line}"
                for line in lines
                if len(line) > WIDTH and not line.startswith("#| ")  # what no page shows
            ]
    return found
