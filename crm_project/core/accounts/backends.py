"""Who is signed in: allauth's check of name and password, and a cheap look at who comes back with a session."""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.base_user import AbstractBaseUser

from crm_project.core.accounts.models import User
from crm_project.core.statements import read_row


class HouseBackend(AuthenticationBackend):
    """Signs people in as allauth does."""

    def get_user(self, user_id: int | str) -> AbstractBaseUser | None:
        """The person of a session, None when they left. Written out, for every request asks it."""
        user = read_row(User, user_id)
        return user if user is not None and self.user_can_authenticate(user) else None
