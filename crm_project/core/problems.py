"""The sentence a person reads when what was typed or uploaded cannot be used."""

from collections.abc import Mapping

from django.utils.functional import Promise


class InputProblem(ValueError):
    """Something a person wrote cannot be used; `str()` is one sentence in the language active at that moment.

    `message` is marked for translation with %(name)s places, `params` fills them.
    """

    def __init__(self, message: str | Promise, params: Mapping[str, object] | None = None) -> None:
        super().__init__(message, params)
        self.message = message
        self.params = dict(params or {})

    def __str__(self) -> str:
        return str(self.message) % self.params if self.params else str(self.message)
