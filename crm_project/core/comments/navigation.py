"""The menu entry 返事待ち and its count."""


def register() -> None:
    """Called once, when the app is ready."""
