"""Plant a mutant in a module that is already imported, so that everybody who imported from it meets the fault."""

import sys
from types import CodeType, FunctionType, MemberDescriptorType, ModuleType
from typing import Any


def plant(module: ModuleType, code: CodeType, function: str) -> None:
    """Put the mutated code in place: of one function or method, or ("") of all that the module defines, constants too.

    Functions keep their identity and get the new code. Raises whatever the mutated module raises when it is run.
    """
    if function:
        _code_holder(module, function).__code__ = _code_of(code, function)
        return
    fresh: dict[str, Any] = {**{name: value for name, value in vars(module).items() if name.startswith("__")}}
    exec(code, fresh)
    for name, value in fresh.items():
        former = vars(module).get(name)
        if name.startswith("__") or value is former:
            continue
        if _belongs_to(value, module) and isinstance(value, type):
            _graft_class(former, value)
        elif isinstance(inner := _function_in(value), FunctionType) and _belongs_to(inner, module):
            _graft_function(former, inner)
        else:
            setattr(module, name, value)
            _hand_on(name, former, value)


def _hand_on(name: str, former: object, value: object) -> None:
    """Give the new constant to those who imported the former one."""
    for other in list(sys.modules.values()):
        if getattr(other, "__dict__", {}).get(name) is former and former is not None:
            setattr(other, name, value)


def _belongs_to(value: Any, module: ModuleType) -> bool:
    return getattr(value, "__module__", None) == module.__name__


def _function_in(value: Any) -> Any:
    """The function itself, under lru_cache, contextmanager, property, classmethod and their like."""
    while not isinstance(value, FunctionType):
        inner = getattr(value, "__wrapped__", None) or getattr(value, "fget", None) or getattr(value, "__func__", None)
        if inner is None:
            return value
        value = inner
    return getattr(value, "__wrapped__", value)


def _graft_class(former: Any, fresh: type) -> None:
    for name, value in vars(fresh).items():
        inner = _function_in(value)
        if isinstance(inner, FunctionType) and name in vars(former):
            _graft_function(vars(former)[name], inner)
        elif not (name.startswith("__") or isinstance(value, MemberDescriptorType)):
            setattr(former, name, value)


def _graft_function(former: Any, fresh: FunctionType) -> None:
    """Raises ValueError when the fresh code sees other variables around it, as after the loss of a super() call."""
    target = _function_in(former)
    target.__code__ = fresh.__code__
    target.__defaults__ = fresh.__defaults__
    target.__kwdefaults__ = fresh.__kwdefaults__


def _code_holder(module: ModuleType, function: str) -> Any:
    *classes, name = function.split(".")
    scope: Any = module
    for outer in classes:
        scope = getattr(scope, outer)
    return _function_in(vars(scope)[name])


def _code_of(code: CodeType, function: str) -> CodeType:
    """The code object of a function in that of its module."""
    for part in function.split("."):
        code = next(inner for inner in code.co_consts if isinstance(inner, CodeType) and inner.co_name == part)
    return code
