"""What the kitchen's words say of allergens: words | contains | may contain, by the codes of the allergens.

A line without codes shields its words: バターナッツ is no butter. Words are written as NFKC has them; hiragana and katakana
are one. The longest word wins where two begin or end in one another, so a shield needs no rule of its own.
"""

from typing import Final

FOODS: Final = """
# shrimp, crab, squid, fish
えび 海老 蝦 シュリンプ プローン スカンピ ロブスター オマール海老 ざりがに クルマエビ | shrimp
えびいも 海老芋 えびす えびす南瓜 えび茶 |
かに 蟹 がに ずわい たらばがに 毛蟹 松葉がに | crab
かに玉 かにたま 蟹玉 | egg crab
かにかま かに風味 かに風味かまぼこ かに蒲鉾 かにかまぼこ かに風味棒 カニ風 | | crab egg wheat shrimp
かにく やわらかに 柔らかに 軟らかに ほのかに 豊かに わずかに なかに |
シーフード シーフードミックス 海鮮 魚介 | | shrimp crab squid shellfish
海鮮風 魚介風 魚介だし |
トムヤムクン トムヤム | shrimp
あみ漬 おきあみ アミエビ | | shrimp
いか 烏賊 するめ スルメイカ いかすみ 塩辛 カラマリ もんごう やりいか ほたるいか | squid
ドライカ フライカ すいか いかなご いかり いかだ いかが たいか せいか めいか ていか けいか |
あわび 鮑 | abalone
あわびたけ |
いくら すじこ 筋子 はらこ | salmon_roe
さけ 鮭 紅ざけ 銀ざけ サーモン しゃけ 秋鮭 新巻 鮭フレーク | salmon
おさけ |  | alcohol
さけるチーズ | milk
さけかす さけのかす | | alcohol
トラウト トラウトサーモン 鱒 にじます ます寿司 ますずし サクラマス | | salmon
さば 鯖 さば節 鯖節 しめさば 塩さば バッテラ | mackerel blue_fish
さばふぐ |
いわし 鰯 あじ 鯵 さんま 秋刀魚 ぶり 鰤 にしん 鰊 | blue_fish
味 あじさい あじつけ あじわい あじつけのり |
ぶりっ どんぶり かぶり |
かき 牡蠣 オイスター | oyster shellfish
かきたま かきたま汁 | egg
かきあげ かき揚げ | wheat | egg
かき氷 かきごおり かき餅 かきもち かきの葉 かきの種 ぶっかき かきな 柿 かきの木 きのこ かきなます かきまわし |
かきまぜ かき菜 たかきび |
オイスターソース かき油 | oyster shellfish | wheat soybean
あさり しじみ はまぐり 蛤 ほたて 帆立 ムール貝 つぶ貝 ばい貝 さざえ 赤貝 貝柱 | shellfish
かえり しらす ちりめん じゃこ しらす干し ちりめんじゃこ 青のり あおさ 釜揚げしらす | | shrimp crab
だし削り節 混合削り節 削り節 混合節 けずりぶし だしパック だしの素 和風だし 混合だし | | mackerel
花かつお かつお節 鰹節 かつおぶし かつお削り節 かつおだし 昆布だし 煮干し いりこ あごだし |
めんつゆ つゆの素 そばつゆ 白だし 天つゆ 割り下 | wheat soybean | mackerel
# surimi and cured meat
いかそうめん いか素麺 烏賊そうめん イカソーメン | squid
かまぼこ 蒲鉾 なると 鳴門 すり身 練り物 ねり製品 魚肉ソーセージ つみれ 魚河岸揚げ 魚そうめん | | egg wheat shrimp crab
ちくわ 竹輪 さつま揚げ じゃこ天 揚げかまぼこ ごぼう天 丸天 平天 ごぼう巻 えび天 白天 | | egg wheat soybean shrimp crab
はんぺん | egg | wheat yam
てんぷら 金時揚げ 団子揚げ | | egg wheat soybean shrimp crab
伊達巻 だて巻 | egg | wheat
ハム ロースハム ボンレスハム 生ハム プレスハム ベーコン ショルダーベーコン | pork | egg milk soybean
ウインナー ウィンナー ソーセージ フランク フランクフルト サラミ チョリソー | pork | egg milk soybean wheat
ポークビッツ | pork | egg milk soybean wheat
鶏ハム チキンハム サラダチキン | chicken | egg milk soybean
ハムスター ハムカツ |
# meat
牛 牛肉 和牛 ビーフ 牛すじ 牛タン カルビ 牛脂 フォンドボー | beef
水牛 牛蒡 牛旁 牛ぼう ビーフン カルビ風 蝸牛 |
ハラミ | beef
豚 豚肉 ポーク 焼豚 チャーシュー 叉焼 豚骨 とんこつ ラード とん平 豚バラ 角煮 | pork
豚汁 とん汁 とんじる | pork soybean
まぐろ角煮 まぐろの角煮 鮪角煮 鮪の角煮 かつお角煮 かつおの角煮 鰹の角煮 さんま角煮 さんまの角煮 | wheat soybean
鶏チャーシュー とりチャーシュー | chicken
ルーローハン ルーロー飯 ルーロー 魯肉飯 | pork | wheat soybean egg
パンチェッタ プロシュート | pork
とんぶり |
鶏 鶏肉 鳥肉 とり肉 チキン ささみ ささ身 手羽 手羽先 手羽元 鶏がら 若鶏 地鶏 焼き鳥 焼鳥 やきとり とりもも | chicken
とりむね とりそぼろ とりにく とり天 とりごぼう 鶏ガラ がらスープ ガラスープ 軍鶏 鳥 とりから | chicken
とりの唐揚げ とりのから揚げ | chicken
とりめし とり飯 とり団子 とりだんご とりつくね とりハム とりレバー とり南蛮 とりすき とり鍋 とりなべ とりの いり鳥 | chicken
鳥取 鳥羽 鳥海 鳥居 白鳥 飛鳥 千鳥 鳥獣 |
つくね | | chicken pork egg
シーチキン | | soybean
つくね芋 つくねいも | yam
鶏卵 鶏たまご | egg
合いびき 合びき 合挽 合挽き あいびき | beef pork
ひき肉 挽肉 ミンチ 焼肉 焼き肉 ミートソース ミート | | beef pork
大豆ミート ソイミート 大豆肉 | soybean
ホルモン もつ レバー | | beef pork chicken
ブイヨン コンソメ スープの素 | | chicken beef wheat milk soybean
チキンコンソメ チキンブイヨン | chicken | wheat milk soybean
中華だし 中華スープの素 中華スープ 鶏がらスープ ガラスープの素 | chicken | wheat pork soybean sesame milk
デミグラス デミグラスソース ドミグラス | wheat | beef milk soybean
# egg
卵 玉子 たまご エッグ 鶏卵 うずら うずら卵 うずらの卵 錦糸卵 温泉卵 茶碗蒸し 茶わん蒸し 厚焼き | egg
オムレツ オムライス スクランブル カスタード メレンゲ 天津 卵白 卵黄 全卵 むらくも 親子どん 親子どんぶり | egg
ちゃわんむし 茶わんむし 茶碗むし 出汁巻 出汁巻き だし巻 だし巻き だしまき 出し巻 出し巻き 玉子巻 卵巻 目玉焼 | egg
天津甘栗 天津栗 |
親子丼 親子煮 ピカタ 千草焼き 錦糸 ニラ玉 にら玉 | egg
魚卵 卵の花 うの花 卯の花 たまごたけ エッグプラント たまごかけ醤油 |
卵の花炒り うの花炒り | soybean
マヨネーズ マヨ タルタル | egg | soybean
ティラミス | milk egg wheat | gelatin
ミルクレープ | wheat egg milk
フレンチトースト | wheat egg milk
どらやき | wheat egg | milk soybean
豆乳マヨネーズ ソイマヨ ノンエッグマヨネーズ エッグフリーマヨネーズ 卵なしマヨネーズ 卵を使わないマヨネーズ | soybean
エッグケア マヨネーズ風 マヨドレ | soybean
たらこ 明太子 めんたい 数の子 かずのこ とびこ からすみ |
# milk
乳 牛乳 ミルク 粉乳 脱脂粉乳 練乳 乳製品 乳清 乳糖 ホエイ ホエー カゼイン 乳飲料 バター | milk
生クリーム 乳酸菌飲料 チーズ パルメザン モッツァレラ マスカルポーネ ヨーグルト ヨーグルトドリンク | milk
カフェオレ カルピス ヤクルト ジョア クリームチーズ 牛酪 サワークリーム クリームソース ホワイトソース | milk
ベシャメル ホワイトルウ カフェラテ 抹茶ラテ ほうじ茶ラテ カプチーノ ビシソワーズ キャラメル | milk
ソイラテ 豆乳ラテ | soybean
キャラメル色素 カラメル色素 母乳 乳茸 |
チャウダー クラムチャウダー | milk | wheat shellfish
パンナコッタ ブランマンジェ ババロア | milk gelatin | egg
ブリュレ クリームブリュレ クレームブリュレ | egg milk
スイートポテト ミルクココア 調整ココア | | milk
マーガリン クリーム ホイップ ホイップクリーム ショートニング入りマーガリン | | milk
ショートニング ソフトクリーム型 クリーム色 アイスプラント |
豆乳 豆乳ヨーグルト 豆乳クリーム 豆乳チーズ 豆乳ホイップ ソイミルク 豆乳飲料 調製豆乳 無調整豆乳 | soybean
ココナッツミルク ココナツミルク ココナッツクリーム ココナツクリーム ライスミルク オーツミルク |
オートミルク カカオバター ココアバター シアバター バターナッツ バターナッツかぼちゃ バターナツ |
バターナッツ南瓜 乳酸 乳酸カルシウム 乳化剤 ミルクフィッシュ 乳酸菌 乳鉢 クリームコーン |
コーンクリーム缶 |
アーモンドミルク | almond
コーンスープの素 ポタージュ コーンポタージュ | | milk wheat
アイスコーヒー アイスティー アイスココア アイスキャンディー アイスキャンデー アイスバーグ アイスボックス |
アイス アイスクリーム ソフトクリーム ジェラート | milk | egg
プリン | egg milk | gelatin
牛乳プリン ミルクプリン | milk | egg gelatin
豆乳プリン | soybean | gelatin
チョコ チョコレート ココア味 | | milk soybean
# wheat and its things
小麦 小麦粉 薄力粉 強力粉 中力粉 全粒粉 セモリナ デュラム グラハム 麸 麩 車麩 焼麩 生麩 お麩 | wheat
ふ入り うどん 冷や麦 にゅうめん 煮麺 煮麵 温麺 担担麺 坦々麺 坦坦麺 油麺 ナポリタン カルボナーラ | wheat
そうめん 素麺 ひやむぎ 冷麦 きしめん ふしめん ふし麺 たんめん タンメン 担々麺 | wheat
タンタンめん つけめん つけ麺 ラーメン 中華めん 中華麺 らーめん スパゲッティ スパゲティ スパゲッティー | wheat
マカロニ パスタ ペンネ ラザニア シェルマカロニ クスクス すいとん ワンタン 雲呑 わんたん 餃子の皮 | wheat
ぎょうざの皮 春巻きの皮 春巻の皮 ちゃんぽん 冷やし中華 皿うどん ほうとう 沖縄そば 焼きそば 焼そば 焼き蕎麦 焼蕎麦 | wheat
やきそば 中華蕎麦 支那蕎麦 沖縄蕎麦 油蕎麦 宮古そば 八重山そば 中華そば 支那そば ソーキそば 油そば | wheat
まぜそば 台湾そば そばめし 塩焼きそば 蒸し中華めん | wheat
蒸し麺 揚げ玉 天かす 唐揚げ粉 から揚げ粉 フラワー粉 バゲット セルフバーガー ドッグパン ピタ | wheat
ナンプラー なんこう なんぜん なんぶ なんと なんてん なんか なんきん なんばん ナンコツ ナン骨 |
パン フランスパン 食パン トースト コッペパン ロールパン バンズ 黒糖パン 丸パン 背割りパン | wheat | milk egg soybean
パン粉 | wheat | milk egg soybean
ソフトパン粉 乾燥パン粉 生パン粉 バターロール クロワッサン ベーグル スコーン ラスク | wheat | milk egg soybean
クルトン | wheat | milk egg soybean
ミルクパン ナン | wheat | milk egg soybean
米粉パン | | wheat milk
パンプキン フライパン パンジー パンチ フルーツパンチ シャンパン スパン パンガシウス ジャパン パンフレット |
お好み焼き粉 たこ焼き粉 | wheat | egg milk yam
天ぷら粉 てんぷら粉 ホットケーキミックス ホットケーキ パンケーキ | wheat | egg milk
米粉 上新粉 白玉粉 もち粉 片栗粉 でんぷん 澱粉 コーンスターチ タピオカ 米粉麺 米めん フォー 春雨 はるさめ 大麦 |
米粒麦 押麦 もち麦 麦ごはん 麦飯 麦茶 丸麦 麦入り オートミール ライ麦 はと麦 麦 |
麦みそ | soybean
カレールウ カレールー ハヤシルウ ハヤシルー シチュールウ | wheat | milk soybean beef chicken pork apple sesame
シチューの素 ルウ ルー ビーフシチュールウ | wheat | milk soybean beef chicken pork apple sesame
カレーフレーク | wheat | milk soybean beef chicken pork apple
ブルー ルーコラ ルーム フルーツ フルート プルーン グループ クルーズ ルーツ |
ケーキ カステラ ドーナツ ワッフル クレープ どら焼き シュークリーム エクレア マフィン | wheat egg | milk soybean
ガトーショコラ ブラウニー マドレーヌ バウムクーヘン ロールケーキ | wheat egg | milk soybean
マーラーカオ マファール ちんすこう 月餅 | wheat | egg milk
お米のタルト 米粉タルト | | wheat egg milk soybean
クッキー ビスケット クラッカー タルト サブレ ウエハース | wheat | egg milk soybean
パイ パイシート | wheat | milk egg
アップルパイ りんごパイ | apple wheat | milk egg
パイン パイナップル パインアップル スパイス スパイシー パイ缶 パイタン |
まんじゅう 饅頭 せんべい おかき あられ | | wheat soybean
米粉ケーキ | | egg milk wheat
# buckwheat
そば 蕎麦 日本そば 茶そば ざるそば 更科 年越しそば わんこそば | buckwheat | wheat
そば粉 蕎麦粉 十割そば そばの実 そば米 そば茶 | buckwheat
冷麺 冷めん | wheat | buckwheat
そうめんかぼちゃ そうめん南瓜 そうめんうり そうめん瓜 |
ガレット | | buckwheat
そばかす マーガレット メルルーサ |
# soybean and seasonings
大豆 大豆油 大豆もやし 豆もやし 水煮大豆 枝豆 えだまめ 黒豆 節分豆 福豆 炒り豆 きな粉 きなこ 黄粉 | soybean
豆腐 とうふ 高野豆腐 凍り豆腐 焼き豆腐 木綿豆腐 絹ごし 油揚げ 油あげ あぶらあげ 厚揚げ 生揚げ | soybean
揚げ出し おから 納豆 なっとう 湯葉 ゆば ずんだ テンペ ソイ 五目豆 うの花 味噌 みそ 赤みそ 白みそ | soybean
八丁みそ 豆みそ 米みそ 打ち豆 打豆 呉汁 たまりしょうゆ ひきわり | soybean
みそら みそか みそさざい |
豆板醤 トウバンジャン トーバンジャン | | soybean wheat
甜麺醤 テンメンジャン 甜面醤 | wheat soybean | sesame
コチュジャン コチジャン | soybean | wheat
がんも がんもどき ひりょうず 飛竜頭 ひろうす 飛龍頭 | soybean | egg yam sesame
金山寺みそ もろみ もろみみそ | soybean wheat
しょうゆ 醤油 しょう油 正油 こいくち うすくち 濃口 薄口 ポン酢しょうゆ ポン酢 ぽん酢 しょうゆ麹 | wheat soybean
だし醤油 甘露煮 塩ふき昆布 塩昆布 ひじきのり のりの佃煮 ごはんですよ 照り焼き 照焼き 蒲焼 かば焼き | wheat soybean
佃煮 つくだ煮 つくだに 焼肉のたれ 焼き肉のたれ うなぎのたれ | wheat soybean
焼肉のたれ 焼き肉のたれ | wheat soybean | sesame apple
ウスターソース とんかつソース 中濃ソース お好みソース お好み焼きソース 焼きそばソース | | apple soybean wheat
濃厚ソース | | apple soybean wheat
ソース | | soybean wheat apple
トマトソース チリソース ケチャップ ピューレ | tomato
サラダ油 揚げ油 白絞油 植物油 調合油 天ぷら油 てんぷら油 レシチン ミックスビーンズ サラダビーンズ ツナ | | soybean
まぐろ油漬 ライトツナ 油漬 たくあん | | soybean
なたね油 菜種油 米油 こめ油 オリーブ油 オリーブオイル ひまわり油 綿実油 |
卵豆腐 玉子豆腐 たまご豆腐 | egg | wheat soybean
ごま豆腐 胡麻豆腐 | sesame
杏仁豆腐 | | milk gelatin
ピーナッツ豆腐 ジーマーミ豆腐 落花生豆腐 | peanut
くるみ豆腐 | walnut
あずき 小豆 いんげん豆 ひよこ豆 グリンピース そら豆 えんどう 金時豆 うずら豆 うぐいす豆 ひよこまめ 緑豆もやし もやし |
白いんげん レンズ豆 ガルバンゾー |
ドレッシング | | soybean wheat egg sesame apple
フレンチドレッシング イタリアンドレッシング | | soybean wheat egg
ごまドレッシング | sesame | soybean wheat egg
キムチ | | shrimp soybean wheat apple
ふりかけ お茶漬けの素 めしの素 ごはんの素 混ぜごはんの素 | | wheat soybean sesame milk egg
味付けのり 味付のり 味付けもみのり 味付け海苔 味付海苔 味付小魚 味付け小魚 | | wheat soybean shrimp crab
ガーリックトースト | wheat | milk
みたらし | wheat soybean
かりんとう チャパティ ロティ | wheat
冷奴 冷やっこ ひややっこ 湯奴 西京焼 西京焼き 西京漬 西京漬け 赤だし | soybean
いなり寿司 いなりずし 稲荷寿司 稲荷ずし お稲荷 いなり揚げ 味付いなり 味付けいなり きつねうどん | soybean wheat
きつねそば | buckwheat soybean wheat
ラー油 | | sesame soybean
クロソイ くろそい シマソイ キツネソイ |
# sesame, nuts
ごま 胡麻 白ごま 黒ごま 炒り白ごま すりごま 練りごま ねりごま ごま油 ごま塩 ごまだれ 芝麻醤 タヒニ セサミ | sesame
ナムル | sesame
ごまめ ごまかし いちご だんご |
ごまさば | mackerel blue_fish
バンバンジー 棒棒鶏 棒々鶏 | chicken sesame
バンバンジードレッシング 棒棒鶏ドレッシング 棒々鶏ドレッシング バンバンジーソース | sesame | soybean wheat egg chicken
ピーナッツ ピーナツ 落花生 南京豆 ピーナッツバター ピーナツバター | peanut
バターピーナッツ バターピーナツ バタピー | peanut | milk
ピーナッツかぼちゃ ピーナツかぼちゃ ピーナッツ南瓜 |
アーモンド | almond tree_nuts
カシューナッツ カシュー カシュナッツ カシュウナッツ | cashew tree_nuts
ウォールナッツ ウォルナッツ ウォールナット | walnut tree_nuts
ヘーゼルナッツ ピーカンナッツ ペカンナッツ ブラジルナッツ | tree_nuts
くるみ 胡桃 | walnut tree_nuts
おくるみ |
ピスタチオ | pistachio tree_nuts
マカダミア マカデミア | macadamia tree_nuts
ピザ用チーズ ピザチーズ | milk
ミックスナッツ ナッツ | tree_nuts | almond cashew walnut peanut macadamia pistachio
ココナッツ ココナツ ナツメグ ナタデココ ナッツメグ |
# raw
刺身 刺し身 さしみ お造り 御造り 昆布締め 昆布〆 昆布じめ カルパッチョ なめろう 握り寿司 にぎり寿司 | raw_fish
刺身こんにゃく 刺身蒟蒻 さしみこんにゃく 刺身湯葉 刺身用 |
# fruit, yam, gelatin, the rest
オレンジ ネーブル バレンシア | orange
オレンジパプリカ オレンジ色 オレンジピーマン オレンジトマト オレンジ白菜 |
マーマレード | | orange
キウイ キウィ | kiwifruit
バナナ | banana
バナナピーマン |
もも 桃 白桃 黄桃 ピーチ | peach
すもも 桃の節句 桃太郎 ももたろう 桃色 |
りんご 林檎 アップル りんご酢 | apple
チャツネ チャツネー | | apple
アップルマンゴー パイナップルジュース アップルミント |
フルーツミックス ミックスフルーツ フルーツカクテル フルーツポンチ フルーツ缶 | | peach orange apple banana kiwifruit
やまいも 山芋 山いも 長芋 長いも ながいも とろろ 自然薯 大和芋 やまといも 山の芋 むかご とろろ汁 | yam
とろろ昆布 とろろこんぶ |
とろろ芋 とろろいも | yam
ゼラチン 板ゼラチン マシュマロ グミ ババロア ムース コラーゲン | gelatin
ゼリー 煮こごり にこごり | | gelatin
寒天ゼリー 寒天 アガー こんにゃくゼリー |
まつたけ 松茸 | matsutake
トマト ミニトマト トマトピューレ | tomato
酒 清酒 料理酒 日本酒 赤ワイン 白ワイン ワイン みりん 本みりん ブランデー ラム酒 紹興酒 ビール 焼酎 | | alcohol
リキュール 酒粕 | | alcohol
甘酒 | | alcohol
ワインビネガー みりん風 みりん風調味料 酒蒸し型 |
"""

