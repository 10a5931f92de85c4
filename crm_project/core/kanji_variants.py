"""Old, variant and simplified kanji and the one form that stands for all of them in a search key.

Never used for what is stored or shown: 髙橋 stays 髙橋, it is only found by 高橋 too. Forms that Unicode already unifies
(NFKC) need no line here. Each word: the form of the key first, then the forms that fold into it. 書 is with 昼 because the
official tables have it so: 晝 is often taken for it.
"""

_FAMILIES = """
亜亞 悪惡 圧壓 囲圍 為爲 医醫 壱壹 稲稻 隠隱 栄榮 営營 衛衞 駅驛 円圓 塩鹽 縁緣 艶艷豔 応應 欧歐 殴毆
桜櫻 奥奧 横橫 温溫 穏穩 仮假 価價 果菓 画畫 会會 絵繪 壊壞 懐懷 概槪 拡擴 殻殼 覚覺 学學斈 岳嶽 楽樂
渇渴 鎌鐮 巻卷 寛寬 勧勸 関關 歓歡 観觀 館舘 缶罐 陥陷 巌巖 顔顏 気氣 帰歸 喜㐂 偽僞 戯戲 犠犧 旧舊
拠據 挙擧 虚虛 峡峽 挟挾 狭狹 郷鄕鄉 暁曉 区區 駆驅駈 勲勳 薫薰 径徑 茎莖 恵惠 掲揭 渓溪 経經 蛍螢
軽輕 継繼 鶏鷄雞 芸藝 撃擊 欠缺 県縣 研硏 倹儉 剣劍劔剱劒 険險 圏圈 検檢 献獻 権權 顕顯 験驗 厳嚴
呉吳吴 娯娛 広廣 効效 恒恆 黄黃 鉱鑛 号號 国國圀 黒黑 砕碎 済濟 斎齋斉齊 剤劑 雑雜 参參 桟棧 蚕蠶 惨慘
産產 賛贊 讃讚 残殘 糸絲 歯齒 児兒 辞辭 湿濕 実實 写寫 釈釋 寿壽 収收 従從 渋澁澀 獣獸 縦縱 粛肅 処處
緒緖 叙敍敘 尚尙 将將 称稱 焼燒 証證 奨奬獎 条條 状狀 乗乘 浄淨 剰剩 畳疊 縄繩 壌壤 嬢孃 譲讓 醸釀
触觸 嘱囑 真眞 寝寢 慎愼 尽盡 図圖 粋粹 酔醉 穂穗 随隨 髄髓 枢樞 数數 瀬瀨 声聲 青靑 清淸 静靜 窃竊
摂攝 説說 浅淺 専專 践踐 銭錢 潜潛 線綫 繊纖 禅禪 双雙 壮壯 争爭 荘莊 捜搜 挿插 巣巢 曽曾 装裝 総總
騒騷 増增 蔵藏 臓臟 即卽 属屬 続續 堕墮 対對 体體 帯帶 滞滯 台臺 滝瀧 択擇 沢澤 脱脫 担擔 単單 胆膽
団團 断斷 弾彈 遅遲 痴癡 虫蟲 昼晝書 鋳鑄 庁廳 徴徵 聴聽 勅敕 鎮鎭 逓遞 鉄鐵銕 点點 転轉 伝傳 灯燈 当當
党黨 盗盜 闘鬪 徳德 独獨 読讀 届屆 弐貳貮 悩惱 脳腦 覇霸 拝拜 廃廢 売賣 梅楳 麦麥 発發 髪髮 抜拔 晩晚
蛮蠻 秘祕 浜濱濵 瓶甁 払拂 仏佛 併倂 並竝 餅餠 辺邊邉 変變 弁辨瓣辯 歩步 宝寶寳 豊豐 褒襃 翻飜 毎每
万萬 満滿 麺麵麪 黙默 弥彌 訳譯 薬藥 与與 予豫 余餘 誉譽 揺搖 様樣 謡謠 来來 頼賴 乱亂 覧覽 竜龍
両兩 猟獵猎 緑綠 涙淚 塁壘 礼禮 励勵 戻戾 霊靈 齢齡 暦曆 歴歷 恋戀 錬鍊 炉爐 労勞 郎郞 楼樓 録錄录
湾灣 高髙 崎﨑嵜㟢𥔎 吉𠮷 島嶋嶌㠀 富冨 渕淵 峰峯 柳栁 桑桒 柏栢 桧檜 野埜墅 松枩枀 秋穐龝 船舩 隣鄰
曳曵 迪廸 廻𢌞 熙煕熈 紘絋 傑杰 劉刘 聡聰 鶴鸖 亀龜 亘亙 槙槇 遥遙 瑶瑤 凛凜 昂昻 晋晉 穣穰 衆眾
舗舖 姉姊 坂岅 薮藪籔 篭籠 鴎鷗 竈竃 繋繫 頬頰 剥剝 迩邇 鯵鰺 蛎蠣 蝉蟬 莱萊 諌諫 靭靱 鹸鹼 麹麴
壷壺 桝枡 侠俠 倶俱 嘘噓 噛嚙 尭堯 掻搔 撹攪 涜瀆 溌潑 焔焰 痩瘦 祢禰 箪簞 繍繡 蒋蔣 蝋蠟 醤醬 醗醱
頚頸 填塡 顛顚 騨驒 掴摑 躯軀 砺礪 祷禱 屏屛 并幷 芦蘆 鴬鶯 湧涌 蓑簑 壬𡈼 橋𣘺 土𡈽 淳湻
澄澂 翠翆 皐皋 猿猨 鼎鼑 廟庿 第㐧 裕𥙿 晃晄 閲閱 悦悅 鋭銳 税稅 強强 教敎 内內 戸戶
鼡鼠 潟泻 晟晠 煙烟 窓窗 群羣 略畧 胸胷 脚腳 鉢盋 鍬鍫 槌鎚
"""


def _key_forms() -> dict[int, str]:
    """Code point of each variant -> the form of the key."""
    forms: dict[int, str] = {}
    for family in _FAMILIES.split():
        for variant in family[1:]:
            forms.setdefault(ord(variant), family[0])
    return forms


KEY_FORMS = _key_forms()
