"""Names, readings, companies, codes and phone numbers as they are kept, found and compared."""

import timeit
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_project.core.kanji_variants import KEY_FORMS
from crm_project.core.text import (
    cell_text,
    code_text,
    company_key,
    compare_key,
    fold,
    format_phone,
    grams,
    kana_from_romaji,
    needed_grams,
    nfkc,
    person_key,
    phone_digits,
    phone_tail,
    postal_code,
    reading_key,
    repair_phone,
    split_phones,
    tidy,
    tidy_kana,
    to_hiragana,
    to_katakana,
)

JAPANESE = st.text("あいがっゃーアイガッャヷヶ｡ｶﾞﾊﾟ高髙﨑邉齊々𠮷一-‐・ 　Ａa１1゛ﾞ\u3099\ufe00\U000e0100", max_size=12)


@pytest.mark.parametrize(
    "spellings",
    [
        ["高橋", "髙橋", "髙　橋", " 高 橋 "],
        ["山崎", "山﨑", "山嵜"],
        ["斎藤", "齋藤", "斉藤", "齊藤"],
        ["渡辺", "渡邊", "渡邉"],
        ["浜田", "濱田", "濵田"],
        ["吉田", "𠮷田"],
        ["頼", "賴"],
        ["徳島", "德嶋", "德嶌"],
        ["沢井", "澤井"],
        ["広瀬", "廣瀨"],
        ["桜", "櫻"],
        ["真", "眞"],
        ["国", "國"],
        ["蔵", "藏"],
        ["恵", "惠"],
        ["神", "\ufa19"],
        ["葛城", "葛\U000e0100城"],
        ["タカハシ", "たかはし", "ﾀｶﾊｼ", "タカ・ハシ", "タカハシ　"],
        ["ガッツ", "ｶﾞｯﾂ", "がっつ", "カ゛ッツ", "カ\u3099ツツ"],
        ["ジョー", "じょー", "ｼﾞｮｰ", "ジヨ"],
        ["ABC-1", "ａｂｃ１", "Abc－1", "abc‐1"],
        ["ヱビス", "エビス", "ゑびす"],
    ],
)
def test_spellings_of_one_name_share_a_key(spellings):
    assert {fold(spelling) for spelling in spellings} == {fold(spellings[0])}


@pytest.mark.parametrize(
    "char", "-‐‑‒–—―−﹘﹣⁃─━~〜∼ー・･·゠'’‘`\u3099\u309a \u3000\t\x07\u200b\ud800\ufe00\ufe0f\U000e0100\U000e01ef"
)
def test_what_nobody_types_twice_alike_is_left_out_of_a_key(char):
    assert fold(f"アン{char}イ") == "アンイ"


def test_signs_beyond_the_selectors_of_variants_stay():
    assert fold("葛\U000e01f0城") != fold("葛城")


def test_different_names_keep_different_keys():
    names = ["大野", "小野", "高橋", "高梁", "佐藤", "伊藤", "はし", "ばし", "ハシ子", "山崎", "山咲"]
    assert len({fold(name) for name in names}) == len(names)


@pytest.mark.parametrize("blank", ["", " ", "　", "\t\n", "・", "ー", "\u200b"])
def test_blanks_fold_to_nothing(blank):
    assert fold(blank) == ""
    assert grams(fold(blank)) == ""


@given(JAPANESE)
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(JAPANESE, st.integers(0, 11), st.integers(1, 12))
def test_every_piece_of_a_text_is_found_by_its_grams(text, start, length):
    folded = fold(text)
    piece = folded[start : start + length]
    assert set(needed_grams(piece)) <= set(grams(folded).split())


def test_no_variant_leads_to_another_variant():
    assert not [key for key in KEY_FORMS.values() if ord(key) in KEY_FORMS]


def test_grams_are_unique_and_do_not_cross_words():
    assert grams("タナタナ ab") == "タ ナ タナ ナタ a b ab"
    assert needed_grams("タ") == ["タ"]
    assert needed_grams("") == []
    assert needed_grams("タナカ") == ["タナ", "ナカ"]
    assert needed_grams("タナ") == ["タナ"]


