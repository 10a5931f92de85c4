"""Names of people, towns and companies. Common names freely combined; companies, towns and numbers do not exist."""

from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Final

# family name, reading, romaji, weight (how common)
SURNAMES: Final = """
佐藤 さとう sato 18|鈴木 すずき suzuki 17|髙橋 たかはし takahashi 5|高橋 たかはし takahashi 9|田中 たなか tanaka 13|渡辺 わたなべ watanabe 7
渡邉 わたなべ watanabe 3|渡邊 わたなべ watanabe 3|伊藤 いとう ito 11|山本 やまもと yamamoto 10|中村 なかむら nakamura 10|小林 こばやし kobayashi 10
加藤 かとう kato 9|吉田 よしだ yoshida 8|山田 やまだ yamada 8|佐々木 ささき sasaki 7|山口 やまぐち yamaguchi 6|松本 まつもと matsumoto 6
井上 いのうえ inoue 6|木村 きむら kimura 6|林 はやし hayashi 5|斎藤 さいとう saito 3|齋藤 さいとう saito 2|齊藤 さいとう saito 2|斉藤 さいとう saito 3
清水 しみず shimizu 5|山崎 やまざき yamazaki 3|山﨑 やまさき yamasaki 2|阿部 あべ abe 3|安部 あべ abe 1|森 もり mori 5|池田 いけだ ikeda 5
橋本 はしもと hashimoto 5|石川 いしかわ ishikawa 4|山下 やました yamashita 4|小川 おがわ ogawa 4|石井 いしい ishii 4|長谷川 はせがわ hasegawa 4
後藤 ごとう goto 4|岡田 おかだ okada 4|近藤 こんどう kondo 4|前田 まえだ maeda 4|藤田 ふじた fujita 4|遠藤 えんどう endo 3|青木 あおき aoki 3
坂本 さかもと sakamoto 3|村上 むらかみ murakami 3|太田 おおた ota 3|金子 かねこ kaneko 3|藤井 ふじい fujii 3|福田 ふくだ fukuda 3|西村 にしむら nishimura 4
三浦 みうら miura 3|竹内 たけうち takeuchi 3|中川 なかがわ nakagawa 3|岡本 おかもと okamoto 3|松田 まつだ matsuda 3|原田 はらだ harada 3
中野 なかの nakano 3|小野 おの ono 3|田村 たむら tamura 3|藤原 ふじわら fujiwara 3|中山 なかやま nakayama 2|石田 いしだ ishida 2|小島 こじま kojima 2
和田 わだ wada 2|森田 もりた morita 2|内田 うちだ uchida 2|柴田 しばた shibata 2|酒井 さかい sakai 2|原 はら hara 2|高木 たかぎ takagi 2|安藤 あんどう ando 2
宮崎 みやざき miyazaki 2|上田 うえだ ueda 3|島田 しまだ shimada 2|工藤 くどう kudo 2|大野 おおの ono 2|宮本 みやもと miyamoto 2|杉山 すぎやま sugiyama 2
今井 いまい imai 2|丸山 まるやま maruyama 1|増田 ますだ masuda 2|高田 たかだ takada 2|村田 むらた murata 2|平野 ひらの hirano 2|大塚 おおつか otsuka 2
菅原 すがわら sugawara 2|武田 たけだ takeda 2|新井 あらい arai 2|小山 こやま koyama 2|野口 のぐち noguchi 2|桜井 さくらい sakurai 2|千葉 ちば chiba 2
岩崎 いわさき iwasaki 1|佐野 さの sano 1|谷口 たにぐち taniguchi 2|上野 うえの ueno 1|松井 まつい matsui 2|河野 こうの kono 1|市川 いちかわ ichikawa 1
渡部 わたなべ watanabe 1|野村 のむら nomura 1|菊地 きくち kikuchi 1|木下 きのした kinoshita 1|水野 みずの mizuno 1|吉川 よしかわ yoshikawa 2
久保 くぼ kubo 2|辻 つじ tsuji 2|西田 にしだ nishida 2|北川 きたがわ kitagawa 2|奥村 おくむら okumura 2|川端 かわばた kawabata 1|堀 ほり hori 1
大西 おおにし onishi 2|福井 ふくい fukui 1|足立 あだち adachi 1|荒木 あらき araki 1|服部 はっとり hattori 1|片山 かたやま katayama 1|辻本 つじもと tsujimoto 1
澤田 さわだ sawada 1|沢田 さわだ sawada 1|廣瀬 ひろせ hirose 1|広瀬 ひろせ hirose 1|冨田 とみた tomita 1|濱田 はまだ hamada 1|德永 とくなが tokunaga 1
"""
MEN: Final = """
健一 けんいち|誠 まこと|浩 ひろし|隆 たかし|茂 しげる|進 すすむ|勇 いさむ|徹 とおる|豊 ゆたか|勉 つとむ|正 ただし|博 ひろし|修 おさむ|明 あきら|学 まなぶ|聡 さとし
直樹 なおき|和也 かずや|拓也 たくや|大輔 だいすけ|健太 けんた|翔太 しょうた|亮 りょう|剛 つよし|達也 たつや|哲也 てつや|智也 ともや|祐介 ゆうすけ|洋平 ようへい
雄一 ゆういち|裕之 ひろゆき|秀樹 ひでき|英明 ひであき|康弘 やすひろ|俊介 しゅんすけ|慎一郎 しんいちろう|宗一 そういち|義雄 よしお|昭夫 あきお|和夫 かずお|幸男 ゆきお
孝之 たかゆき|克己 かつみ|敏郎 としろう|良平 りょうへい|悠斗 ゆうと|蓮 れん|湊 みなと|陽介 ようすけ|圭吾 けいご|啓太 けいた|淳 じゅん|航 わたる|潤 じゅん|昇 のぼる|信二 しんじ
"""
WOMEN: Final = """
美穂 みほ|由紀 ゆき|静子 しずこ|和子 かずこ|幸子 さちこ|恵子 けいこ|洋子 ようこ|久美子 くみこ|裕子 ゆうこ|真由美 まゆみ|智子 ともこ|直美 なおみ|京子 きょうこ|明美 あけみ
香織 かおり|美咲 みさき|陽子 ようこ|恵美 えみ|由美子 ゆみこ|千春 ちはる|彩 あや|愛 あい|麻衣 まい|沙織 さおり|綾香 あやか|優子 ゆうこ|理恵 りえ|友美 ともみ|真理 まり|瞳 ひとみ
結衣 ゆい|葵 あおい|さくら さくら|七海 ななみ|千尋 ちひろ|悦子 えつこ|節子 せつこ|典子 のりこ|文子 ふみこ|雅子 まさこ|百合子 ゆりこ|紀子 のりこ|佳奈 かな|奈緒 なお|栞 しおり
朋子 ともこ|夏美 なつみ|純子 じゅんこ|律子 りつこ|早苗 さなえ
"""
# name, reading, number that films use in the country
FOREIGN: Final = """
Emily Carter=エミリー カーター=+1 202-555-01|Michael Brooks=マイケル ブルックス=+1 202-555-01|Sarah Whitfield=サラ ウィットフィールド=+44 20 7946 09
James Holloway=ジェームズ ホロウェイ=+44 20 7946 09|Claire Dumont=クレール デュモン=+1 202-555-01|Anna Lindqvist=アンナ リンドクヴィスト=+44 20 7946 09
Thomas Brandt=トーマス ブラント=+1 202-555-01|Sofia Marchetti=ソフィア マルケッティ=+44 20 7946 09|David Okafor=デイヴィッド オカフォー=+1 202-555-01
Grace Lim=グレース リム=+1 202-555-01|Daniel Novak=ダニエル ノヴァーク=+44 20 7946 09|Isabel Romero=イサベル ロメロ=+1 202-555-01
Hannah Weiss=ハンナ ヴァイス=+44 20 7946 09|Peter Lindgren=ペーター リンドグレン=+44 20 7946 09|Laura Benson=ローラ ベンソン=+1 202-555-01
Marco Bellini=マルコ ベッリーニ=+1 202-555-01|Olivia Hartley=オリヴィア ハートリー=+44 20 7946 09|Ethan Caldwell=イーサン コールドウェル=+1 202-555-01
"""
# town and postcode of the ward as a whole (no street), share
TOWNS: Final = (
    ("京都府京都市左京区", "6060000", 9),
    ("京都府京都市中京区", "6040000", 9),
    ("京都府京都市東山区", "6050000", 6),
    ("京都府京都市下京区", "6000000", 6),
    ("京都府京都市北区", "6030000", 6),
    ("京都府京都市上京区", "6020000", 6),
    ("京都府京都市右京区", "6160000", 5),
    ("京都府京都市伏見区", "6120000", 4),
    ("京都府宇治市", "6110000", 3),
    ("滋賀県大津市", "5200000", 4),
    ("大阪府大阪市北区", "5300000", 6),
    ("大阪府大阪市中央区", "5400000", 4),
    ("大阪府豊中市", "5600000", 3),
    ("兵庫県神戸市東灘区", "6580000", 3),
    ("兵庫県芦屋市", "6590000", 2),
    ("奈良県奈良市", "6300000", 3),
    ("愛知県名古屋市千種区", "4640000", 2),
    ("東京都港区", "1050000", 4),
    ("東京都世田谷区", "1540000", 4),
    ("東京都千代田区", "1000000", 2),
)
STREETS: Final = (
    "松風町 月待町 花筏町 朝霧町 雲井町 鈴虫町 初音町 千鳥町 若草町 常盤木町 小夜町 真菰町 宵待町 玉章町".split()
)

