"""Photos of a visit: added, shown to who may read its check sheet, removed."""

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import User, as_user
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from visits.models import Visit, VisitPhoto
from visits.photo_form import PhotoForm
from visits.services.photos import add_photo, remove_photo


@right_required(Right.LOG_VISITS)
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """One more photo: what it shows; of people, who consented and when."""
    user = as_user(request.user)
    visit = get_object_or_404(_logged(user).select_related("venue", "room"), pk=pk)
    sent = request.method == "POST"
    form = PhotoForm(request.POST if sent else None, request.FILES if sent else None)
    if form.is_bound and form.is_valid():
        values = dict(form.cleaned_data)
        upload: UploadedFile = values.pop("file")
        try:
            add_photo(visit=visit, by=user, upload=upload, **values)
        except InputProblem as problem:
            form.add_error("file", str(problem))
        else:
            messages.success(request, _("The photo is kept."))
            return redirect(f"{reverse('visits:detail', args=[visit.pk])}#photos")
    context = {"form": form, "visit": visit}
    return render_page(request, "visits/photo_form.html", context, status=422 if form.is_bound else 200)


@require_GET
def photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The picture itself, for who may read the check sheet of its visit; never kept by a browser or proxy."""
    user = as_user(request.user)
    found = get_object_or_404(VisitPhoto.objects.visible_to(user), pk=pk)
    try:
        content = found.file.open("rb")
    except FileNotFoundError as gone:
        raise Http404 from gone
    response = FileResponse(content, content_type="image/jpeg")
    response["Content-Disposition"] = f'inline; filename="photo-{found.pk}.jpg"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@right_required(Right.LOG_VISITS)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a photo away for good."""
    user = as_user(request.user)
    found = get_object_or_404(VisitPhoto.objects.select_related("visit").filter(visit__in=_logged(user)), pk=pk)
    remove_photo(photo=found, by=user)
    messages.success(request, _("The photo is removed."))
    return redirect(f"{reverse('visits:detail', args=[found.visit_id])}#photos")


def _logged(user: User) -> QuerySet[Visit]:
    return Visit.objects.visible_to(user).filter(venue__in=user.venues_with(Right.LOG_VISITS))