def test_a_name_is_folded_and_cut_fast_enough_for_an_import():
    seconds = min(timeit.repeat(lambda: grams(fold("髙橋　太郎")), number=200, repeat=5)) / 200
    assert seconds < 100e-6  # about 10 microseconds on a free machine


def test_kana_of_every_width_become_katakana_or_hiragana():
    assert to_katakana("たなかﾀﾅｶタナカｶﾞ") == "タナカタナカタナカガ"
    assert to_hiragana("タナカﾀﾅｶｶﾞー") == "たなかたなかがー"
    assert to_katakana("ぁゖゝゞ\u3097") == "ァヶヽヾ\u3097"
    assert to_hiragana("ァヶヽヾ\u30f7") == "ぁゖゝゞ\u30f7"
    assert nfkc("㈱①Ａカ゛") == "(株)1Aガ"
    assert nfkc("ハ゜") == "パ"
    assert tidy_kana(" たなか　ﾊ-ﾄ ") == "タナカ ハート"


@pytest.mark.parametrize(
    ("romaji", "kana"),
    [
        ("takahashi", "タカハシ"),
        ("Takahashi", "タカハシ"),
        ("TAKAHASI", "タカハシ"),
        ("Ｔａｎａｋａ", "タナカ"),
        ("shinjuku", "シンジュク"),
        ("sinzyuku", "シンジュク"),
        ("hattori", "ハットリ"),
        ("matcha", "マッチャ"),
        ("ohno", "オオノ"),
        ("ohashi", "オハシ"),
        ("Ōno", "オウノ"),
        ("homma", "ホンマ"),
        ("ken'ichi", "ケンイチ"),
        ("suzuki ichiro", "スズキ イチロ"),
        (" ken-ichi ", "ケンイチ"),
        ("tanaka-", "タナカ"),
        ("aッa", ""),
        ("fujii", "フジイ"),
        ("hello", ""),
        ("田中", ""),
        ("abc1", ""),
        ("", ""),
    ],
)
def test_romaji_becomes_kana(romaji, kana):
    assert kana_from_romaji(romaji) == kana


def test_every_syllable_of_hepburn_and_kunrei_is_known():
    rows = {
        "a i u e o": "ア イ ウ エ オ", "ka ki ku ke ko": "カ キ ク ケ コ", "sa shi su se so": "サ シ ス セ ソ", "ta chi tsu te to": "タ チ ツ テ ト",
        "na ni nu ne no": "ナ ニ ヌ ネ ノ", "ha hi fu he ho": "ハ ヒ フ ヘ ホ", "ma mi mu me mo": "マ ミ ム メ モ", "ya yu yo": "ヤ ユ ヨ",
        "ra ri ru re ro": "ラ リ ル レ ロ", "la li lu le lo": "ラ リ ル レ ロ", "wa wo n": "ワ ヲ ン", "ga gi gu ge go": "ガ ギ グ ゲ ゴ",
        "za ji zu ze zo": "ザ ジ ズ ゼ ゾ", "da di du de do": "ダ ヂ ヅ デ ド", "ba bi bu be bo": "バ ビ ブ ベ ボ", "pa pi pu pe po": "パ ピ プ ペ ポ",
        "si ti tu hu zi": "シ チ ツ フ ジ", "kya kyu kyo kye": "キャ キュ キョ キェ", "sha shu sho she": "シャ シュ ショ シェ",
        "sya syu syo": "シャ シュ ショ", "cha chu cho che": "チャ チュ チョ チェ", "tya tyu tyo": "チャ チュ チョ", "cya cyu cyo": "チャ チュ チョ",
        "nya nyu nyo": "ニャ ニュ ニョ", "hya hyu hyo": "ヒャ ヒュ ヒョ", "mya myu myo": "ミャ ミュ ミョ", "rya ryu ryo": "リャ リュ リョ",
        "lya lyu lyo": "リャ リュ リョ", "gya gyu gyo": "ギャ ギュ ギョ", "ja ju jo je": "ジャ ジュ ジョ ジェ", "zya zyu zyo": "ジャ ジュ ジョ",
        "jya jyu jyo": "ジャ ジュ ジョ", "dya dyu dyo": "ヂャ ヂュ ヂョ", "bya byu byo": "ビャ ビュ ビョ", "pya pyu pyo": "ピャ ピュ ピョ",
        "fa fi fe fo": "ファ フィ フェ フォ", "va vi vu ve vo": "ヴァ ヴィ ヴ ヴェ ヴォ", "n'a": "ンア", "n’a": "ンア",
        "ā ī ū ē ō": "アア イイ ウウ エエ オウ", "â î û ê ô": "アア イイ ウウ エエ オウ",
    }  # fmt: skip
    assert {romaji: kana_from_romaji(romaji) for romaji in rows} == rows


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("サトウ ユウコ", "サトユコ"),
        ("さとうゆうこ", "サトユコ"),
        ("sato yuko", "サトユコ"),
        ("ケンイチ", "ケニチ"),
        ("ヂヅヲ", "ジズオ"),
        ("ユウウコ", "ユコ"),
        ("ルヴウ", "ルヴ"),
        ("ポウ", "ポ"),
        ("高橋", "高橋"),
    ],
)
def test_the_key_of_a_reading(text, key):
    assert reading_key(text) == key


