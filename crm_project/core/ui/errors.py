"""Kind pages for what goes wrong, in the reader's language; none of them asks the database."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string


def error_page(request: HttpRequest, status: int) -> HttpResponse:
    """The page of a status (templates/<status>.html); only the request's cookies are read."""
    return HttpResponse(render_to_string(f"{status}.html", {"request": request, "status": status}), status=status)


@login_not_required
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the address or the form says something we cannot read."""
    return error_page(request, 400)


@login_not_required
def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: this person may not open that page."""
    return error_page(request, 403)


@login_not_required
def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: there is nothing at this address."""
    return error_page(request, 404)


@login_not_required
def content_too_large(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """413: the upload is over the limit."""
    return error_page(request, 413)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault."""
    return error_page(request, 500)
