"""Everything is behind the door: each address of the project is asked for by nobody at all."""

import pytest
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

pytestmark = pytest.mark.django_db

# What somebody who is not signed in may reach, and why.
OPEN_DOORS = {
    "healthz",  # the supervisor asks for it
    "set_language",  # the switch on the sign-in page
    "choose_language",
    "set_theme",
    "account_login",
    "account_logout",  # leads to the sign-in page
    "account_signup",  # says that nobody registers alone
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_confirm_email",
    "account_email_verification_sent",
    "account_confirm_login_code",
    "account_request_login_code",
    "admin:login",
}
EXAMPLES = {"int": "1", "uuid": "11111111-1111-4111-8111-111111111111", "slug": "word", "str": "word", "path": "word"}


def walk(resolver: URLResolver, path: str = "/", namespace: str = "") -> list[tuple[str, str]]:
    """(name, an address) of every pattern; addresses with regular expressions of other packages are left to those."""
    found = []
    for pattern in resolver.url_patterns:
        route = str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            found += walk(pattern, path + route, inner)
        elif isinstance(pattern, URLPattern) and not route.startswith("^") and not route.startswith("(?"):
            for converter in pattern.pattern.converters:
                kind = type(pattern.pattern.converters[converter]).__name__.removesuffix("Converter").lower()
                for written in (f"<{kind}:{converter}>", f"<{converter}>"):
                    route = route.replace(written, EXAMPLES[kind if kind != "string" else "str"])
            found.append((f"{namespace}{pattern.name}", path + route))
    return found


def lists() -> list[str]:
    """Names of the house's own addresses that name no single record."""
    names = {name for name, _ in walk(get_resolver()) if not name.startswith(("admin:", "account_"))}
    return sorted(name for name in names if wants_no_argument(name))


def wants_no_argument(name: str) -> bool:
    """Whether the address wants no argument."""
    try:
        reverse(name)
    except NoReverseMatch:
        return False
    return True


ADDRESSES = sorted({(name, address) for name, address in walk(get_resolver()) if name not in OPEN_DOORS})


def test_the_walk_sees_the_house():
    names = {name for name, _ in ADDRESSES}
    assert {"home", "accounts:people", "audit:list", "comments:unanswered", "deals:card", "jobs:progress"} <= names
    assert all("<" not in address for _, address in ADDRESSES)


@pytest.mark.parametrize(("name", "address"), ADDRESSES, ids=[name for name, _ in ADDRESSES])
def test_nobody_gets_in_without_signing_in(client, name, address):
    for response in (client.get(address), client.post(address)):
        if response.status_code in (404, 405):
            continue
        assert response.status_code == 302, f"{name}: {response.status_code}"
        assert "/sign-in/login/" in response.url or "/admin/login/" in response.url, f"{name} leads to {response.url}"