@pytest.mark.parametrize(
    ("romaji", "kana"),
    [
        ("sato yuko", "サトウ ユウコ"),
        ("satou yuuko", "さとうゆうこ"),
        ("ono", "オオノ"),
        ("kenichi", "ケンイチ"),
        ("junya", "ジュンヤ"),
        ("kyoko", "キョウコ"),
        ("mikazuki", "ミカヅキ"),
        ("okubo", "ｵｵｸﾎﾞ"),
    ],
)
def test_a_reading_is_found_by_the_romaji_people_type(romaji, kana):
    assert reading_key(romaji) == reading_key(kana)


@pytest.mark.parametrize(
    "written",
    [
        "株式会社花山商事",
        "花山商事株式会社",
        "㈱花山商事",
        "花山商事㈱",
        "（株）花山商事",
        "(株) 花山商事",
        "花山商事　有限会社",
        "㈲花山商事",
        "合同会社花山商事",
        "合資会社　花山商事",
        "医療法人社団花山商事",
        "医療法人　花山商事",
        "学校法人花山商事",
        "社会福祉法人花山商事",
        "一般社団法人花山商事",
        "花山商事株式会社　御中",
        "花山商事 様",
        "花山商事 Co., Ltd.",
        "花山商事 K.K.",
        "(弁)花山商事",
        "花山商事株式会社　",
    ],
)
def test_the_legal_form_of_a_company_does_not_count(written):
    assert company_key(written) == fold("花山商事")


@pytest.mark.parametrize(
    "written",
    [
        "カ)ハナヤマショウジ",
        "ｶ)ﾊﾅﾔﾏｼﾖｳｼﾞ",
        "ハナヤマショウジ(カ",
        "かぶしきがいしゃはなやましょうじ",
        "トクヒ)ハナヤマショウジ",
        "しゃかいふくしほうじんはなやましょうじ",
    ],
)
def test_the_forms_of_bank_data_and_readings_do_not_count(written):
    assert company_key(written) == fold("ハナヤマショウジ")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("株式会社", "株式会社"),
        ("ABC Corp. 京都", "abccorp.京都"),
        ("Zinc", "zinc"),
        ("㈱", "(株)"),
        ("カフェ有", "カフエ有"),
    ],
)
def test_what_only_looks_like_a_legal_form_stays(name, key):
    assert company_key(name) == key


def test_an_honorific_is_not_part_of_a_name():
    assert {person_key(name) for name in ["高橋 一郎", "髙橋一郎様", "高橋　一郎 様", "高橋一郎 先生"]} == {"高橋一郎"}
    assert person_key("高橋一郎様　") == "高橋一郎"
    assert person_key("高橋様方") == "高橋様方"
    assert person_key("鵜殿") == "鵜殿"
    assert person_key("様") == "様"


