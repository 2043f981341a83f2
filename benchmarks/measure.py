"""How does the tree read, beside trees that read well?

    make measure

Prints for each habit the figure of this tree, its worst place, and what eight well-read code bases have; then,
where this tree is worse than all of them, why. It only reads files (ast and plain text), in whatever folders
they lie. The lines of a function are counted from its `def` to its end, its docstring among them.
"""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import mean, median, quantiles

ROOT = Path(__file__).parent.parent
ROUTES = {"get", "post", "put", "patch", "delete", "route"}
MOCKS = {"patch", "Mock", "MagicMock", "setattr", "setitem"}
CUTE = {"it", "nor", "and", "so"}
MANY_PARAMETERS = 6
LONG_MODULE = 250  # lines

Def = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Place:
    """Something counted: how much, and where it stands."""

    size: float
    where: str


@dataclass(frozen=True)
class Function:
    """A function, the file it is in (from the root), and whether it is part of what a module offers."""

    node: Def
    file: str
    public: bool

    @property
    def lines(self) -> int:
        return self.node.end_lineno - self.node.lineno + 1

    @property
    def where(self) -> str:
        return f"{self.file}:{self.node.lineno} {self.node.name}"

    @property
    def parameters(self) -> list[ast.arg]:
        found = self.node.args
        every = [*found.posonlyargs, *found.args, *found.kwonlyargs]
        return [each for each in every if each.arg not in ("self", "cls")]


@dataclass(frozen=True)
class Anchor:
    """What the eight have: the best of them, or the range from their best to their worst. `why` says what is to be
    said for a tree that is behind all of them."""

    best: float
    last: float | None = None
    more_is_better: bool = False
    why: str = "no reason is known: it is asking to be repaired"


# Counted once, in the trees of Healthchecks, Warehouse, Datasette, SecureDrop, Cosmic Python, Fizzy, Campfire and
# Lobsters.
ANCHORS = {
    "lines of a function, median": Anchor(7),
    "lines of a view, median": Anchor(
        8, why="a template gets its values by name, each on a line of its own where they are many"
    ),
    "actions with six or more parameters": Anchor(
        0,
        6,
        why="what a form or a file says arrives value by value, where a noun would carry it; no good reason",
    ),
    "functions with types": Anchor(100, more_is_better=True),
    "public functions with a docstring": Anchor(
        75,
        more_is_better=True,
        why="a docstring stands where the signature leaves a question; many leave none",
    ),
    "template lines longer than 160 characters": Anchor(
        1, 4, why="written to have few lines, which is long to read and bad to compare; no good reason"
    ),
    "CSS rules that stand on one line": Anchor(
        0, 19, why="written to have few lines; a declaration a line is easier to compare; no good reason"
    ),
    "lines of a test, median": Anchor(5, why="a test tells a short story of two people, not of one function"),
    "asserts in a test, median": Anchor(1),
    "mocks in a test, mean": Anchor(0.02),
    "words in a test's name, median": Anchor(
        3,
        4,
        why="names are sentences that say the rule, so that a red one explains itself; past ten words it is a habit",
    ),
    "tests whose name begins with it, nor, and, so": Anchor(
        0, why="they go on from the test above and cannot be read alone; no good reason"
    ),
    "select( outside feedback/store and feedback/pages": Anchor(
        0,
        why="the locks of db/locks.py, which hold any row by its key; ruff refuses others",
    ),
}


@dataclass(frozen=True)
class Row:
    """A line of the table; `place` is the worst of what was counted, None where there is none."""

    what: str
    ours: float
    place: Place | None = None
    unit: str = ""

    @property
    def anchor(self) -> Anchor | None:
        return ANCHORS.get(self.what)

    @property
    def behind(self) -> bool:
        """Whether this tree is worse than every anchor."""
        anchor = self.anchor
        if anchor is None:
            return False
        edge = anchor.best if anchor.last is None else anchor.last
        return self.ours < edge if anchor.more_is_better else self.ours > edge


