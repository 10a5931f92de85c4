"""Form fields of the floor and the kitchen."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from customers.fields import TidyField


class WholeTextField(TidyField):
    """A text that is refused when it is too long. A browser told of the length would cut what is pasted in silence."""

    def __init__(self, **kwargs: Any) -> None:
        too_long = _("%(show_value)s signs are too many: write it in %(limit_value)s at most.")
        kwargs["error_messages"] = {"max_length": too_long} | kwargs.get("error_messages", {})
        super().__init__(**kwargs)

    def widget_attrs(self, widget: Any) -> dict[str, Any]:
        """What the browser is told, without the length."""
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}