# invented word, reading
COMPANY_WORDS: Final = """
北辰 ほくしん|佐伯 さえき|紫野 むらさきの|松籟 しょうらい|翠嵐 すいらん|朧月 おぼろづき|八重霞 やえがすみ|玉響 たまゆら|暁雲 ぎょううん|花筏 はないかだ|月待 つきまち
千歳杜 ちとせもり|鳴瀬野 なるせの|星合 ほしあい|銀嶺堂 ぎんれいどう|若竹野 わかたけの|清流庵 せいりゅうあん|白帆 しらほ|雲母坂下 きららさかした|東雲野 しののめの|瑞穂杜 みずほもり
常磐井 ときわい|夕凪 ゆうなぎ|初音台 はつねだい|光琳杜 こうりんもり|石清野 いわしの|風待 かぜまち|小夜嵐 さよあらし|藍染川 あいぞめがわ|千草野 ちぐさの
"""
COMPANY_TRADES: Final = """
電機 でんき|精工 せいこう|物産 ぶっさん|商事 しょうじ|食品 しょくひん|建設 けんせつ|印刷 いんさつ|製薬 せいやく|運輸 うんゆ|酒造 しゅぞう|工業 こうぎょう
不動産 ふどうさん|システム しすてむ|化成 かせい|出版 しゅっぱん|織物 おりもの|設計 せっけい|茶舗 ちゃほ
"""
OFFICES: Final = """
医療法人{}会 いりょうほうじん{}かい|{}法律事務所 {}ほうりつじむしょ|{}会計事務所 {}かいけいじむしょ|学校法人{}学園 がっこうほうじん{}がくえん|{}歯科医院 {}しかいいん
"""
DEPARTMENTS: Final = "営業部 総務部 秘書室 経営企画部 人事部 開発部 購買部 関西支社 国際部 経理部".split()
TITLES: Final = "部長 課長 取締役 常務取締役 専務取締役 代表取締役社長 支社長 室長 係長 主任 顧問 本部長".split()


