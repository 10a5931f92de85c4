"""What the demo house serves: family|season|name|reading|contains|may contain. A `?` says that nobody has checked the dish yet.

`shoyu` stands for soybean and wheat, `koromo` for wheat and egg. 海老芋 is a taro: it has no shrimp in it.
"""

from typing import Final

SHORTHAND: Final = {"shoyu": ("soybean", "wheat"), "koromo": ("wheat", "egg")}

DISHES: Final = """
sakizuke|spring|筍の木の芽和え|たけのこのきのめあえ|squid shoyu sesame|
sakizuke|spring|蛍烏賊の酢味噌|ほたるいかのすみそ|squid shoyu|
sakizuke|spring|菜の花の辛子和え|なのはなのからしあえ|shoyu|
sakizuke|summer|枝豆豆腐|えだまめどうふ|soybean|wheat
sakizuke|summer|毛蟹と胡瓜の土佐酢|けがにときゅうりのとさず|crab shoyu|shrimp
sakizuke|summer|蛸と順才の梅酢|たことじゅんさいのうめず||shoyu
sakizuke|autumn|柿なます|かきなます||sesame
sakizuke|autumn|春菊と菊花のお浸し|しゅんぎくときっかのおひたし|shoyu|
sakizuke|autumn|焼茄子の胡麻クリーム|やきなすのごまくりーむ|sesame milk shoyu|
sakizuke|winter|蕪の柚子釜|かぶのゆずがま|shoyu|
sakizuke|winter|蟹の菊花和え|かにのきっかあえ|crab shoyu|egg shrimp
sakizuke|winter|鮟肝の生姜煮|あんきものしょうがに|shoyu alcohol|
sakizuke|all_year|胡桃豆腐|くるみどうふ|walnut shoyu|
sakizuke|all_year|引き上げ湯葉 山葵|ひきあげゆば わさび|shoyu|
hassun|spring|花見八寸|はなみはっすん|shrimp egg squid shoyu|
hassun|summer|祇園八寸|ぎおんはっすん|egg shoyu|shrimp
hassun|autumn|月見八寸|つきみはっすん|egg salmon_roe shoyu|
hassun|winter|雪見八寸|ゆきみはっすん|egg shoyu|shrimp
hassun|all_year|季節の八寸|きせつのはっすん|?|
wanmono|spring|若竹椀|わかたけわん|shoyu|
wanmono|spring|桜鯛の潮汁|さくらだいのうしおじる||
wanmono|spring|蛤真薯の清汁仕立て|はまぐりしんじょのすましじたて|shellfish egg yam|
wanmono|summer|鱧の葛叩き 梅肉|はものくずたたき ばいにく|shoyu|
wanmono|summer|冬瓜と海老の冷やし椀|とうがんとえびのひやしわん|shrimp shoyu|
wanmono|summer|玉蜀黍のすり流し|とうもろこしのすりながし|soybean|milk
wanmono|autumn|松茸土瓶蒸し|まつたけどびんむし|shrimp matsutake shoyu|
wanmono|autumn|月見椀|つきみわん|egg shoyu|
wanmono|autumn|名残鱧と松茸の清汁|なごりはもとまつたけのすましじる|matsutake shoyu|
wanmono|winter|蟹真薯|かにしんじょ|crab egg yam|shrimp
wanmono|winter|白味噌雑煮|しろみそぞうに|soybean|wheat
wanmono|winter|鱈と蕪のみぞれ椀|たらとかぶのみぞれわん|shoyu|
wanmono|all_year|海老真薯|えびしんじょ|shrimp egg yam shoyu|crab
mukozuke|spring|桜鯛の薄造り|さくらだいのうすづくり|raw_fish shoyu|
mukozuke|spring|初鰹のたたき|はつがつおのたたき|raw_fish blue_fish shoyu|
mukozuke|spring|細魚の昆布締め|さよりのこぶじめ|raw_fish shoyu|
mukozuke|summer|鱧の落とし|はものおとし|shoyu|
mukozuke|summer|鱸の洗い|すずきのあらい|raw_fish shoyu|
mukozuke|summer|間八と青柳|かんぱちとあおやぎ|raw_fish shellfish shoyu|
mukozuke|autumn|戻り鰹の藁焼き|もどりがつおのわらやき|raw_fish blue_fish shoyu|
mukozuke|autumn|鯖きずし|さばきずし|mackerel raw_fish shoyu|
mukozuke|autumn|梭子魚の焼霜造り|かますのやきしもづくり|raw_fish shoyu|
mukozuke|winter|寒鰤の平造り|かんぶりのひらづくり|raw_fish blue_fish shoyu|
mukozuke|winter|河豚の薄造り|ふぐのうすづくり|raw_fish shoyu|
mukozuke|winter|平目の昆布締め|ひらめのこぶじめ|raw_fish shoyu|
mukozuke|all_year|鮪と甘海老のお造り|まぐろとあまえびのおつくり|shrimp raw_fish shoyu|squid
yakimono|spring|鰆の幽庵焼|さわらのゆうあんやき|blue_fish shoyu|
yakimono|spring|筍の木の芽焼|たけのこのきのめやき|shoyu|
yakimono|spring|桜鱒の味噌漬焼|さくらますのみそづけやき|salmon soybean|wheat
yakimono|summer|鮎の塩焼き|あゆのしおやき||
yakimono|summer|賀茂茄子田楽|かもなすでんがく|soybean sesame|wheat chicken
yakimono|summer|太刀魚の一夜干し|たちうおのいちやぼし||
yakimono|autumn|秋鮭の杉板焼|あきざけのすぎいたやき|salmon shoyu|
yakimono|autumn|梭子魚の柚庵焼|かますのゆうあんやき|shoyu|
yakimono|autumn|甘鯛と松茸の奉書焼|あまだいとまつたけのほうしょやき|matsutake|
yakimono|winter|鰤の照り焼|ぶりのてりやき|blue_fish shoyu|
yakimono|winter|伊勢海老の雲丹焼|いせえびのうにやき|shrimp egg|crab
yakimono|winter|銀鱈の西京焼|ぎんだらのさいきょうやき|soybean|wheat
yakimono|all_year|甘鯛の若狭焼|あまだいのわかさやき|shoyu|
nimono|spring|若筍煮|わかたけに|shoyu|
nimono|spring|鯛の子と蕗の炊き合わせ|たいのことふきのたきあわせ|shoyu|
nimono|spring|車海老と新じゃがの炊き合わせ|くるまえびとしんじゃがのたきあわせ|shrimp shoyu|
nimono|summer|賀茂茄子と鰊の炊き合わせ|かもなすとにしんのたきあわせ|blue_fish shoyu|
nimono|summer|冬瓜の鶏そぼろ餡|とうがんのとりそぼろあん|chicken shoyu|
nimono|summer|車海老と小芋の冷やし鉢|くるまえびとこいものひやしばち|shrimp shoyu|
nimono|autumn|海老芋の含め煮|えびいものふくめに|shoyu|
nimono|autumn|蛸と里芋の柔らか煮|たことさといものやわらかに|shoyu alcohol|
nimono|autumn|穴子と大徳寺麩|あなごとだいとくじふ|shoyu|
nimono|winter|聖護院大根と鰤|しょうごいんだいこんとぶり|blue_fish shoyu|
nimono|winter|蕪の含め煮 蟹餡|かぶのふくめに かにあん|crab shoyu|
nimono|winter|牡蠣の土手煮|かきのどてに|oyster soybean|wheat
nimono|all_year|湯葉と生麩の炊き合わせ|ゆばとなまふのたきあわせ|shoyu|
agemono|spring|山菜の天ぷら|さんさいのてんぷら|koromo|
agemono|spring|白魚の磯辺揚げ|しらうおのいそべあげ|koromo|shrimp crab
agemono|summer|鱧と青紫蘇の天ぷら|はもとあおじそのてんぷら|koromo|
agemono|summer|玉蜀黍のかき揚げ|とうもろこしのかきあげ|koromo|shrimp
agemono|summer|小鮎の唐揚げ|こあゆのからあげ|wheat|
agemono|autumn|銀杏と海老の真薯揚げ|ぎんなんとえびのしんじょあげ|shrimp yam koromo|crab
agemono|autumn|松茸と鱧の天ぷら|まつたけとはものてんぷら|matsutake koromo|
agemono|autumn|蓮根の挟み揚げ|れんこんのはさみあげ|chicken koromo|
agemono|winter|河豚の唐揚げ|ふぐのからあげ|shoyu|
agemono|winter|蟹爪の東寺揚げ|かにづめのとうじあげ|crab soybean koromo|shrimp
agemono|winter|牡蠣の磯辺揚げ|かきのいそべあげ|oyster koromo|
agemono|all_year|湯葉の挟み揚げ|ゆばのはさみあげ|shoyu|shrimp
mushimono|spring|甘鯛の桜蒸し|あまだいのさくらむし|shoyu|
mushimono|summer|冷製茶碗蒸し 雲丹添え|れいせいちゃわんむし うにぞえ|egg shoyu|
mushimono|autumn|栗と甘鯛の飯蒸し|くりとあまだいのいいむし|shoyu|
mushimono|winter|蕪蒸し|かぶらむし|egg shoyu|crab
mushimono|all_year|茶碗蒸し|ちゃわんむし|egg shrimp chicken shoyu|
sunomono|spring|帆立と独活の黄身酢|ほたてとうどのきみず|shellfish egg|
sunomono|summer|鮑の肝酢|あわびのきもず|abalone shoyu|
sunomono|summer|鱧皮と胡瓜の酢の物|はもかわときゅうりのすのもの|shoyu|
sunomono|autumn|菊花蕪といくら|きっかかぶらといくら|salmon_roe|salmon
sunomono|winter|ずわい蟹の土佐酢|ずわいがにのとさず|crab shoyu|shrimp
sunomono|all_year|水雲酢|もずくす|shoyu|shrimp crab
niku|spring|和牛ロースの山椒焼|わぎゅうろーすのさんしょうやき|beef shoyu|
niku|summer|和牛の冷しゃぶ 胡麻だれ|わぎゅうのれいしゃぶ ごまだれ|beef sesame shoyu|
niku|autumn|和牛炭火焼|わぎゅうすみびやき|beef|shoyu
niku|autumn|鴨ロースの葡萄だれ|かもろーすのぶどうだれ|alcohol shoyu|milk
niku|winter|和牛のすき煮|わぎゅうのすきに|beef egg shoyu|
niku|all_year|京赤地鶏の塩焼き|きょうあかじどりのしおやき|chicken|
niku|all_year|豚の角煮|ぶたのかくに|pork shoyu alcohol|
nabe|spring|鯛しゃぶ|たいしゃぶ|shoyu|
nabe|summer|すっぽん小鍋|すっぽんこなべ|shoyu alcohol|egg
nabe|autumn|松茸と鱧のしゃぶしゃぶ|まつたけとはものしゃぶしゃぶ|matsutake shoyu|
nabe|winter|てっちり|てっちり|shoyu|
nabe|winter|牡丹鍋|ぼたんなべ|soybean|wheat pork
nabe|all_year|湯豆腐|ゆどうふ|shoyu|
shokuji|spring|筍ご飯|たけのこごはん|shoyu|
shokuji|spring|桜海老ご飯|さくらえびごはん|shrimp shoyu|crab
shokuji|summer|鱧寿司|はもずし|egg shoyu|
shokuji|summer|鮎ご飯|あゆごはん|shoyu|
shokuji|summer|玉蜀黍ご飯|とうもろこしごはん||
shokuji|autumn|栗ご飯|くりごはん||
shokuji|autumn|松茸ご飯|まつたけごはん|matsutake shoyu|
shokuji|autumn|新蕎麦|しんそば|buckwheat shoyu|mackerel
shokuji|winter|鯖寿司|さばずし|mackerel raw_fish|
shokuji|winter|蟹雑炊|かにぞうすい|crab egg shoyu|shrimp
shokuji|winter|牡蠣ご飯|かきごはん|oyster shoyu|
shokuji|all_year|白ご飯と赤出汁|しろごはんとあかだし|soybean|wheat
shokuji|all_year|ちりめん山椒のお茶漬け|ちりめんさんしょうのおちゃづけ|shoyu|shrimp crab
mizumono|spring|桜餅|さくらもち||egg
mizumono|spring|苺と桜のアイス|いちごとさくらのあいす|milk egg|
mizumono|summer|水羊羹|みずようかん||
mizumono|summer|白桃のコンポート|はくとうのこんぽーと|peach alcohol|gelatin
mizumono|summer|抹茶の葛切り|まっちゃのくずきり||soybean
mizumono|autumn|柿と梨の寄せ|かきとなしのよせ|gelatin|apple
mizumono|autumn|栗の渋皮煮とほうじ茶アイス|くりのしぶかわにとほうじちゃあいす|milk egg|
mizumono|autumn|葡萄の白ワイン寄せ|ぶどうのしろわいんよせ|gelatin alcohol|
mizumono|winter|林檎のコンポート|りんごのこんぽーと|apple alcohol|
mizumono|winter|柚子のシャーベット|ゆずのしゃーべっと||orange milk
mizumono|winter|苺大福|いちごだいふく||soybean
mizumono|all_year|抹茶のブランマンジェ|まっちゃのぶらんまんじぇ|milk gelatin|almond
mizumono|all_year|わらび餅|わらびもち|soybean|
mizumono|all_year|季節の果物|きせつのくだもの|?|
drink|all_year|純米吟醸 月待|じゅんまいぎんじょう つきまち|alcohol|
drink|all_year|樽酒 花筏|たるざけ はないかだ|alcohol|
drink|all_year|瓶ビール|びんびーる|alcohol wheat|
drink|all_year|赤ワイン|あかわいん|alcohol|
drink|all_year|梅酒|うめしゅ|alcohol|
drink|all_year|冷やし玉露|ひやしぎょくろ||
drink|all_year|柚子ソーダ|ゆずそーだ||
other|all_year|出汁巻き玉子|だしまきたまご|egg shoyu|
other|all_year|おばんざい三種盛り|おばんざいさんしゅもり|sesame shoyu|
other|all_year|鯖の一夜干し|さばのいちやぼし|mackerel|
other|all_year|九条葱と揚げのサラダ|くじょうねぎとあげのさらだ|shoyu sesame|
other|all_year|海老と生麩の揚げ出し|えびとなまふのあげだし|shrimp shoyu|crab
other|all_year|新生姜の掻き揚げ|しんしょうがのかきあげ|?|
other|all_year|お子様膳|おこさまぜん|shrimp milk chicken koromo|crab
"""
MONTHS: Final = (
    ("睦月", "むつき"),
    ("如月", "きさらぎ"),
    ("弥生", "やよい"),
    ("卯月", "うづき"),
    ("皐月", "さつき"),
    ("水無月", "みなづき"),
    ("文月", "ふみづき"),
    ("葉月", "はづき"),
    ("長月", "ながつき"),
    ("神無月", "かんなづき"),
    ("霜月", "しもつき"),
    ("師走", "しわす"),
)
# name, reading, price in the last year, families of its dishes in their order
MONTHLY_COURSES: Final = (
    (
        "松",
        "まつ",
        22_000,
        "sakizuke hassun wanmono mukozuke yakimono nimono niku sunomono shokuji mizumono".split(),
    ),
    ("竹", "たけ", 14_000, "sakizuke wanmono mukozuke yakimono agemono mushimono shokuji mizumono".split()),
)
SEASONS_JA: Final = {
    "spring": ("春", "はる"),
    "summer": ("夏", "なつ"),
    "autumn": ("秋", "あき"),
    "winter": ("冬", "ふゆ"),
}
INN_COURSE: Final = ("湯宿会席", "ゆやどかいせき", 16_000)
INN_FAMILIES: Final = "sakizuke wanmono mukozuke yakimono nimono nabe shokuji mizumono".split()
BANQUET_COURSE: Final = ("宴会料理", "えんかいりょうり", 11_000)
BANQUET_FAMILIES: Final = "hassun mukozuke yakimono nimono agemono shokuji mizumono".split()
ALL_YEAR_COURSES: Final = (
    (
        "まつかぜ膳",
        "まつかぜぜん",
        3_800,
        ("おばんざい三種盛り", "出汁巻き玉子", "茶碗蒸し", "白ご飯と赤出汁", "わらび餅"),
    ),
    (
        "おまかせ五品",
        "おまかせごひん",
        6_500,
        ("胡桃豆腐", "鮪と甘海老のお造り", "鯖の一夜干し", "海老と生麩の揚げ出し", "抹茶のブランマンジェ"),
    ),
    (
        "松風荘の朝餉",
        "まつかぜそうのあさげ",
        3_300,
        ("引き上げ湯葉 山葵", "出汁巻き玉子", "鯖の一夜干し", "白ご飯と赤出汁"),
    ),
)

