"""Two people changed the same thing: what stands now is shown, what was typed stays, sending again writes over it."""

from typing import Any

from crm_project.core.audit.history import in_words_of
from crm_project.core.audit.services import snapshot
from visits.setting_forms import SettingForm


def what_stands(form: SettingForm, row: Any) -> list[tuple[str, str]]:
    """(label, words) of every field that is stored differently from what was typed; the form now knows the version."""
    now = type(row).objects.get(pk=row.pk)
    names = [name for name in form._meta.fields or () if name in form.fields]
    typed, stands = snapshot(form.instance, names), snapshot(now, names)
    data: Any = form.data.copy()  # type: ignore[attr-defined]
    data["version"] = str(now.version)
    form.data = data
    return [in_words_of(type(row), name, stands[name]) for name in names if typed[name] != stands[name]]
