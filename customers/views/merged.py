"""Old addresses of cards that were merged lead to the card that took them in."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from crm_project.core.accounts.models import as_user
from customers.models import Customer

View = Callable[..., HttpResponseBase]


def follows_merges(view: View) -> View:
    """Where a view knows no such guest, ask whether the card was merged: pages move on to the card that stands for it.

    A form that was opened before is answered for that card; its version is an old one there, so nothing is overwritten.
    """

    @wraps(view)
    def following(request: HttpRequest, pk: int, **rest: Any) -> HttpResponseBase:
        try:
            return view(request, pk=pk, **rest)
        except Http404:
            holder = Customer.objects.visible_to(as_user(request.user)).standing_for(pk).exclude(pk=pk).first()
            if holder is None:
                raise
        if request.method == "POST":
            return view(request, pk=holder.pk, **rest)
        match = request.resolver_match
        assert match is not None  # the request came by an address
        query = f"?{request.META['QUERY_STRING']}" if request.META.get("QUERY_STRING") else ""
        moved: HttpResponseBase = redirect(match.view_name, **{**rest, "pk": holder.pk})
        moved["Location"] += query
        return moved

    return following
