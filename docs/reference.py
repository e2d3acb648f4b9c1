"""How the reference shows a symbol: what nbdev's `show_doc` renders with when the site is built.

A function or class has one table of its parameters (name, type, default, words), a record its
fields, an enumeration its members; methods follow in their own tables. Words come from the comments
in the code, behind a name or on the lines above it.
"""

import ast
import importlib
import inspect
import io
import re
import textwrap
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from nbdev.doclinks import NbdevLookup

from judge_distill._modidx import d


@dataclass(frozen=True)
class Row:
    "One line of a table."

    name: str
    type: str = ""
    default: str = ""
    words: str = ""


def comments(source: str) -> dict[int, tuple[str, bool]]:
    "Line → its comment, and whether it stands alone on the line."
    lines = {}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            alone = token.line.strip().startswith("#")
            lines[token.start[0]] = (token.string.lstrip("# ").strip(), alone)
    return lines


def words_at(first: int, last: int, lines: dict[int, tuple[str, bool]]) -> str:
    "The comment above a statement's lines and behind them."
    above = []
    while lines.get(first - 1, ("", False))[1]:
        first -= 1
        above.insert(0, lines[first][0])
    behind = [lines[n][0] for n in range(first, last + 1) if n in lines and not lines[n][1]]
    return " ".join(above + behind)


def in_package(thing: Any) -> Any:
    """The symbol as the package has it: the page's own cells define it once more, in no file. Of
    modules with a symbol of that name, the one with these words.
    """
    if not thing.__module__.startswith("judge_distill"):
        name, words = thing.__qualname__, inspect.getdoc(thing)
        for module, symbols in d["syms"].items():
            if f"{module}.{name}" in symbols:
                same = importlib.import_module(module)
                for part in name.split("."):
                    same = inspect.getattr_static(same, part)
                same = getattr(same, "fget", None) or getattr(same, "__func__", same)
                # the front door puts a table of parameters behind a function's words
                if (inspect.getdoc(same) or "").partition("\n\nParameters:")[0] == (words or ""):
                    return inspect.unwrap(same)
    return inspect.unwrap(thing)


def parsed(thing: Any) -> tuple[Any, dict[int, tuple[str, bool]]]:
    "A definition's syntax tree and its comments."
    source = textwrap.dedent(inspect.getsource(thing))
    return ast.parse(source).body[0], comments(source)


def default_of(value: ast.expr | None) -> str:
    "A default as it is written; that of `Field(...)` where one is given by it."
    if isinstance(value, ast.Call) and ast.unparse(value.func) == "Field":
        named = {word.arg: word.value for word in value.keywords}
        if "default_factory" in named:
            return f"{ast.unparse(named['default_factory'])}()"
        value = named.get("default") or (value.args[0] if value.args else None)
    return "" if value is None else ast.unparse(value)


def fields(cls: type) -> list[Row]:
    "The fields of a record or named tuple, its bases' first."
    rows: dict[str, Row] = {}
    for base in reversed(cls.__mro__):
        if not base.__module__.startswith("judge_distill"):
            continue
        tree, lines = parsed(base)
        for node in tree.body:
            if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
                continue
            name, annotation = node.target.id, ast.unparse(node.annotation)
            if name.startswith("_") or "ClassVar" in annotation:
                continue
            words = words_at(node.lineno, node.end_lineno or node.lineno, lines)
            default = default_of(node.value)
            if "parse_spec(" in default:  # as one types it, not as the code writes it
                default = typed(cls.model_fields[name].default)
            rows[name] = Row(name, annotation, default, words)
    return list(rows.values())


def typed(value: Any) -> str:
    "A default of specs as it stands in a YAML file."
    if isinstance(value, dict):
        return ", ".join(f"{key}: {one}" for key, one in value.items())
    return str(value)


