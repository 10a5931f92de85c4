"""The pages of a shared tablet: one's PIN, and taking over with it."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from crm_project.core.accounts.models import QuickPin, User, as_user
from crm_project.core.accounts.quick_switch import (
    LONGEST_PIN,
    PinRefused,
    drop_pin,
    knows_password,
    make_room,
    may_take_over,
    set_pin,
    take_over,
    weakness_of,
)
from crm_project.core.accounts.screen_lock import is_locked
from crm_project.core.ui.htmx import render_page

PIN = forms.PasswordInput(
    attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": LONGEST_PIN, "pattern": "[0-9]*"}
)


class PinForm(forms.Form):
    """A PIN of one's own, under one's password."""

    password = forms.CharField(
        label=gettext_lazy("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    pin = forms.CharField(
        label=gettext_lazy("New PIN"),
        widget=PIN,
        help_text=gettext_lazy("4 to 8 digits. It takes over a tablet where you have signed in today, nothing else."),
    )
    again = forms.CharField(label=gettext_lazy("New PIN once more"), widget=PIN)

    def __init__(self, *args: object, request: HttpRequest, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.request = request

    def clean_pin(self) -> str:
        """Digits that are not the first ones guessed."""
        pin: str = self.cleaned_data["pin"]
        if weakness := weakness_of(pin):
            raise forms.ValidationError(weakness)
        return pin

    def clean_again(self) -> str:
        """The same digits."""
        again: str = self.cleaned_data["again"]
        if "pin" in self.cleaned_data and again != self.cleaned_data["pin"]:
            raise forms.ValidationError(_("The two PINs are not the same."))
        return again

    def clean_password(self) -> str:
        """One's own password."""
        password: str = self.cleaned_data["password"]
        user = as_user(self.request.user)
        if not knows_password(self.request, user, password):
            raise forms.ValidationError(_("This is not the password of %(name)s."), params={"name": str(user)})
        return password


class TakeOverForm(forms.Form):
    """Who goes on, and their PIN."""

    person = forms.TypedChoiceField(label=gettext_lazy("Who goes on"), coerce=int, widget=forms.RadioSelect)
    pin = forms.CharField(label=gettext_lazy("PIN"), widget=PIN, max_length=LONGEST_PIN)

    def __init__(self, *args: object, people: list[User], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choices = self.fields["person"]
        choices.choices = [(user.pk, str(user)) for user in people]  # type: ignore[attr-defined]


@sensitive_post_parameters("password", "pin", "again")
@require_http_methods(["GET", "POST"])
def pin(request: HttpRequest) -> HttpResponse:
    """Set one's PIN, or do without it."""
    user = as_user(request.user)
    if request.POST.get("op") == "drop":
        drop_pin(user=user)
        messages.success(request, _("You have no PIN any more."))
        return redirect("accounts:pin")
    form = PinForm(request.POST if request.method == "POST" else None, request=request)
    if form.is_bound and form.is_valid():
        set_pin(user=user, pin=form.cleaned_data["pin"])
        messages.success(request, _("Your PIN is set."))
        return redirect("accounts:pin")
    context = {"form": form, "has_pin": QuickPin.objects.filter(user=user).exists()}
    return render_page(request, "accounts/pin.html", context, status=422 if form.is_bound else 200)


@sensitive_post_parameters("pin")
@require_http_methods(["GET", "POST"])
def switch(request: HttpRequest) -> HttpResponse:
    """Somebody else goes on at this tablet: name and PIN, then their own start page; or the password, once a shift."""
    if request.POST.get("op") == "another":
        make_room(request)
        return redirect("account_login")
    people = may_take_over(request)
    form = TakeOverForm(request.POST if request.method == "POST" else None, people=people)
    if form.is_bound and form.is_valid():
        try:
            user = take_over(request, user_id=form.cleaned_data["person"], pin=form.cleaned_data["pin"])
        except PinRefused as refused:
            if refused.is_closed:
                people = may_take_over(request)
                form.add_error(None, str(refused))
            else:
                form.add_error("pin", str(refused))
        else:
            messages.success(request, _("Now %(name)s works here.") % {"name": user})
            return redirect("home")
    context = {"form": form, "people": people, "is_locked": is_locked(request)}
    return render_page(request, "accounts/switch.html", context, status=422 if form.is_bound else 200)
