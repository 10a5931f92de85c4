"""The written identity of a company: which two ways of writing are the same legal name."""

import re
from dataclasses import dataclass

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


# Forms that are written in full, longest first: 医療法人社団 before 医療法人.
_FULL_FORMS = sorted(
    {
        *LEGAL_FORMS.values(),
        *(
            "医療法人社団",
            "医療法人財団",
            "社会医療法人",
            "相互会社",
            "司法書士法人",
            "監査法人",
            "特許業務法人",
            "行政書士法人",
        ),
        *(
            "独立行政法人",
            "地方独立行政法人",
            "国立大学法人",
            "公立大学法人",
            "農事組合法人",
            "NPO法人",
            "協同組合",
            "農業協同組合",
        ),
        *("生活協同組合", "事業協同組合", "信用金庫", "信用組合", "管理組合法人", "投資法人"),
    },
    key=len,
    reverse=True,
)
_KANA_FORMS = {
    "カブシキガイシャ": "株式会社",
    "カブシキカイシャ": "株式会社",
    "ユウゲンガイシャ": "有限会社",
    "ユウゲンカイシャ": "有限会社",
    "ゴウドウガイシャ": "合同会社",
    "ゴウドウカイシャ": "合同会社",
}
_LATIN_FORMS = {
    "CO.,LTD.": r"co\.?\s*,?\s*ltd\.?",
    "INC.": r"inc\.?",
    "LLC": r"l\.?l\.?c\.?",
    "LTD.": r"ltd\.?|limited",
    "CORP.": r"corp\.?|corporation",
    "K.K.": r"k\.k\.?",
    "GMBH": r"gmbh",
}
# カ) ヤマダ, ヤマダ (カ: as banks write it.
_BANK_FORMS = {
    "カ": "株式会社",
    "ユ": "有限会社",
    "ド": "合同会社",
    "シ": "合資会社",
    "メ": "合名会社",
    "イ": "医療法人",
}
_SHORT_FORMS = "|".join(sorted(LEGAL_FORMS, key=len, reverse=True))
_IN_FRONT = re.compile(
    rf"\(({_SHORT_FORMS})\)|({'|'.join(_FULL_FORMS)})|\(?([{''.join(_BANK_FORMS)}])\)",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    rf"(?:\(({_SHORT_FORMS})\)|({'|'.join(_FULL_FORMS)})|\(([{''.join(_BANK_FORMS)}])\)?)$",
    re.IGNORECASE,
)
_LATIN_BEHIND = {kind: re.compile(rf"(?:^|[\s,])(?:{form})$", re.IGNORECASE) for kind, form in _LATIN_FORMS.items()}
_ADDRESSED = re.compile(r"(?<=..)\s*(?:御中|様|殿)$")


@dataclass(frozen=True, slots=True)
class CompanyName:
    """A company as it is printed, its legal form in full ("" = none is written), and the key of `company_identity`."""

    name: str
    kind: str
    key: str


def company_name(written: str) -> CompanyName:
    """A company's name without 御中 behind, which is how a letter is addressed; the form stays where it is printed."""
    printed = _ADDRESSED.sub("", " ".join(text.tidy(written).split()))
    return CompanyName(printed, legal_form(printed), company_identity(printed))


def legal_form(name: str) -> str:
    """The legal form in front of or behind a name, in full: ㈱, (株), カ) -> 株式会社; "" for none."""
    plain = text.nfkc(name).strip()
    if match := _IN_FRONT.match(plain) or _BEHIND.search(plain):
        short, full, bank = match.groups()
        return LEGAL_FORMS.get(short or "") or full or _BANK_FORMS[bank]
    kana = text.to_katakana(plain)
    for form, kind in _KANA_FORMS.items():
        if kana.startswith(form) or kana.endswith(form):
            return kind
    return next((kind for kind, form in _LATIN_BEHIND.items() if form.search(plain)), "")


def has_legal_form(name: str) -> bool:
    """Whether a legal form stands anywhere in a name: it is no person's."""
    plain = text.nfkc(name)
    return (
        bool(legal_form(plain)) or any(form in plain for form in _FULL_FORMS) or _SHORT_FORM.search(plain) is not None
    )
