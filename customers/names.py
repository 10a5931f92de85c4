"""The written identity of a company: which two ways of writing are the same legal name."""

import re

from crm_project.core import text

KEY_LENGTH = 200

# What people put in brackets, and the legal form it stands for.
LEGAL_FORMS = {
    "株": "株式会社",
    "有": "有限会社",
    "同": "合同会社",
    "資": "合資会社",
    "名": "合名会社",
    "医": "医療法人",
    "学": "学校法人",
    "福": "社会福祉法人",
    "宗": "宗教法人",
    "社": "社団法人",
    "財": "財団法人",
    "一社": "一般社団法人",
    "一財": "一般財団法人",
    "公社": "公益社団法人",
    "公財": "公益財団法人",
    "特非": "特定非営利活動法人",
    "税": "税理士法人",
    "弁": "弁護士法人",
}
_SHORT_FORM = re.compile(rf"\(({'|'.join(LEGAL_FORMS)})\)")


def company_identity(name: str) -> str:
    """Company.key of a name: width, spaces and case apart, ㈱ as 株式会社.

    The legal form stays where it stands: 丸紅㈱ is 丸紅株式会社, and not 株式会社丸紅, which may be another company.
    """
    written = text.compare_key(text.tidy(name)).casefold()
    return _SHORT_FORM.sub(lambda match: LEGAL_FORMS[match[1]], written)[:KEY_LENGTH]