def test_tidy_keeps_the_characters_as_written():
    assert tidy("　髙橋　　一郎\x00\u200b\r\n") == "髙橋 一郎"
    assert tidy("葛\U000e0100城") == "葛\U000e0100城"
    assert tidy("１丁目\n２番") == "１丁目 ２番"
    assert tidy(" 一行目 \r\n\r\n 二行目\x07", lines=True) == "一行目\n\n二行目"
    assert tidy("一\r二\n\n", lines=True) == "一\n二"
    assert tidy("\nX\n", lines=True) == "X"
    assert tidy("a  b") == "a b"
    assert tidy("a b \x07") == "a b"
    assert tidy("a \x07 b") == "a b"
    assert tidy("a\ud800") == "a"


def test_cells_compare_without_width_and_blanks():
    assert compare_key("営業者名\n（法人 ）") == compare_key("営業者名(法人)")
    assert compare_key("髙") != compare_key("高")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (60.0, "60"),
        (60.5, "60.5"),
        (60, "60"),
        ("060", "060"),
        (None, ""),
        ("", ""),
        (date(2026, 10, 3), "2026-10-03"),
        (datetime(2026, 10, 3), "2026-10-03"),
        (datetime(2026, 10, 3, 18, 30), "2026-10-03 18:30:00"),
    ],
)
def test_any_cell_has_a_text(cell, text):
    assert cell_text(cell) == text


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (13085.0, "13085"),
        ("13085.0", "13085"),
        (13085, "13085"),
        ("13085.00", "13085"),
        ("13085.0x", "13085.0x"),
        ("0012", "0012"),
        (" Ａ－００１２　", "A-0012"),
        ("C489449", "C489449"),
        ("1.5", "1.5"),
        (None, ""),
        ("　", ""),
    ],
)
def test_a_code_survives_a_spreadsheet(cell, code):
    assert code_text(cell) == code


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("〒760-0029", "7600029"),
        ("７６０－００２９", "7600029"),
        (7600029.0, "7600029"),
        (600001.0, "0600001"),
        (10001, "0010001"),
        (10_000, "0010000"),
        (9_999_999, "9999999"),
        (9_999, ""),
        (10_000_000, ""),
        (760, ""),
        ("760X0029", ""),
        ("76000029", ""),
        ("760", ""),
        ("        ", ""),
        (None, ""),
        (True, ""),
    ],
)
def test_a_postal_code_has_seven_digits(cell, code):
    assert postal_code(cell) == code


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("090-1234-5678", "09012345678"),
        ("０９０－１２３４－５６７８", "09012345678"),
        ("090ー1234ー5678  ", "09012345678"),
        ("+81 90-1234-5678", "09012345678"),
        ("＋８１、（０３）ー５２５３ー２１１１", "0352532111"),
        ("(03) 5253-2111", "0352532111"),
        ("03-5253-2111（内線31427）", "0352532111"),
        ("０３－５２５３－２１１１（内３１４２７）", "0352532111"),
        ("03-5253-2111 ext. 12", "0352532111"),
        ("〇三五二三五二一一一", "0352352111"),
        ("自宅一 03-5235-2111", "0352352111"),
        ("+81 90 1234", "0901234"),
        ("(+81) 90 1234", "0901234"),
        ("81-3-5253-2111", "0352532111"),
        ("81 90-1234-5678", "09012345678"),
        ("81 (0)90-1234-5678", "09012345678"),
        ("8131234567", "8131234567"),
        ("81312345678901", "81312345678901"),
        ("82 2-1234-56789", "822123456789"),
        ("+82 2-123-4567", "8221234567"),
        ("(+82) 2-123-4567", "8221234567"),
        ("1234-5678-81", "1234567881"),
        ("12345678-81-1", "12345678811"),
        ("123456789-81", "12345678981"),
        ("+44 20 7946 0018", "442079460018"),
        ("0081-3-5253-2111", "0352532111"),
        ("0081 (0)90-1234-5678", "09012345678"),
        ("008135253211", "008135253211"),
        ("010-81-3-5253-2111", "0352532111"),
        ("010-44-20-7946-0018", "442079460018"),
        ("01044207946", "01044207946"),
        ("010442079460", "442079460"),
        ("03-5253-2111（４５６号室呼出）", "0352532111"),
        ("03-5253-2111 (夜間 5時", "0352532111"),
        ("03-5253-2111 (12)", "035253211112"),
        ("(夜間5時) 03-5253-2111", "50352532111"),
        ("5678", "5678"),
        ("なし", ""),
        ("", ""),
        ("              ", ""),
        ("　", ""),
    ],
)
def test_a_phone_number_is_its_digits(written, digits):
    assert phone_digits(written) == digits


