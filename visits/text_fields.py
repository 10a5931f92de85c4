"""Form fields of the floor and the kitchen."""

from typing import Any

from customers.fields import TidyField


class WholeTextField(TidyField):
    """A text that is refused when it is too long. A browser told of the length would cut what is pasted in silence."""

    def widget_attrs(self, widget: Any) -> dict[str, Any]:
        """What the browser is told, without the length."""
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}
