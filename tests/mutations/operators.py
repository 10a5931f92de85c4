"""The small faults: which ones a source text can have. Pure; a mutant is a changed syntax tree."""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Div,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
FUNCTIONS = {"min": "max", "max": "min", "any": "all", "all": "any"}
METHODS = {
    "strip": "lstrip",
    "lstrip": "rstrip",
    "rstrip": "lstrip",
    "startswith": "endswith",
    "endswith": "startswith",
    "removeprefix": "removesuffix",
    "removesuffix": "removeprefix",
    "fullmatch": "match",
    "match": "search",
    "upper": "lower",
}
METHODS |= {latter: former for former, latter in METHODS.items() if latter not in METHODS}
# The sentences themselves are a matter of the catalogue; when each is said is a matter of the tests.
TRANSLATORS = frozenset({"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext_lazy"})
# `zip(..., strict=True)` watches over tables that stand as they are.
GUARDS = frozenset({"strict"})
TABLE = 4
SHOWN = 100  # characters of a mutant's text: longer ones are tables


@dataclass(frozen=True)
class Mutant:
    """A source with one fault: where, what stood there, what stands there now, and the code to run.

    `function` is the outermost function or method around the fault, "" on the level of the module or a class.
    """

    function: str
    line: int
    before: str
    after: str
    code: CodeType

    @property
    def text(self) -> str:
        """What is changed, as one line."""
        return f"{self.before} -> {self.after}"


@dataclass(frozen=True)
class _Place:
    """Where a node hangs: `holder.field`, or `holder.field[index]`."""

    holder: ast.AST
    field: str
    index: int | None

    def put(self, node: Any) -> None:
        if self.index is None:
            setattr(self.holder, self.field, node)
        else:
            getattr(self.holder, self.field)[self.index] = node


def mutants_of(source: str, filename: str, *, functions: frozenset[str] = frozenset()) -> Iterator[Mutant]:
    """Every mutant of the source, or of these functions and methods (`Class.method`) only."""
    tree = ast.parse(source, filename)
    for place, node, function, shown in list(_walk(tree)):
        if functions and function not in functions:
            continue
        before = _text(shown)
        for replacement in _replacements(node, in_function=bool(function)):
            ast.copy_location(replacement, node)
            place.put(replacement)
            ast.fix_missing_locations(tree)
            after = _text(replacement if shown is node else shown)
            if after != before:
                yield Mutant(
                    function, getattr(node, "lineno", 0), *_shortened(before, after), compile(tree, filename, "exec")
                )
            place.put(node)


def _walk(tree: ast.Module) -> Iterator[tuple[_Place, Any, str, ast.AST]]:
    """Every node that may be replaced: its place, its function, and the expression by which it is shown."""

    def below(node: ast.AST, scope: str, outer: str, shown: ast.AST) -> Iterator[tuple[_Place, Any, str, ast.AST]]:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            scope = f"{scope}.{node.name}" if scope else node.name
        for field, value in ast.iter_fields(node):
            if _not_code(node, field):
                continue
            # Defaults are worked out where the function is defined.
            function = outer or (scope if isinstance(node, ast.FunctionDef) and field == "body" else "")
            for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if not isinstance(child, ast.AST) or _is_docstring(child) or _is_for_types_only(child):
                    continue
                if _is_of_a_table(node, child, function):
                    continue
                # A number or an operator says little alone: it is shown with what it stands in.
                small = not isinstance(child, ast.expr | ast.stmt) or isinstance(child, ast.Constant | ast.Name)
                at = shown if small and isinstance(shown, ast.expr) else child
                yield _Place(node, field, index), child, function, at
                yield from below(child, scope, function, at)

    return below(tree, "", "", tree)


def _is_of_a_table(node: ast.AST, child: ast.AST, function: str) -> bool:
    """A word of a table: a test could only repeat it. In a function, only what is long enough to be called a table."""
    match node:
        case ast.Dict(values=words) | ast.List(elts=words) | ast.Set(elts=words) | ast.Tuple(elts=words):
            is_table = not function or len(words) > TABLE
            return is_table and isinstance(child, ast.Constant) and isinstance(child.value, str)
    return False


def _not_code(node: ast.AST, field: str) -> bool:
    """Types, decorators, bases and sentences to translate."""
    if field in ("annotation", "returns", "decorator_list", "bases", "ctx", "type_params"):
        return True
    if isinstance(node, ast.keyword):
        return node.arg in GUARDS
    called = node.func if isinstance(node, ast.Call) else None
    return isinstance(called, ast.Name) and called.id in TRANSLATORS


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _replacements(node: Any, *, in_function: bool) -> Iterator[Any]:
    """What may stand in place of the node."""
    match node:
        case ast.Compare():
            for index, operator in enumerate(node.ops):
                for other in COMPARISONS[type(operator)]:
                    yield _changed(node, ops=[*node.ops[:index], other(), *node.ops[index + 1 :]])
        case ast.BoolOp():
            yield _changed(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
            for index in range(len(node.values)):
                rest = [*node.values[:index], *node.values[index + 1 :]]
                yield rest[0] if len(rest) == 1 else _changed(node, values=rest)
        case ast.BinOp() if type(node.op) in ARITHMETIC:
            yield _changed(node, op=ARITHMETIC[type(node.op)]())
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.IfExp():
            yield from (node.body, node.orelse)
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
        case ast.Constant(value=str(value)):
            yield ast.Constant(value[:-1] if len(value) > 1 else value + "X")
        case ast.Name(id=name) if name in FUNCTIONS:
            yield _changed(node, id=FUNCTIONS[name])
        case ast.Attribute(attr=name) if name in METHODS:
            yield _changed(node, attr=METHODS[name])
        case ast.Slice():
            yield from (_changed(node, **{side: None}) for side in ("lower", "upper") if getattr(node, side))
        case ast.comprehension(ifs=[_, *_]):
            yield _changed(node, ifs=[])
        case ast.Call(keywords=[_, *_]):
            for index, keyword in enumerate(node.keywords):
                if keyword.arg in GUARDS:
                    continue
                yield _changed(node, keywords=[*node.keywords[:index], *node.keywords[index + 1 :]])
        case ast.If() | ast.While():
            if not isinstance(node.test, ast.Compare | ast.BoolOp | ast.UnaryOp):
                yield _changed(node, test=ast.UnaryOp(ast.Not(), node.test))
        case ast.Return(value=ast.expr()) if not (isinstance(node.value, ast.Constant) and node.value.value is None):
            yield ast.Return(ast.Constant(None))
        case ast.Break():
            yield ast.Continue()
        case ast.Expr() | ast.Assign() | ast.AugAssign() | ast.Raise() | ast.Continue() if in_function:
            yield ast.Pass()


def _changed(node: Any, **fields: Any) -> Any:
    changed = copy.copy(node)
    for field, value in fields.items():
        setattr(changed, field, value)
    return changed


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.If | ast.While):
        return f"{'if' if isinstance(node, ast.If) else 'while'} {ast.unparse(node.test)}"
    return " ".join(ast.unparse(node).split())


def _shortened(before: str, after: str) -> tuple[str, str]:
    """Both texts around the first difference."""
    if max(len(before), len(after)) <= SHOWN:
        return before, after
    differs = next((at for at, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), len(after))
    start = max(differs - SHOWN // 2, 0)
    return before[start : start + SHOWN], after[start : start + SHOWN]
