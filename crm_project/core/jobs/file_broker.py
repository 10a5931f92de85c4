"""The broker of files for houses without Redis: kombu's own, but nobody ever reads a file that is still being written.

kombu opens a message's file under its final name and then fills it. A worker that polls in between reads nothing, loses
the message and ends ("Unrecoverable error: JSONDecodeError").
"""

import os
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """A channel whose files appear whole. Raises OSError when the folder cannot be written."""

    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:  # type: ignore[override]
        # Named as kombu names them: messages are read in this order.
        name = f"{round(monotonic() * 1000)}_{uuid4()}.{queue}.msg"
        _write_apart(Path(self.data_folder_out, name), dumps(payload)).replace(Path(self.data_folder_out, name))

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str | None, queue: str) -> None:
        bindings = self.control_folder / f"{exchange}.exchange"
        if not bindings.exists():
            apart = _write_apart(bindings, "[]")
            try:
                os.link(apart, bindings)  # unlike a renaming, it leaves alone what another process made meanwhile
            except FileExistsError:
                pass
            finally:
                apart.unlink()
        super()._queue_bind(exchange, routing_key, pattern, queue)


class Transport(filesystem.Transport):
    """`filesystem` with the channel above."""

    Channel = Channel


def _write_apart(path: Path, text: str) -> Path:
    """Write what shall stand at the path beside it, under a name that no reader looks for."""
    apart = path.with_name(f"{path.name}.{uuid4()}.part")
    apart.write_text(text, encoding="utf-8")
    return apart
