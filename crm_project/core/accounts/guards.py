"""Guards of views: a right is asked for before anything is fetched."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from crm_project.core.rights import Right

View = Callable[Concatenate[HttpRequest, ...], HttpResponseBase]


def right_required(*rights: Right) -> Callable[[View], View]:
    """Answer 403 unless the person holds one of the rights at some venue. Which venue is the fetch's business."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not any(request.user.has_right(right) for right in rights):  # type: ignore[union-attr]
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate
