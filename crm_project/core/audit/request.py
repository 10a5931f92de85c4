"""The request behind an audit entry. A context variable, so that services need no `request`."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """Where an action came from: the request's id and the client's address (None in jobs and on the command line)."""

    request_id: str = ""
    ip_address: str | None = None


origin: ContextVar[Origin] = ContextVar("audit_origin", default=Origin())  # noqa: B039 - frozen
