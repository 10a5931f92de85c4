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
    "医社": "医療法人社団",
    "医財": "医療法人財団",
    "学": "学校法人",
    "福": "社会福祉法人",
    "社福": "社会福祉法人",
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
    "協": "協同組合",
    "地独": "地方独立行政法人",
    "国研": "国立研究開発法人",
}
# The same, in front of a name alone: behind one they may say anything (山田太郎(独)).
FORMS_IN_FRONT = {"独": "独立行政法人", "企": "企業組合", "農": "農事組合法人", "相": "相互会社"}

# Forms that are written in full; of several that begin alike the longest comes first: 医療法人社団 before 医療法人.
_FULL_FORMS = sorted(
    {
        *LEGAL_FORMS.values(),
        *FORMS_IN_FRONT.values(),
        *"社会医療法人 特定医療法人 特定医療法人社団 特定医療法人財団 特別医療法人".split(),
        *"準学校法人 特例社団法人 特例財団法人 NPO法人 認定NPO法人 認定特定非営利活動法人".split(),
        *"司法書士法人 監査法人 特許業務法人 弁理士法人 行政書士法人 社会保険労務士法人 土地家屋調査士法人".split(),
        *"国立大学法人 公立大学法人 大学共同利用機関法人 管理組合法人 投資法人 更生保護法人 職業訓練法人".split(),
        *"農業協同組合 漁業協同組合 生活協同組合 医療生活協同組合 事業協同組合 協業組合 商工組合 森林組合".split(),
        *"信用金庫 信用組合 労働組合 健康保険組合 共済組合 商店街振興組合 有限責任事業組合 特定目的会社".split(),
    },
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
    "LLP": r"l\.?l\.?p\.?",
    "LTD.": r"ltd\.?|limited",
    "CORP.": r"corp\.?|corporation",
    "K.K.": r"k\.k\.?|kk",
    "GMBH": r"gmbh",
    "PLC": r"p\.?l\.?c\.?",
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
_SHORT_FORMS = "|".join(LEGAL_FORMS)
# Brackets that stand for round ones around a form: 【株】, [有], <株>, and a form in full in round ones.
_ANY_BRACKETS = re.compile(rf"[(\[【〔〈<]({_SHORT_FORMS}|{'|'.join(_FULL_FORMS)})[)\]】〕〉>]")
# One bracket was left out: 株)山田, 山田(株.
_HALF_IN_FRONT = re.compile(r"^(社福|医社|株|有|医)\)")
_HALF_BEHIND = re.compile(r"\((株|有)$")
_SHORT_FORM = re.compile(rf"\(({_SHORT_FORMS})\)")
_SHORT_IN_FRONT = re.compile(rf"^\(({'|'.join(FORMS_IN_FRONT)})\)(?=.)")
_IN_FRONT = re.compile(
    rf"({'|'.join(_FULL_FORMS)})|\(?([{''.join(_BANK_FORMS)}])\)",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    rf"(?:({'|'.join(_FULL_FORMS)})|\(([{''.join(_BANK_FORMS)}])\)?)$",
    re.IGNORECASE,
)
# 山田商店㈱京都支店: the form stands before the part of the company that is meant.
_BEFORE_A_BRANCH = re.compile(
    rf"(?:({'|'.join(_FULL_FORMS)})|\(([{''.join(_BANK_FORMS)}])\))"
    r".{0,20}(?:本店|支店|本社|支社|営業所|事務所|出張所|工場|センター|シテン|本部|支部|事業部|営業部|総務部|[店課室])$",
    re.IGNORECASE,
)
_LATIN_BEHIND = {kind: re.compile(rf"(?:^|[\s,])(?:{form})$", re.IGNORECASE) for kind, form in _LATIN_FORMS.items()}
_ADDRESSED = re.compile(r"(?<=..)\s*(?:御中|様|殿)$")


def company_identity(name: str) -> str:
    """Company.key of a name: width, spaces and case apart, ㈱ as 株式会社.

    The legal form stays where it stands: 丸紅㈱ is 丸紅株式会社, and not 株式会社丸紅, which may be another company.
    """
    return _forms_in_full(text.compare_key(text.tidy(name))).casefold()[:KEY_LENGTH]


def _forms_in_full(written: str) -> str:
    """A narrow name with its legal form in full, however it was abbreviated and bracketed."""
    if not any(bracket in written for bracket in "()[]【】〔〕〈〉<>"):
        return written
    plain = _ANY_BRACKETS.sub(lambda match: LEGAL_FORMS.get(match[1], match[1]), written)
    plain = _HALF_IN_FRONT.sub(lambda match: LEGAL_FORMS[match[1]], plain)
    plain = _HALF_BEHIND.sub(lambda match: LEGAL_FORMS[match[1]], plain)
    return _SHORT_IN_FRONT.sub(lambda match: FORMS_IN_FRONT[match[1]], plain)


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
    bare = _forms_in_full("".join(plain.split()))
    if match := _IN_FRONT.match(bare) or _BEHIND.search(bare) or _BEFORE_A_BRANCH.search(bare):
        full, bank = match.groups()
        return full or _BANK_FORMS[bank]
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
