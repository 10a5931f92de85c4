"""Keys of companies whose legal form is now read in more ways of writing: （社福）花会 is 社会福祉法人花会."""

import re
from typing import Any

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# As of this migration; what comes later has a migration of its own.
SHORT = {
    "株": "株式会社", "有": "有限会社", "同": "合同会社", "資": "合資会社", "名": "合名会社", "医": "医療法人", "医社": "医療法人社団",
    "医財": "医療法人財団", "学": "学校法人", "福": "社会福祉法人", "社福": "社会福祉法人", "宗": "宗教法人", "社": "社団法人",
    "財": "財団法人", "一社": "一般社団法人", "一財": "一般財団法人", "公社": "公益社団法人", "公財": "公益財団法人",
    "特非": "特定非営利活動法人", "税": "税理士法人", "弁": "弁護士法人", "協": "協同組合", "地独": "地方独立行政法人",
    "国研": "国立研究開発法人",
}  # fmt: skip
IN_FRONT = {"独": "独立行政法人", "企": "企業組合", "農": "農事組合法人", "相": "相互会社"}
FULL = sorted({*SHORT.values(), *IN_FRONT.values()}, key=len, reverse=True)
SHORTEST_LAST = "|".join(sorted(SHORT, key=len, reverse=True))
BRACKETED = re.compile(rf"[(\[【〔〈<]({SHORTEST_LAST}|{'|'.join(FULL)})[)\]】〕〉>]")
HALF_IN_FRONT = re.compile(r"^(社福|医社|株|有|医)\)")
HALF_BEHIND = re.compile(r"\((株|有)$")
SHORT_IN_FRONT = re.compile(rf"^\(({'|'.join(IN_FRONT)})\)(?=.)")
BRACKETS = "()[]【】〔〕〈〉<>"


def key_with_form(key: str) -> str:
    """The key of a company with its legal form in full."""
    key = BRACKETED.sub(lambda match: SHORT.get(match[1], match[1]), key)
    key = HALF_IN_FRONT.sub(lambda match: SHORT[match[1]], key)
    key = HALF_BEHIND.sub(lambda match: SHORT[match[1]], key)
    return SHORT_IN_FRONT.sub(lambda match: IN_FRONT[match[1]], key)[:200]


def write_forms_in_full(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Two companies that turn out to be one stay two: people merge them."""
    companies: Any = apps.get_model("customers", "Company")._default_manager.using(schema_editor.connection.alias)
    bracketed = models.Q()
    for bracket in BRACKETS:
        bracketed |= models.Q(key__contains=bracket)
    for pk, key in list(companies.filter(bracketed).values_list("pk", "key").order_by("pk")):
        new = key_with_form(key)
        if new != key and not companies.filter(key=new).exists():
            companies.filter(pk=pk).update(key=new)


class Migration(migrations.Migration):
    """See above."""

    dependencies = [("customers", "0020_email_index")]
    operations = [migrations.RunPython(write_forms_in_full, migrations.RunPython.noop, elidable=True)]