def main() -> None:
    """Print the table, and the reasons under it."""
    rows = [*code(), *pages(), *tests(), *modules()]
    print(f"{'':50}{'ours':>9}  {'anchors':<14}worst, and where")
    for row in rows:
        place = f"{_number(row.place.size)}  {row.place.where}" if row.place else ""
        print(f"{row.what:50}{_number(row.ours) + row.unit:>9}  {_anchors(row):<14}{place}".rstrip())
    for row in rows:
        if row.behind:
            print(f"\n{row.what}: {row.anchor.why}.")


def code() -> Iterator[Row]:
    """Functions of the product."""
    every = functions("feedback")
    lines = [each.lines for each in every]
    longest = worst((each.lines, each.where) for each in every)
    yield Row("lines of a function, median", median(lines), longest)
    yield Row("lines of a function, 95 of 100 are shorter", quantiles(lines, n=20)[-1])
    views = [each for each in every if is_view(each)]
    longest = worst((each.lines, each.where) for each in views)
    yield Row("lines of a view, median", median(each.lines for each in views), longest)
    actions = [each for each in every if "actions" in Path(each.file).parts]
    many = [each for each in actions if len(each.parameters) >= MANY_PARAMETERS]
    most = worst((len(each.parameters), each.where) for each in actions)
    yield Row("actions with six or more parameters", share(many, actions), most, "%")
    typed = [each for each in every if is_typed(each)]
    first = next((Place(1, each.where) for each in every if not is_typed(each)), None)
    yield Row("functions with types", share(typed, every), first, "%")
    public = [each for each in every if each.public]
    told = [each for each in public if ast.get_docstring(each.node)]
    longest = worst((each.lines, each.where) for each in public if not ast.get_docstring(each.node))
    yield Row("public functions with a docstring", share(told, public), longest, "%")


def pages() -> Iterator[Row]:
    """Templates and style sheets."""
    lines = [
        Place(len(line), f"{path.relative_to(ROOT)}:{number}")
        for path in files("templates", "*.*")
        for number, line in enumerate(path.read_text().splitlines(), 1)
    ]
    for limit in (160, 120):
        long = [each for each in lines if each.size > limit]
        longest = max(lines, key=lambda each: each.size)
        yield Row(f"template lines longer than {limit} characters", share(long, lines), longest, "%")
    rules = [rule for path in files("static", "*.css") for rule in css_rules(path)]
    flat = [place for place, one_line in rules if one_line]
    yield Row("CSS rules that stand on one line", share(flat, rules), worst_of(flat), "%")


def tests() -> Iterator[Row]:
    """Tests, as long as they are and as they are called."""
    every = [each for each in functions("tests") if each.node.name.startswith("test_")]
    longest = worst((each.lines, each.where) for each in every)
    yield Row("lines of a test, median", median(each.lines for each in every), longest)
    asserts = [(count(each, is_assert), each.where) for each in every]
    yield Row("asserts in a test, median", median(n for n, _ in asserts), worst(asserts))
    mocks = [(count(each, is_mock), each.where) for each in every]
    yield Row("mocks in a test, mean", mean(n for n, _ in mocks), worst(mocks))
    words = [(each.node.name.count("_"), each.where) for each in every]
    yield Row("words in a test's name, median", median(n for n, _ in words), worst(words))
    cute = [each for each in every if each.node.name.split("_")[1] in CUTE]
    first = next((Place(1, each.where) for each in cute), None)
    yield Row("tests whose name begins with it, nor, and, so", len(cute), first)