# Base preparations: name|reading|contains|may contain|in the dishes whose names hold one of these, or that stand in that place.
BASES: Final = """
割り醤油|わりじょうゆ|shoyu||@mukozuke
真薯地|しんじょじ|egg yam||真薯
一番出汁|いちばんだし|||@wanmono
"""
# Families: name|reading|words in the names of the dishes.
FAMILIES: Final = """
鯛|たい|桜鯛 鯛の 鯛しゃぶ
鱧|はも|鱧
蟹|かに|蟹
松茸|まつたけ|松茸
海老|えび|海老真薯 車海老 伊勢海老 甘海老 桜海老
鮎|あゆ|鮎
鰹|かつお|鰹
"""
# What guests come for when its season is there.
SIGNATURES: Final = ("松茸土瓶蒸し", "鮎の塩焼き", "海老真薯", "河豚の薄造り", "花見八寸")
# Name|English name|description for the English menu.
ENGLISH: Final = """
松茸土瓶蒸し|Matsutake mushrooms in a clay teapot|Clear broth with matsutake, served with sudachi citrus.
海老真薯|Shrimp dumpling in clear soup|A soft dumpling of shrimp and white fish in dashi.
鮎の塩焼き|Salt-grilled sweetfish|Ayu from the river, grilled whole over charcoal.
桜鯛の薄造り|Thinly sliced spring sea bream|Sashimi of sea bream at its best, with soy sauce and wasabi.
河豚の薄造り|Thinly sliced blowfish|Sashimi of fugu with ponzu and grated radish.
胡桃豆腐|Walnut tofu|A smooth cake of ground walnuts and kudzu starch.
賀茂茄子田楽|Kamo eggplant with sweet miso|Kyoto eggplant, grilled and glazed with sweet miso.
季節の八寸|Seasonal platter|An assortment of small dishes of the season.
筍の木の芽和え|Bamboo shoots dressed with sansho leaves|
蛍烏賊の酢味噌|Firefly squid with vinegared miso|
菜の花の辛子和え|Rape blossoms with mustard dressing|
枝豆豆腐|Green soybean tofu|
毛蟹と胡瓜の土佐酢|Hairy crab and cucumber in bonito vinegar|
蛸と順才の梅酢|Octopus and water shield in plum vinegar|
柿なます|Persimmon and daikon in sweet vinegar|
春菊と菊花のお浸し|Chrysanthemum greens and petals in dashi|
焼茄子の胡麻クリーム|Grilled eggplant with sesame cream|
蕪の柚子釜|Turnip served in a yuzu cup|
蟹の菊花和え|Crab with chrysanthemum petals|
鮟肝の生姜煮|Monkfish liver simmered with ginger|
引き上げ湯葉 山葵|Fresh tofu skin with wasabi|
花見八寸|Cherry-blossom platter|
祇園八寸|Gion festival platter|
月見八寸|Moon-viewing platter|
雪見八寸|Snow-viewing platter|
若竹椀|Bamboo shoot and seaweed soup|
桜鯛の潮汁|Clear soup of spring sea bream|
蛤真薯の清汁仕立て|Clam dumpling in clear soup|
鱧の葛叩き 梅肉|Pike conger in clear soup with plum|
冬瓜と海老の冷やし椀|Chilled soup of winter melon and shrimp|
玉蜀黍のすり流し|Sweetcorn soup|
月見椀|Moon-viewing soup with egg|
名残鱧と松茸の清汁|Late pike conger and matsutake in clear soup|
蟹真薯|Crab dumpling in clear soup|
白味噌雑煮|New Year's soup with white miso and rice cake|
鱈と蕪のみぞれ椀|Cod in grated turnip soup|
初鰹のたたき|Seared first bonito|
細魚の昆布締め|Halfbeak cured in kelp|
鱧の落とし|Blanched pike conger with plum|
鱸の洗い|Ice-chilled sea bass sashimi|
間八と青柳|Amberjack and surf clam sashimi|
戻り鰹の藁焼き|Straw-smoked autumn bonito|
鯖きずし|Vinegar-cured mackerel|
梭子魚の焼霜造り|Seared barracuda sashimi|
寒鰤の平造り|Winter yellowtail sashimi|
平目の昆布締め|Flounder cured in kelp|
鮪と甘海老のお造り|Tuna and sweet shrimp sashimi|
鰆の幽庵焼|Spanish mackerel grilled in yuzu soy|
筍の木の芽焼|Grilled bamboo shoots with sansho leaves|
桜鱒の味噌漬焼|Miso-marinated cherry salmon|
太刀魚の一夜干し|Overnight-dried cutlassfish|
秋鮭の杉板焼|Autumn salmon grilled on cedar|
梭子魚の柚庵焼|Barracuda grilled in yuzu soy|
甘鯛と松茸の奉書焼|Tilefish and matsutake baked in paper|
鰤の照り焼|Teriyaki yellowtail|
伊勢海老の雲丹焼|Spiny lobster glazed with sea urchin|
銀鱈の西京焼|Black cod in sweet white miso|
甘鯛の若狭焼|Tilefish grilled with its scales|
若筍煮|Simmered bamboo shoots and seaweed|
鯛の子と蕗の炊き合わせ|Simmered sea bream roe and butterbur|
車海老と新じゃがの炊き合わせ|Simmered tiger prawn and new potatoes|
賀茂茄子と鰊の炊き合わせ|Simmered Kamo eggplant and herring|
冬瓜の鶏そぼろ餡|Winter melon with minced chicken sauce|
車海老と小芋の冷やし鉢|Chilled tiger prawn and taro|
海老芋の含め煮|Simmered Kyoto taro|
蛸と里芋の柔らか煮|Tender octopus and taro|
穴子と大徳寺麩|Conger eel and Daitokuji wheat gluten|
聖護院大根と鰤|Shogoin radish and yellowtail|
蕪の含め煮 蟹餡|Simmered turnip with crab sauce|
牡蠣の土手煮|Oysters simmered in miso|
湯葉と生麩の炊き合わせ|Simmered tofu skin and wheat gluten|
山菜の天ぷら|Mountain vegetable tempura|
白魚の磯辺揚げ|Icefish fried with seaweed|
鱧と青紫蘇の天ぷら|Pike conger and shiso tempura|
玉蜀黍のかき揚げ|Sweetcorn fritter|
小鮎の唐揚げ|Deep-fried young sweetfish|
銀杏と海老の真薯揚げ|Fried shrimp and ginkgo dumpling|
松茸と鱧の天ぷら|Matsutake and pike conger tempura|
蓮根の挟み揚げ|Fried lotus root with chicken|
河豚の唐揚げ|Deep-fried blowfish|
蟹爪の東寺揚げ|Crab claw fried in tofu skin|
牡蠣の磯辺揚げ|Oysters fried with seaweed|
湯葉の挟み揚げ|Fried layers of tofu skin|
甘鯛の桜蒸し|Tilefish steamed in cherry leaf|
冷製茶碗蒸し 雲丹添え|Chilled savory custard with sea urchin|
栗と甘鯛の飯蒸し|Steamed rice with chestnut and tilefish|
蕪蒸し|Steamed grated turnip|
茶碗蒸し|Savory egg custard|
帆立と独活の黄身酢|Scallop and udo with egg yolk vinegar|
鮑の肝酢|Abalone with liver vinegar|
鱧皮と胡瓜の酢の物|Vinegared pike conger skin and cucumber|
菊花蕪といくら|Chrysanthemum turnip with salmon roe|
ずわい蟹の土佐酢|Snow crab in bonito vinegar|
水雲酢|Mozuku seaweed in vinegar|
和牛ロースの山椒焼|Wagyu sirloin with sansho pepper|
和牛の冷しゃぶ 胡麻だれ|Chilled wagyu with sesame sauce|
和牛炭火焼|Charcoal-grilled wagyu|
鴨ロースの葡萄だれ|Duck breast with grape sauce|
和牛のすき煮|Wagyu sukiyaki|
京赤地鶏の塩焼き|Salt-grilled Kyoto chicken|
豚の角煮|Braised pork belly|
鯛しゃぶ|Sea bream hot pot|
すっぽん小鍋|Soft-shelled turtle hot pot|
松茸と鱧のしゃぶしゃぶ|Matsutake and pike conger hot pot|
てっちり|Blowfish hot pot|
牡丹鍋|Wild boar hot pot|
湯豆腐|Simmered tofu|
筍ご飯|Rice with bamboo shoots|
桜海老ご飯|Rice with sakura shrimp|
鱧寿司|Pike conger sushi|
鮎ご飯|Rice with sweetfish|
玉蜀黍ご飯|Rice with sweetcorn|
栗ご飯|Rice with chestnuts|
松茸ご飯|Rice with matsutake|
新蕎麦|New-harvest buckwheat noodles|
鯖寿司|Mackerel pressed sushi|
蟹雑炊|Crab and rice soup|
牡蠣ご飯|Rice with oysters|
白ご飯と赤出汁|Steamed rice and red miso soup|
ちりめん山椒のお茶漬け|Rice in tea with baby sardines and sansho|
桜餅|Rice cake in a cherry leaf|
苺と桜のアイス|Strawberry and cherry-blossom ice cream|
水羊羹|Chilled red bean jelly|
白桃のコンポート|White peach compote|
抹茶の葛切り|Matcha kudzu noodles|
柿と梨の寄せ|Persimmon and pear jelly|
栗の渋皮煮とほうじ茶アイス|Candied chestnut with roasted tea ice cream|
葡萄の白ワイン寄せ|Grapes in white wine jelly|
林檎のコンポート|Apple compote|
柚子のシャーベット|Yuzu sorbet|
苺大福|Strawberry rice cake|
抹茶のブランマンジェ|Matcha blancmange|
わらび餅|Bracken starch cake with soybean flour|
季節の果物|Fruit of the season|
出汁巻き玉子|Rolled omelette with dashi|
おばんざい三種盛り|Three Kyoto home dishes|
鯖の一夜干し|Overnight-dried mackerel|
九条葱と揚げのサラダ|Salad of Kujo leek and fried tofu|
海老と生麩の揚げ出し|Fried shrimp and wheat gluten in dashi|
お子様膳|Children's meal|
"""