@pytest.mark.parametrize(
    ("cell", "text", "repaired"),
    [
        (9012345678.0, "09012345678", True),
        (312345678, "0312345678", True),
        ("312345678", "0312345678", True),
        ("90-1234-5678", "090-1234-5678", True),
        (120123456.0, "0120123456", True),
        (8001234567.0, "08001234567", True),
        ("03-1234-5678  ", "03-1234-5678", False),
        ("+81 90-1234-5678", "+81 90-1234-5678", False),
        ("2125551234", "2125551234", False),
        ("2125551234.0", "2125551234", False),
        ("2125551234.0（自宅）", "2125551234.0（自宅）", False),
        ("０３-1234-5678", "０３-1234-5678", False),
        ("+312345678", "+312345678", False),
        ("031234567", "031234567", False),
        ("304567890", "0304567890", True),
        ("90123456789", "90123456789", False),
        ("", "", False),
        (None, "", False),
        ("   ", "", False),
    ],
)
def test_the_zero_a_spreadsheet_took_is_put_back(cell, text, repaired):
    assert repair_phone(cell) == (text, repaired)


@pytest.mark.parametrize(
    ("digits", "shown"),
    [
        ("09012345678", "090-1234-5678"),
        ("0312345678", "03-1234-5678"),
        ("0878391234", "087-839-1234"),
        ("0120123456", "0120-123-456"),
        ("08001234567", "0800-123-4567"),
        ("442079460018", "+44 20 7946 0018"),
        ("6561234567", "+65 6123 4567"),
        ("5678", "5678"),
        ("0312", "0312"),
        ("031234567890", "031234567890"),
        ("999999999999999999999", "999999999999999999999"),
        ("", ""),
    ],
)
def test_phone_numbers_are_grouped_for_reading(digits, shown):
    assert format_phone(digits) == shown


def test_staff_look_up_by_the_last_four_digits():
    assert phone_tail("09012345678") == "5678"
    assert phone_tail("5678") == "5678"
    assert phone_tail("567") == ""


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        ("090-1234-5678／03-1234-5678", ["090-1234-5678", "03-1234-5678"]),
        ("090-1234-5678\n03-1234-5678", ["090-1234-5678", "03-1234-5678"]),
        ("090-1234-5678、03-1234-5678", ["090-1234-5678", "03-1234-5678"]),
        ("03-1234-5678\n（03-1234-5679）", ["03-1234-5678", "03-1234-5679"]),
        ("携帯 090-1234-5678, 自宅 03-1234-5678", ["携帯 090-1234-5678", "自宅 03-1234-5678"]),
        ("03-1234-5678", ["03-1234-5678"]),
        ("03-1234-5678、9", ["03-1234-5678、9"]),
        ("03-1234-5678、9、8", ["03-1234-5678、9、8"]),
        ("なし、03-1234-5678", ["なし、03-1234-5678"]),
        ("312345678、312345679", ["312345678", "312345679"]),
        ("なし", ["なし"]),
        ("  ", []),
        ("", []),
    ],
)
def test_several_numbers_in_one_cell_are_told_apart(cell, numbers):
    assert split_phones(cell) == numbers