@dataclass(frozen=True)
class Surname:
    """A family name as written, read and typed in Latin letters."""

    written: str
    kana: str
    romaji: str


@dataclass(frozen=True)
class CompanyName:
    """An invented company."""

    name: str
    kana: str
    # The part of its mail addresses before ".example".
    domain: str


def pairs(table: str) -> list[tuple[str, ...]]:
    """Entries of one of the tables above."""
    return [tuple(entry.split()) for line in table.split("\n") for entry in line.split("|") if entry.strip()]


_SURNAMES = [Surname(*entry[:3]) for entry in pairs(SURNAMES)]
_SURNAME_SHARES = list(accumulate(int(entry[3]) for entry in pairs(SURNAMES)))
_MEN, _WOMEN = pairs(MEN), pairs(WOMEN)


def surname(rng: Random) -> Surname:
    """A family name, as often as it is met."""
    return rng.choices(_SURNAMES, cum_weights=_SURNAME_SHARES)[0]


def given_name(rng: Random, *, woman: bool) -> tuple[str, str]:
    """A given name and its reading."""
    written, kana = rng.choice(_WOMEN if woman else _MEN)
    return written, kana


def foreign_names() -> list[tuple[str, str, str]]:
    """Name, reading and the beginning of a number that belongs to nobody."""
    return [
        (parts[0], parts[1], parts[2])
        for line in FOREIGN.split("\n")
        for entry in line.split("|")
        if len(parts := entry.split("=")) == 3
    ]


def address(rng: Random) -> tuple[str, str]:
    """Postcode and address; the streets do not exist."""
    town, postcode, _share = rng.choices(TOWNS, [share for _town, _postcode, share in TOWNS])[0]
    return postcode, f"{town}{rng.choice(STREETS)}{rng.randint(1, 9)}-{rng.randint(1, 30)}"


def companies(rng: Random, count: int) -> list[CompanyName]:
    """So many different companies, those of the stories first."""
    told = [
        CompanyName("北辰電機株式会社", "ホクシンデンキ", "hokushin"),
        CompanyName("株式会社佐伯商事", "サエキショウジ", "saeki"),
        CompanyName("洛北商工会", "ラクホクショウコウカイ", "rakuhoku"),
        CompanyName("東山法律事務所", "ヒガシヤマホウリツジムショ", "higashiyama"),
        CompanyName("紫野工業株式会社", "ムラサキノコウギョウ", "murasakino"),
    ]
    found = {company.name: company for company in told}
    words, trades, offices = pairs(COMPANY_WORDS), pairs(COMPANY_TRADES), pairs(OFFICES)
    while len(found) < count:
        word, reading = rng.choice(words)
        if rng.random() < 0.2:
            pattern, pattern_kana = rng.choice(offices)
            name, kana = pattern.format(word), pattern_kana.format(reading)
        else:
            trade, trade_kana = rng.choice(trades)
            form = rng.choices(["株式会社{}", "{}株式会社", "有限会社{}", "合同会社{}"], [5, 4, 2, 1])[0]
            name, kana = form.format(word + trade), reading + trade_kana
        found.setdefault(name, CompanyName(name, kana, f"c{len(found):03d}"))
    return list(found.values())[:count]