def members(cls: type[Enum]) -> list[Row]:
    "The members of an enumeration."
    tree, lines = parsed(cls)
    words = {
        node.targets[0].id: words_at(node.lineno, node.end_lineno or node.lineno, lines)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    return [Row(m.name, "", repr(m.value), words.get(m.name, "")) for m in cls]


def parameters(function: Any) -> list[Row]:
    "The parameters of a function, and what it returns."
    tree, lines = parsed(function)
    spec = tree.args
    pairs: list[tuple[ast.arg, str, ast.expr | None]] = []
    plain = spec.posonlyargs + spec.args
    missing: list[ast.expr | None] = [None] * (len(plain) - len(spec.defaults))
    pairs += [(arg, "", value) for arg, value in zip(plain, [*missing, *spec.defaults])]
    pairs += [(spec.vararg, "*", None)] if spec.vararg else []
    pairs += [(arg, "", value) for arg, value in zip(spec.kwonlyargs, spec.kw_defaults)]
    pairs += [(spec.kwarg, "**", None)] if spec.kwarg else []
    rows = [
        Row(
            stars + arg.arg,
            ast.unparse(arg.annotation) if arg.annotation else "",
            default_of(value),
            words_at(arg.lineno, line_of(arg, value), lines),
        )
        for arg, stars, value in pairs
        if arg.arg not in ("self", "cls")
    ]
    if tree.returns and ast.unparse(tree.returns) != "None":
        line = tree.returns.end_lineno
        words = lines[line][0] if line in lines and not lines[line][1] else ""
        rows.append(Row("returns", ast.unparse(tree.returns), "", words))
    # an annotation in quotes is a name that the module defines further down
    return [replace(row, type=re.sub(r"^'(.*)'$", r"\1", row.type)) for row in rows]


def line_of(arg: ast.arg, value: ast.expr | None) -> int:
    "The last line of a parameter with its default."
    return max(arg.end_lineno or 0, (value.end_lineno or 0) if value else 0)


def code(text: str) -> str:
    "Code in a cell of a table."
    return "`" + text.replace("|", "\\|").replace("\n", " ") + "`" if text else ""


def prose(text: str) -> str:
    "Words in a cell of a table."
    return re.sub(r"(?<!\\)([|<>])", r"\\\1", text).replace("\n", " ")


def table(rows: list[Row], first: str, default: str = "default") -> str:
    "Rows as a Markdown table; a column in which nothing stands is left out."
    columns = [
        (first, [code(row.name) if row.name != "returns" else "**returns**" for row in rows]),
        ("type", [code(row.type) for row in rows]),
        (default, [code(row.default) for row in rows]),
        ("words", [prose(row.words) for row in rows]),
    ]
    columns = [(head, cells) for head, cells in columns if any(cells)]
    lines = [[head for head, _ in columns], ["---"] * len(columns)]
    lines += [list(line) for line in zip(*(cells for _, cells in columns))]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def call(name: str, rows: list[Row]) -> str:
    "How a thing is called, in a line that fits a page, or one line a parameter."
    shown = [row for row in rows if row.name != "returns"]
    parts = [row.name + (f"={row.default}" if row.default else "") for row in shown]
    line = f"{name}({', '.join(parts)})"
    if len(line) > 80:
        line = f"{name}(\n" + "".join(f"    {part},\n" for part in parts) + ")"
    return f"```python\n{line}\n```"


def is_record(cls: type) -> bool:
    "Whether a class is told by its fields: a pydantic record, a dataclass or a named tuple."
    return any(hasattr(cls, mark) for mark in ("model_fields", "__dataclass_fields__", "_fields"))


def methods(cls: type) -> Iterator[tuple[str, Any]]:
    "The public methods and properties that a class defines itself."
    for name, value in vars(cls).items():
        inner = getattr(value, "fget", None) or getattr(value, "__func__", value)
        if not name.startswith("_") and inspect.isfunction(inner) and inner.__doc__:
            if inner.__module__ == cls.__module__:
                yield name, value


def method_markdown(cls: type, name: str, value: Any) -> str:
    "A method under a heading of its own, with its table."
    head = f"#### {cls.__name__}.{name}"
    if isinstance(value, property):
        return f"{head}\n\n*{flat(value.fget.__doc__)}*"
    function = inspect.unwrap(getattr(value, "__func__", value))
    rows = parameters(function)
    shown = [f"{head}", call(f"{cls.__name__}.{name}", rows), f"*{flat(function.__doc__)}*"]
    return "\n\n".join([*shown, *([table(rows, "parameter")] if rows else [])])


def flat(words: str | None) -> str:
    "A docstring in one line."
    return " ".join(inspect.cleandoc(words or "").split())


class Reference:
    "Renders one symbol; annotations are shown as they are written, and never evaluated."

    def __init__(self, sym: Any, name: str | None = None, title_level: int = 3) -> None:
        self.sym, self.nm, self.title_level = sym, name or sym.__qualname__, title_level
        self.docs = inspect.getdoc(sym) or ""

    def body(self) -> str:
        "The tables of a symbol."
        symbol = in_package(self.sym)
        if inspect.isclass(symbol):
            return self.class_body(symbol)
        if not inspect.isfunction(symbol):
            return f"*{self.docs.strip()}*" if self.docs else ""
        rows = parameters(symbol)
        parts = [call(self.nm, rows), f"*{flat(self.docs)}*" if self.docs else ""]
        return "\n\n".join([*parts, table(rows, "parameter") if rows else ""])

    def class_body(self, cls: type) -> str:
        "A class: its fields, members or parameters, and its methods."
        parts = [f"*{flat(cls.__doc__)}*"] if cls.__doc__ else []
        if issubclass(cls, Enum):
            parts.append(table(members(cls), "member", "value"))
        elif is_record(cls):
            rows = fields(cls)
            parts.append(table(rows, "field") if rows else "")
        elif "__init__" in vars(cls):
            rows = parameters(cls.__init__)
            parts = [call(self.nm, rows), *parts, table(rows, "parameter") if rows else ""]
        parts += [method_markdown(cls, name, value) for name, value in methods(cls)]
        return "\n\n".join(part for part in parts if part)

    def _repr_markdown_(self) -> str:
        symbol = in_package(self.sym)
        link = NbdevLookup().code(f"{symbol.__module__}.{symbol.__qualname__}")
        if link:
            line = inspect.getsourcelines(symbol)[1]
            link = re.sub(r"#L\w+$", f"#L{line}", link)
        style = 'target="_blank" style="float:right; font-size:smaller"'
        source = f"[source]({link}){{{style}}}\n\n" if link else ""
        return f"---\n\n{source}{'#' * self.title_level} {self.nm}\n\n{self.body()}"