# Dishes bought ready, or written down without a recipe: what they are usually made of.
COMPOSED: Final = """
カレー ドライカレー ハヤシ カレーうどん | wheat | milk soybean beef chicken pork apple
みそ煮 味噌煮 | soybean | wheat
澱粉付 澱粉付き でんぷん付き でんぷんつき でん粉付き |
カレー粉 カレー味 カレー風味 カレースパイス カレイ |
ビーフシチュー タンシチュー ハッシュドビーフ | beef wheat | milk soybean
とんかつ トンカツ とんカツ カツ丼 かつ丼 カツどん | wheat pork | egg milk soybean
牛丼 | beef soybean wheat
天むす | shrimp wheat | egg
カルボナーラ | egg milk wheat | pork
チャーハン 炒飯 焼飯 焼き飯 | | egg pork wheat soybean sesame
ピラフ リゾット | | milk chicken wheat
パエリア ブイヤベース | | shrimp squid shellfish chicken
サンド サンドイッチ サンドウィッチ ハンバーガー バーガー ホットドッグ アメリカンドッグ | wheat | egg milk soybean
さんど豆 さんどまめ |
タコス トルティーヤ ブリトー | | wheat beef pork
シーザーサラダ コーンスープ | | milk egg wheat soybean
田楽 ぬた 木の芽和え 酢みそ | | soybean
南蛮漬 南蛮漬け 二杯酢 三杯酢 土佐酢 土佐煮 磯辺焼 磯辺焼き | | wheat soybean
チキン南蛮 | chicken wheat egg | soybean
磯辺揚 磯辺揚げ | wheat
すまし汁 清汁 吸物 吸い物 お吸い物 | | wheat soybean mackerel
うな重 うな丼 うなぎ丼 ひつまぶし | wheat soybean
わらび餅 おはぎ ぼた餅 | | soybean sesame
もみじ饅頭 もみじまんじゅう たい焼き たいやき 今川焼 大判焼 回転焼 人形焼 | wheat | egg milk soybean
海鮮丼 | | shrimp crab squid shellfish salmon_roe salmon
シチュー クリームシチュー グラタン ドリア クリーム煮 | wheat milk | chicken
お好み焼き お好み焼 お好焼き たこ焼き たこやき 明石焼 チヂミ | wheat egg | yam milk soybean
天ぷら 天丼 フリッター | wheat | egg
打ち粉付き 粉付き 小麦粉付き から揚げ 唐揚げ 竜田揚げ | | wheat soybean
ヒレカツ ヒレかつ ロースカツ | pork wheat | egg milk soybean
コロッケ フライ カツ メンチカツ | wheat | egg milk soybean
ドライ フライドポテト フライパン フライビーンズ カツオ |
ピザ | wheat milk
ハンバーグ ミートボール 肉団子 肉だんご | | beef pork chicken wheat egg milk soybean
しゅうまい シュウマイ 焼売 | wheat | pork shrimp egg soybean
生春巻 生春巻き | | shrimp pork
ぎょうざ ギョーザ 餃子 春巻 春巻き はるまき 肉まん 豚まん あんまん 中華まん | wheat | pork soybean sesame
すき焼き すきやき | soybean wheat | beef egg
肉じゃが 牛丼 | soybean wheat | beef pork
麻婆豆腐 マーボー豆腐 麻婆 マーボー | soybean | pork wheat sesame
白和え 白あえ | soybean | sesame
八宝菜 中華丼 | | shrimp squid pork egg wheat soybean
ビビンバ | sesame | beef soybean wheat egg
おでん | | egg wheat soybean mackerel
ちらし寿司 ちらしずし ばらずし | | egg shrimp wheat soybean
生姜煮 しょうが煮 みぞれ煮 梅煮 旨煮 うま煮 煮付け 煮つけ 含め煮 きんぴら 甘辛煮 | | wheat soybean
"""
