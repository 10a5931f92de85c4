"""Components: declared props only, and fields that say what they want."""

from types import SimpleNamespace

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import translation

from crm_project.core.ui.components import COMPONENTS
from crm_project.core.ui.paging import CursorPage, NumberedPage


class GuestForm(forms.Form):
    name = forms.CharField(help_text="As the guest writes it")
    kana = forms.CharField(required=False)
    purpose = forms.ChoiceField(widget=forms.RadioSelect, choices=[("business", "接待"), ("private", "私用")])
    agreed = forms.BooleanField()


def render(source: str, **context: object) -> str:
    with translation.override("en"):
        return Template(source).render(Context({"request": RequestFactory().get("/guests/?q=a&page=1"), **context}))


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("{% ui 'sparkle' %}", "no component 'sparkle'"),
        ("{% ui 'tag' label='x' colour='red' %}", "has no colour"),
        ("{% ui 'tag' %}", "needs label"),
        ("{% ui 'tag' label='x' tone='red' %}", "not one of"),
        ("{% ui 'tag' 'x' %}", "name=value only"),
        ("{% ui tag label='x' %}", "name in quotes"),
        ("{% ui 'card' %}", "endcomponent"),
        ("{% component 'tag' label='x' %}{% endcomponent %}", "without content"),
        ("{% component 'card' %}{% slot 'cellar' %}{% endslot %}{% endcomponent %}", "slots once"),
        (
            "{% component 'card' %}{% slot 'corner' %}{% endslot %}{% slot 'corner' %}{% endslot %}{% endcomponent %}",
            "slots once",
        ),
    ],
)
def test_undeclared_use_is_refused_when_the_template_is_read(source, complaint):
    with pytest.raises(TemplateSyntaxError, match=complaint):
        Template(source)


def test_a_value_outside_its_choices_is_refused_when_it_is_only_known_later():
    with pytest.raises(TemplateSyntaxError, match="not one of"):
        render("{% ui 'tag' label='x' tone=tone %}", tone="red")


def test_a_slot_inside_another_tag_is_refused():
    with pytest.raises(TemplateSyntaxError, match="directly inside a component"):
        render("{% component 'card' %}{% if 1 %}{% slot 'corner' %}{% endslot %}{% endif %}{% endcomponent %}")


def test_content_and_slots_come_to_their_places():
    html = render(
        "{% component 'card' title='今夜' %}{% slot 'corner' %}<a>心得</a>{% endslot %}<b>{{ room }}</b>{% endcomponent %}",
        room="桔梗 & 萩",
    )
    assert "<h2>今夜</h2>" in html
    assert '<div class="card-corner"><a>心得</a></div>' in html
    assert "<b>桔梗 &amp; 萩</b>" in html


def test_a_component_sees_nothing_of_the_page_but_its_props():
    assert "leak" not in render("{% component 'card' %}{% endcomponent %}", title="leak")


def test_text_props_are_escaped():
    assert "<script" not in render("{% ui 'tag' label=label %}", label="<script>")


def test_every_component_has_a_template():
    for name in COMPONENTS:
        Template(f"{{% include 'ui/{name}.html' %}}")


def test_a_required_field_says_so_in_words_and_links_purpose_and_errors():
    html = render("{% ui 'field' field=form.name %}", form=GuestForm({"name": ""}))
    assert '<label for="id_name">Name <span class="must">Required</span></label>' in html
    assert '<p class="field-help" id="id_name_helptext">As the guest writes it</p>' in html
    assert '<ul class="field-errors" id="id_name_error">' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html


def test_the_mark_is_japanese_for_japanese_readers():
    with translation.override("ja"):
        html = Template("{% ui 'field' field=form.name %}").render(Context({"form": GuestForm()}))
    assert '<span class="must">必須</span>' in html


def test_an_optional_field_has_no_mark():
    html = render("{% ui 'field' field=form.kana help='Reading' %}", form=GuestForm())
    assert "must" not in html
    assert 'aria-describedby="id_kana_helptext"' in html


def test_choices_are_a_group_of_chips_with_a_name():
    html = render("{% ui 'field' field=form.purpose %}", form=GuestForm({"purpose": ""}))
    assert '<fieldset class="field field-wrong" aria-describedby="id_purpose_error">' in html
    assert "<legend>Purpose" in html
    assert html.count('class="chip"') == 2


def test_a_check_box_stands_before_its_label():
    html = render("{% ui 'field' field=form.agreed %}", form=GuestForm())
    assert html.index('type="checkbox"') < html.index("Agreed")


def test_the_error_summary_leads_to_each_field():
    html = render("{% ui 'form_fields' form=form %}", form=GuestForm({"name": ""}))
    assert 'role="alert"' in html
    assert '<a href="#id_name">Name</a>' in html


def test_an_alert_of_danger_is_announced_and_advice_is_not():
    assert 'role="alert"' in render("{% component 'alert' tone='danger' title='えび' %}{% endcomponent %}")
    assert "role=" not in render("{% component 'alert' tone='ask' %}x{% endcomponent %}")


def test_a_running_job_asks_again_and_a_finished_one_rests():
    source = (
        "{% component 'progress' state=state label='Import' done=3 total=12 poll_url='/jobs/1/' %}{% endcomponent %}"
    )
    running, done = render(source, state="running"), render(source, state="done")
    assert 'hx-get="/jobs/1/"' in running
    assert 'value="25"' in running
    assert "hx-get" not in done


def test_a_job_of_unknown_length_shows_no_number():
    html = render("{% component 'progress' state='running' label='x' done=3 total=none %}{% endcomponent %}", none=None)
    assert "value=" not in html


@pytest.mark.parametrize(("value", "length"), [(50, 50.0), (0, None), (-5, None), (1, 2.0), (500, 100.0), (None, None)])
def test_a_bar_stays_inside_its_drawing(value, length):
    html = render("{% ui 'bar' value=value maximum=100 %}", value=value)
    assert (f'<rect width="{length}"' in html) if length else "<rect" not in html


def test_the_pager_keeps_what_was_chosen():
    page: NumberedPage = NumberedPage(rows=[object()] * 50, number=2, last=3, total=120, capped=False, size=50)
    html = render("{% ui 'pager' page=page %}", page=page)
    assert 'href="?q=a&amp;page=1"' in html
    assert 'href="?q=a&amp;page=3"' in html
    assert "51–100 of 120" in html


def test_the_pager_of_a_cursor_offers_more_only_while_there_is_more():
    more: CursorPage = CursorPage(rows=[], next_cursor="abc")
    end: CursorPage = CursorPage(rows=[], next_cursor="")
    assert "after=abc" in render("{% ui 'pager' page=page %}", page=more)
    assert "href" not in render("{% ui 'pager' page=page %}", page=end)


def test_history_shows_before_and_after():
    entry = SimpleNamespace(
        who="山田", what="changed", at=None, changes=[SimpleNamespace(label="Phone", before="1", after="2")]
    )
    html = render("{% ui 'history' entries=entries %}", entries=[entry])
    assert "<dt>Phone</dt><dd><del>1</del> <ins>2</ins></dd>" in html


def test_an_unknown_icon_is_an_error():
    with pytest.raises(TemplateSyntaxError, match="no icon 'ghost'"):
        render("{% icon 'ghost' %}")


def test_an_icon_is_silent_unless_it_has_a_label():
    assert 'aria-hidden="true"' in render("{% icon 'phone' %}")
    assert 'role="img" aria-label="Call"' in render("{% icon 'phone' label='Call' %}")