def modules() -> Iterator[Row]:
    """Files of the product, and where its queries are."""
    sizes = [
        (len(path.read_text().splitlines()), str(path.relative_to(ROOT))) for path in sources("feedback")
    ]
    long = [n for n, _ in sizes if n > LONG_MODULE]
    yield Row(f"modules longer than {LONG_MODULE} lines", len(long), worst(sizes))
    outside = [
        (len(selects(path)), str(path.relative_to(ROOT)))
        for path in sources("feedback")
        if not {"store", "pages"} & set(path.relative_to(ROOT).parts)
    ]
    yield Row("select( outside feedback/store and feedback/pages", sum(n for n, _ in outside), worst(outside))


def files(folder: str, pattern: str) -> list[Path]:
    """The files of a folder and all below it, in order."""
    return sorted(path for path in (ROOT / folder).rglob(pattern) if path.is_file())


def sources(folder: str) -> list[Path]:
    """Python that people write: migrations are written once and never read again."""
    return [path for path in files(folder, "*.py") if "migrations" not in path.parts]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def functions(folder: str) -> list[Function]:
    """Every function and method in the Python files of a folder."""
    return [
        each for path in sources(folder) for each in inside(parsed(path), str(path.relative_to(ROOT)), True)
    ]


def inside(node: ast.AST, file: str, public: bool) -> Iterator[Function]:
    """The functions within `node`, at any depth. What stands in a function or in a private class is private."""
    for child in ast.iter_child_nodes(node):
        open_ = public and not getattr(child, "name", "").startswith("_")
        if isinstance(child, Def):
            yield Function(child, file, open_)
            yield from inside(child, file, False)
        else:
            yield from inside(child, file, open_)


def is_view(function: Function) -> bool:
    """Whether a blueprint's route decorates it."""
    return any(
        isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute) and each.func.attr in ROUTES
        for each in function.node.decorator_list
    )


def is_typed(function: Function) -> bool:
    return function.node.returns is not None and all(each.annotation for each in function.parameters)


def is_assert(node: ast.AST) -> bool:
    return isinstance(node, ast.Assert)


def is_mock(node: ast.AST) -> bool:
    """Whether it puts something false in the place of something true: a mock, or monkeypatch.setattr."""
    name = node.func if isinstance(node, ast.Call) else None
    return getattr(name, "attr", getattr(name, "id", "")) in MOCKS


def selects(path: Path) -> list[ast.Call]:
    """The calls of `select` in a file."""
    calls = (node for node in ast.walk(parsed(path)) if isinstance(node, ast.Call))
    return [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "select"]


def css_rules(path: Path) -> Iterator[tuple[Place, bool]]:
    """Each innermost rule of a style sheet with its length, and whether it stands on one line."""
    text = re.sub(r"/\*.*?\*/", lambda found: re.sub(r"[^\n]", " ", found[0]), path.read_text(), flags=re.S)
    for found in re.finditer(r"([^{};]+)(\{[^{}]*\})", text):
        line = text.count("\n", 0, found.start(2)) + 1
        yield Place(len(found[0].strip()), f"{path.relative_to(ROOT)}:{line}"), "\n" not in found[2]


def count(function: Function, wanted: Callable[[ast.AST], bool]) -> int:
    """How many nodes of a function are `wanted`."""
    return sum(wanted(node) for node in ast.walk(function.node))


def share(some: list, every: list) -> float:
    """`some` of `every`, in percent."""
    return 100 * len(some) / len(every) if every else 0


def worst(sized: Iterable[tuple[float, str]]) -> Place | None:
    """The largest of (size, where), the first of equals; None when none has a size."""
    return worst_of([Place(size, where) for size, where in sized])


def worst_of(places: list[Place]) -> Place | None:
    """The same of places."""
    found = max(places, key=lambda each: each.size, default=None)
    return found if found and found.size else None


def _number(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".") if number < 1 else f"{number:.1f}".removesuffix(".0")


def _anchors(row: Row) -> str:
    if row.anchor is None:
        return "-"
    last = "" if row.anchor.last is None else f" to {row.anchor.last:g}"
    return f"{row.anchor.best:g}{last}{row.unit}"


if __name__ == "__main__":
    main()
