#!/usr/bin/env python3
"""Writes the built-in ad catalogue: python3 config/ads_generator.py > config/ads.csv

All brands, offers and texts are invented for cipherdeck. The output depends on nothing but this file: choices are drawn
from splitmix64 with a fixed seed, not from Python's random module, so that every Python 3 writes the same bytes.

How an ad is made:
- MARKETS says how many ads a country gets in which language, its cities, and how it writes a price.
- The first interest of an ad goes round all those that the language has texts for, so each is used about equally.
- TEXTS has, per language, lines `Interest | kind | product | sentence`. The kind says which offers fit: g goods, v a
  visit, course or service that is booked, m media that are subscribed to.
- The title is one of the language's frames around the product, a brand or a city (no city for media); the description
  is the sentence and an offer of the kind. No two ads have the same title.
- Targets: the language (with English beside it in some), the country (now and then a second one of the same language),
  usual age groups of the interest, kids for what families look for, a gender seldom. The first interest weighs 5
  or 4, one to four related ones 1 to 4 (INTERESTS has all of that).
- A row sums to at most 255 (in fact less than 120), so a score has 8 bits.
Ads are shuffled at the end; ids count from ad-0001.
"""

import csv
import sys

SEED = 0x636970686572


class Draw:
    """splitmix64."""

    def __init__(self, state):
        self.state = state

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) % 2**64
        z = self.state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        return z ^ (z >> 31)

    def below(self, n):
        return self.next() % n

    def one(self, items):
        return items[self.below(len(items))]

    def chance(self, percent):
        return self.below(100) < percent

    def some(self, items, count):
        """`count` different items, in their order."""
        rest = list(range(len(items)))
        chosen = [rest.pop(self.below(len(rest))) for _ in range(min(count, len(rest)))]
        return [items[i] for i in sorted(chosen)]

    def shuffled(self, items):
        items = list(items)
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]
        return items


# country, language, ads, how a price is written, cities (in the script of the language)
MARKETS = [
    ("United States", "English", 460, "${}", "Boston Chicago Denver Seattle Austin Portland Atlanta Nashville Phoenix Oakland"),
    ("United States", "Spanish", 90, "{} USD", "Miami Houston Dallas Chicago Phoenix Orlando"),
    ("United Kingdom", "English", 400, "£{}", "London Leeds Bristol Glasgow Cardiff Belfast York Brighton Sheffield Oxford"),
    ("Canada", "English", 210, "C${}", "Toronto Vancouver Calgary Halifax Winnipeg Ottawa Victoria"),
    ("Canada", "French", 160, "{} $", "Montréal Québec Laval Gatineau Sherbrooke Moncton"),
    ("Australia", "English", 310, "A${}", "Sydney Melbourne Brisbane Perth Adelaide Hobart Canberra Darwin"),
    ("India", "English", 120, "₹{}0", "Mumbai Bengaluru Delhi Pune Hyderabad Kochi Kolkata"),
    ("India", "Hindi", 260, "₹{}0", "दिल्ली लखनऊ जयपुर भोपाल पटना वाराणसी इंदौर कानपुर"),
    ("India", "Tamil", 170, "₹{}0", "சென்னை மதுரை கோவை திருச்சி சேலம் தஞ்சாவூர்"),
    ("United Arab Emirates", "Arabic", 200, "{} درهمًا", "دبي أبوظبي الشارقة العين عجمان الفجيرة"),
    ("United Arab Emirates", "English", 160, "AED {}", "Dubai Sharjah Ajman Fujairah"),
    ("France", "French", 380, "{} €", "Paris Lyon Marseille Nantes Lille Bordeaux Strasbourg Rennes Toulouse Dijon"),
    ("Germany", "German", 390, "{} €", "Berlin Hamburg München Köln Leipzig Dresden Stuttgart Bremen Nürnberg Hannover"),
    ("Italy", "Italian", 340, "{} €", "Roma Milano Torino Napoli Bologna Firenze Genova Palermo Verona Bari"),
    ("Spain", "Spanish", 330, "{} €", "Madrid Barcelona Sevilla Valencia Bilbao Zaragoza Granada Málaga Salamanca"),
    ("Japan", "Japanese", 320, "{}00円", "東京 大阪 京都 札幌 福岡 名古屋 仙台 広島 金沢 横浜"),
    ("China", "Mandarin", 320, "{}元", "北京 上海 广州 成都 杭州 南京 西安 武汉 重庆 苏州"),
    ("Algeria", "Arabic", 160, "{}00 دينار", "الجزائر وهران قسنطينة عنابة سطيف تلمسان"),
    ("Algeria", "French", 90, "{}00 DA", "Alger Oran Constantine Annaba Béjaïa Tlemcen"),
    ("Algeria", "Tamazight", 84, "{}00 DA", "Tizi-Wezzu Bgayet Tubiret Bumerdas Lezzayer Tbatent"),
]

# Which countries may stand beside another one in an ad of the same language.
SECOND_COUNTRIES = {
    "English": ["United States", "United Kingdom", "Canada", "Australia"],
    "French": ["France", "Canada", "Algeria"],
    "Arabic": ["Algeria", "United Arab Emirates"],
    "Spanish": ["Spain", "United States"],
    "German": ["Germany", "Italy"],
}

AGE_NAMES = ["child", "teen", "young adult", "middle adult", "senior"]
# Interest: usual age groups (1 child .. 5 senior), percent of ads that target kids, related interests.
INTERESTS = {
    "Animals": ("1 2 3 4", 40, "Pets Nature Family Photography Science"),
    "Art": ("3 4 5", 8, "Culture Photography Books Fashion Music"),
    "Automobiles": ("3 4 5", 5, "Tech Travel Sports News Family"),
    "Bicycle": ("2 3 4", 15, "Sports Nature Health Travel Family"),
    "Books": ("2 3 4 5", 15, "Writers Culture Education Comics Art"),
    "Comedy": ("2 3 4", 3, "TV Movies Culture Music Writers"),
    "Comics": ("1 2 3", 25, "Books Art Video Games Movies Writers"),
    "Culture": ("3 4 5", 10, "Art Music Books Travel Movies"),
    "Education": ("1 2 3", 35, "Science Books Family Software Dev Culture"),
    "Family": ("1 3 4", 80, "Education Health Pets Travel Food"),
    "Fashion": ("2 3 4", 8, "Art Photography Smartphones Health Culture"),
    "Food": ("3 4 5", 12, "Health Family Travel Culture Nature"),
    "Health": ("3 4 5", 10, "Sports Food Family Nature Science"),
    "Journalism": ("3 4 5", 0, "News Politics Writers Photography TV"),
    "Movies": ("2 3 4", 15, "TV Culture Comics Music Comedy"),
    "Music": ("2 3 4 5", 12, "Culture Art Movies Tech TV"),
    "Nature": ("1 3 4 5", 25, "Animals Travel Photography Bicycle Science"),
    "News": ("3 4 5", 0, "Politics Journalism TV Science Smartphones"),
    "Pets": ("1 2 3 4 5", 30, "Animals Family Health Nature Food"),
    "Photography": ("2 3 4", 3, "Art Travel Nature Smartphones Tech"),
    "Politics": ("3 4 5", 0, "News Journalism Books Culture TV"),
    "Science": ("1 2 3 4", 30, "Education Tech Nature Books Health"),
    "Smartphones": ("2 3 4", 5, "Tech Photography Video Games Music Software Dev"),
    "Software Dev": ("2 3 4", 0, "Tech Science Education Video Games Smartphones"),
    "Sports": ("2 3 4", 20, "Health Bicycle Family TV Nature"),
    "TV": ("2 3 4 5", 10, "Movies Comedy News Family Sports"),
    "Tech": ("2 3 4", 5, "Smartphones Software Dev Science Video Games Automobiles"),
    "Travel": ("3 4 5", 20, "Nature Culture Food Photography Family"),
    "Video Games": ("1 2 3", 15, "Tech Comics Smartphones Movies Software Dev"),
    "Writers": ("3 4 5", 0, "Books Journalism Culture Education Comics"),
}

# Per language: brands, title frames, offers per kind. {b} brand, {p} product, {c} city, {o} percent off, {d} days,
# {m} a price.
STYLES = {
    "English": {
        "brands": "Alderwood,Brightwater,Copperleaf,Dunmore & Pike,Eastlight,Fernhill,Goodmarrow,Harbour Lane,Inkberry,Juniper Row,Kestrel & Co,Larkfield,Mossbank,Northgate,Oakhaven,Pinecrest,Quillworth,Redfern,Stillwater,Thornbury,Umberly,Valebrook,Westerley,Yarrow & Finch",
        "frames": ["{b}: {p}", "{p} by {b}", "{p} in {c}", "{b} {c}: {p}"],
        "g": ["{o}% off until Sunday.", "From {m}, with free returns for {d} days.", "Order today, delivered within three working days."],
        "v": ["Places from {m}.", "Book online and cancel free of charge up to {d} days before.", "Bring a friend and both of you save {o}%."],
        "m": ["Try it free for {d} days.", "{o}% off your first year.", "From {m} a month, cancel whenever you like."],
    },
    "French": {
        "brands": "Maison Aubrac,Clairval,Les Trois Tilleuls,Belleroche,Atelier Nacre,Fontclaire,Hautebrume,La Grande Ourse,Lunéa,Montségure,Petit Large,Rivebelle,Saint-Aurel,Terre d'Encre,Valombre,Verdelune",
        "frames": ["{b} : {p}", "{p} chez {b}", "{p} à {c}", "{b} {c} : {p}"],
        "g": ["Jusqu'à dimanche, {o} % de remise.", "À partir de {m}, retour gratuit pendant {d} jours.", "Livraison en trois jours ouvrés."],
        "v": ["Places à partir de {m}.", "Annulation gratuite jusqu'à {d} jours avant.", "Venez à deux et économisez {o} %."],
        "m": ["Essai gratuit pendant {d} jours.", "{o} % de remise la première année.", "Dès {m} par mois, sans engagement."],
    },
    "German": {
        "brands": "Nordlicht,Bergkiesel,Eichengrund,Falkenau,Glanzstück,Heidekraut,Immergrün,Kranichhof,Lindenblick,Morgenrot,Rabenstein,Silberbach,Sonnwald,Tannwerk,Wellenreiter,Zeitkind",
        "frames": ["{b}: {p}", "{p} von {b}", "{p} in {c}", "{b} {c}: {p}"],
        "g": ["Bis Sonntag {o} % Rabatt.", "Ab {m}, Rückgabe {d} Tage kostenlos.", "Lieferung in drei Werktagen."],
        "v": ["Plätze ab {m}.", "Bis {d} Tage vorher kostenlos stornierbar.", "Zu zweit kommen und {o} % sparen."],
        "m": ["{d} Tage kostenlos testen.", "{o} % Rabatt im ersten Jahr.", "Ab {m} im Monat, jederzeit kündbar."],
    },
    "Italian": {
        "brands": "Acquachiara,Bosco Antico,Casa Ginestra,Due Lune,Fiordaliso,Il Melograno,La Rondine,Montalba,Oltremare,Pietraviva,Ruscello,Solemio,Terraluce,Vento d'Est,Villafiore,Zagara",
        "frames": ["{b}: {p}", "{p} da {b}", "{p} a {c}", "{b} {c}: {p}"],
        "g": ["Sconto del {o}% fino a domenica.", "Da {m}, reso gratuito entro {d} giorni.", "Consegna in tre giorni lavorativi."],
        "v": ["Posti da {m}.", "Cancellazione gratuita fino a {d} giorni prima.", "Vieni in due e risparmi il {o}%."],
        "m": ["Prova gratuita per {d} giorni.", "Sconto del {o}% per il primo anno.", "Da {m} al mese, disdici quando vuoi."],
    },
    "Spanish": {
        "brands": "Alborada,Brisa Norte,Casa Olivo,Cuatro Vientos,El Jilguero,Faro Azul,La Encina,Lunaria,Marisma,Nube Alta,Piedra y Sol,Río Claro,Salvia,Tierra Miel,Valdeluz,Zarzamora",
        "frames": ["{b}: {p}", "{p} de {b}", "{p} en {c}", "{b} {c}: {p}"],
        "g": ["{o} % de descuento hasta el domingo.", "Desde {m}, devolución gratis durante {d} días.", "Entrega en tres días laborables."],
        "v": ["Plazas desde {m}.", "Cancelación gratis hasta {d} días antes.", "Ven con alguien y ahorrad un {o} %."],
        "m": ["Pruébalo gratis {d} días.", "{o} % de descuento el primer año.", "Desde {m} al mes, sin permanencia."],
    },
    "Japanese": {
        "brands": "ひだまり堂,あおぞら舎,かえで工房,こもれび,しろくま屋,すずかぜ,つきの森,なぎさ館,はるかぜ,ほしぞら堂,みなも,ゆきあかり,わかば社,四つ葉,木綿堂,夕凪",
        "frames": ["{b}の{p}", "{p}なら{b}", "{c}の{p}", "【{c}】{b}、{p}"],
        "g": ["日曜日まで{o}%オフ。", "{m}から。{d}日間返品無料です。", "3営業日以内にお届けします。"],
        "v": ["お一人さま{m}から。", "{d}日前までキャンセル無料。", "お二人でのご参加は{o}%割引。"],
        "m": ["{d}日間無料でお試しいただけます。", "初年度は{o}%オフ。", "月額{m}から、いつでも解約できます。"],
    },
    "Mandarin": {
        "brands": "青禾,云杉里,半亩田,海棠记,松间,拾光,南枝,鹿鸣,晨露,木一,星野,暖石,白鹭洲,小满,远山,知了",
        "frames": ["{b}{p}", "{p}，就在{b}", "{c}{p}", "{b}{c}店：{p}"],
        "g": ["本周日前优惠{o}%。", "{m}起，{d}天内免费退货。", "下单后三个工作日内送达。"],
        "v": ["名额{m}起。", "提前{d}天可免费取消。", "两人同行，立减{o}%。"],
        "m": ["免费试用{d}天。", "首年优惠{o}%。", "每月{m}起，可随时取消。"],
    },
    "Hindi": {
        "brands": "आरोह,सरगम,नीलकमल घर,उजाला,वटवृक्ष,किरण धारा,मधुबन,पगडंडी,सावन,हरसिंगार,तारांगन,नवरंग,चौपाल,बसंत",
        "frames": ["{b}: {p}", "{b} की पेशकश: {p}", "{c} में {p}", "{b}, {c}: {p}"],
        "g": ["रविवार तक {o}% की छूट।", "{m} से शुरू, {d} दिन तक मुफ़्त वापसी।", "तीन कार्य दिवसों में घर पर।"],
        "v": ["शुल्क {m} से।", "{d} दिन पहले तक मुफ़्त में रद्द करें।", "दो लोग साथ आएँ और {o}% बचाएँ।"],
        "m": ["{d} दिन मुफ़्त आज़माएँ।", "पहले साल {o}% की छूट।", "{m} प्रति माह से, जब चाहें बंद करें।"],
    },
    "Arabic": {
        "brands": "واحة النخيل,دار الياسمين,نسيم,مرجان,بيت الزيتون,سنابل,فجر,لؤلؤة البحر,ريحان,قمر الصحراء,ندى,شروق,غيمة,سفينة",
        "frames": ["{b}: {p}", "{p} من {b}", "{p} في {c}", "{b} {c}: {p}"],
        "g": ["خصم {o}٪ حتى يوم الأحد.", "الأسعار من {m} مع إرجاع مجاني خلال {d} يومًا.", "التوصيل خلال ثلاثة أيام عمل."],
        "v": ["المشاركة من {m}.", "الإلغاء مجاني قبل {d} يومًا من الموعد.", "تعال مع صديق ووفّر {o}٪."],
        "m": ["جرّبه مجانًا لمدة {d} يومًا.", "خصم {o}٪ في السنة الأولى.", "الاشتراك الشهري من {m} ويمكن إلغاؤه في أي وقت."],
    },
    "Tamil": {
        "brands": "மலர்,தென்றல்,நிலா,குறிஞ்சி,வானவில்,அருவி,பனிமலர்,கதிர்,சோலை,முல்லை,பொழில்,மயில்",
        "frames": ["{b}: {p}", "{p} – {b}", "{c}: {p}", "{b}, {c}: {p}"],
        "g": ["ஞாயிறு வரை {o}% தள்ளுபடி.", "விலை {m} முதல்.", "மூன்று வேலை நாட்களில் வீட்டிற்கு வரும்."],
        "v": ["கட்டணம் {m} முதல்.", "{d} நாட்களுக்கு முன் வரை இலவசமாக ரத்து செய்யலாம்.", "இருவராக வந்தால் {o}% சேமிப்பு."],
        "m": ["{d} நாட்கள் இலவசம்.", "முதல் ஆண்டுக்கு {o}% தள்ளுபடி.", "மாதம் {m} முதல்."],
    },
    "Tamazight": {
        "brands": "Itri,Tafat,Azemmur,Tiziri,Asalas,Tagmat,Aseggas,Agdal,Tamurt,Amnar",
        "frames": ["{b}: {p}", "{p}, {b}", "{c}: {p}", "{b} ({c}): {p}"],
        "g": ["Ssuma seg {m}.", "-{o} % ar ass n Acer.", "Ad yaweḍ s axxam deg 3 n wussan."],
        "v": ["Ssuma seg {m}.", "-{o} % i sin yimdanen.", "Ajerred deg uẓeṭṭa."],
        "m": ["{d} n wussan baṭel.", "-{o} % i useggas amezwaru.", "Seg {m} i wayyur."],
    },
}

# Interest | kind | product | sentence
TEXTS = {
    "English": """
Animals|v|Wolf and Lynx Trail|A quiet two-hour walk along the enclosures with a keeper.
Animals|v|Seabird Boat Morning|Puffins, gannets and seals, seen from a small electric boat.
Animals|m|Wild Neighbours Podcast|Every week one animal that lives closer to you than you think.
Art|v|Life Drawing Evenings|Charcoal and paper are provided, beginners are welcome.
Art|g|Watercolour Starter Set|Twelve pigments, three brushes and paper that forgives mistakes.
Art|v|Open Studio Weekend|Forty artists open their doors and explain how they work.
Automobiles|v|Electric Test Drive Day|Six small electric cars, your usual route to work.
Automobiles|g|All-Season Tyres, Fitted|Fitting, balancing and disposal of the old set included.
Automobiles|v|Classic Car Garage Tour|Engines from eight decades, some of them running.
Bicycle|g|Everyday City Bike|Hub gears, dynamo lights and a basket for the shopping.
Bicycle|v|Spring Bike Check|Brakes, chain and gears set up while you have a coffee.
Bicycle|g|Cargo Bike for Two Kids|A low box, two belts and an electric push uphill.
Books|m|A Novel a Month|Our booksellers choose, you read, swaps cost nothing.
Books|g|Second-Hand Classics Box|Ten well-loved paperbacks and one surprise.
Books|v|Late Night Book Club|One short novel, one long table, no homework.
Comedy|v|New Faces Stand-Up Night|Eight comedians, eight minutes each, one bell.
Comedy|v|Improv for Shy People|Learn to say yes and laugh about what happens next.
Comedy|m|Sketches on Demand|Three hundred short sketches without a single advert.
Comics|g|Graphic Novel of the Season|A lighthouse, a storm and a very stubborn goat.
Comics|v|Draw Your First Comic|Four panels, one hero, one afternoon.
Comics|m|Comics Shelf App|Ten thousand pages to read offline.
Culture|v|Night of the Museums Pass|One ticket, nineteen houses, buses until two.
Culture|v|Folk Dance for Everyone|The steps are explained, the band is live.
Culture|m|Heritage Card|Free entry to castles, mills and gardens all year.
Education|v|Evening Language Course|Small groups that speak from the first lesson.
Education|v|Maths Tutoring After School|Patient students help with whatever is due tomorrow.
Education|m|Bite-Size Lessons|Ten minutes a day, from algebra to zoology.
Family|v|Family Cabin Weekend|Bunk beds, a stove and a stream to dam.
Family|g|Board Games for Rainy Days|Three games that six-year-olds and grandparents can win.
Family|v|Parent and Toddler Swim|Warm water, songs and a teacher who never hurries.
Fashion|g|Linen Summer Collection|Loose cuts in eight colours, sewn to be mended.
Fashion|g|Made-to-Measure Shirts|Measure at home with our guide, we sew in ten days.
Fashion|v|Wardrobe Repair Café|Bring the jacket you love and learn to fix it.
Food|g|Farm Vegetable Box|What the field gives this week, with a recipe card.
Food|v|Sourdough Baking Class|Go home with a loaf, a starter and floury sleeves.
Food|g|Small-Batch Olive Oil|Pressed within four hours of the harvest.
Health|v|Back Care Course|Eight evenings of exercises that fit into a lunch break.
Health|m|Sleep Better Programme|Gentle habits for six weeks, checked by doctors.
Health|v|Yoga in the Park|Mats are there, rain moves us under the roof.
Journalism|m|Slow Reports Weekly|One long investigation instead of forty headlines.
Journalism|v|Local Reporting Workshop|Ask, check, write: a day with two editors.
Journalism|m|Fact Check Newsletter|What went round this week, and what was true.
Movies|v|Open-Air Cinema|Deckchairs, blankets and a classic after sunset.
Movies|m|Independent Film Club|Thirty films a month that no algorithm picked.
Movies|v|Silent Film with Live Piano|A comedy from 1926, a pianist from today.
Music|v|Chamber Music by Candlelight|Four strings, one hour, no interval.
Music|v|Guitar Lessons for Adults|Three chords in the first week, a song in the second.
Music|g|Refurbished Turntables|Checked, adjusted and with a new needle.
Nature|v|Guided Moorland Walk|Peat, cranes and a packed lunch on the boardwalk.
Nature|g|Wildflower Seed Mix|A square metre of colour for bees and balconies.
Nature|v|Stargazing Camp|Dark skies, warm sleeping bags and two telescopes.
News|m|Morning Briefing|The world in five calm minutes before work.
News|m|Neighbourhood News App|Road works, council votes and the new bakery.
News|m|Weekend Paper|Delivered on Saturday, long enough for Sunday.
Pets|g|Grain-Free Dog Food|Made with local meat and nothing you cannot pronounce.
Pets|v|Puppy School|Six Saturdays until "come" means come.
Pets|v|Cat Sitting at Home|Your cat stays, our sitter comes, photos follow.
Photography|v|Street Photography Walk|Two hours, one lens, good light.
Photography|g|Photo Books That Lie Flat|Thick paper, linen cover, your best year.
Photography|g|Used Lenses, Tested|Every lens is measured and comes with its report.
Politics|m|Parliament Explained|Who voted for what, in words that people use.
Politics|v|Town Debate Night|Two sides, one microphone, strict time.
Politics|m|Policy Atlas Podcast|One law a week and what it changes for you.
Science|v|Science Centre Late Opening|Lasers, slime and a planetarium for grown-ups.
Science|g|Kitchen Chemistry Kit|Twenty safe experiments with things from the cupboard.
Science|m|Research in Plain Words|Ten new studies a month, explained by their authors.
Smartphones|g|Refurbished Phones|New battery, checked screen and a two-year guarantee.
Smartphones|v|Phone Screen Repair|While you wait, with the price fixed before.
Smartphones|m|Family Data Plan|One contract, five numbers, no small print.
Software Dev|v|Rust in Four Weekends|From ownership to a small web service of your own.
Software Dev|m|Code Review Academy|Real pull requests, kind reviewers.
Software Dev|v|Accessible Web Day|Learn to build pages that everybody can use.
Sports|v|Beginners' Running Group|From the sofa to five kilometres in eight weeks.
Sports|v|Climbing Taster Session|Shoes, harness and a teacher are included.
Sports|g|Football Boots for Kids|Grow out of them? Trade them in.
TV|m|Crime Series Channel|Quiet detectives from eleven countries.
TV|m|Documentaries Without Adverts|Two new ones a day, all of them to keep.
TV|g|Wall-Mounted TV, Installed|We bring it, hang it and take the box away.
Tech|g|Smart Heating Thermostat|Learns your week and shows what it saves.
Tech|v|3D Printing Workshop|Design a hook, print a hook, hang your coat.
Tech|g|Quiet Noise-Cancelling Headphones|Thirty hours of calm from one charge.
Travel|v|Night Train Weekends|Fall asleep here, have breakfast by the sea.
Travel|v|Coastal Walking Holiday|Your bag goes ahead, you follow the cliffs.
Travel|g|Cabin Backpack|Forty litres that fit under any seat.
Video Games|g|Indie Games Bundle|Seven small games with large hearts.
Video Games|v|Retro Arcade Evening|Forty machines, one ticket, no coins.
Video Games|m|Co-op Games Pass|A hundred games to play on the same sofa.
Writers|v|Novel Writing Course|Ten evenings from first line to second draft.
Writers|g|Writer's Notebook Set|Paper that takes ink and a cover that takes rain.
Writers|v|Manuscript Clinic|An editor reads thirty pages and tells you the truth.
""",
    "French": """
Animals|v|Sentier des loups|Deux heures de marche avec une soigneuse du parc.
Animals|v|Matinée au refuge des oiseaux|Nourrissage, soins et envol des pensionnaires guéris.
Art|v|Cours de dessin d'après modèle|Fusain et papier fournis, débutants bienvenus.
Art|g|Coffret d'aquarelle|Douze couleurs, trois pinceaux et un papier qui pardonne.
Automobiles|v|Journée d'essai électrique|Six petites voitures électriques sur votre trajet habituel.
Automobiles|g|Pneus toutes saisons, pose comprise|Montage, équilibrage et reprise des anciens pneus.
Bicycle|g|Vélo de ville confortable|Moyeu à vitesses, éclairage dynamo et panier.
Bicycle|v|Révision de printemps du vélo|Freins, chaîne et vitesses réglés pendant votre café.
Books|m|Un roman par mois|Nos libraires choisissent, vous lisez.
Books|g|Boîte de classiques d'occasion|Dix livres de poche et une surprise.
Comedy|v|Scène ouverte d'humour|Huit humoristes, huit minutes chacun.
Comedy|v|Atelier d'improvisation|Pour les timides qui aiment rire.
Comics|g|La bande dessinée de la saison|Un phare, une tempête et une chèvre très têtue.
Comics|v|Dessine ta première planche|Quatre cases, un héros, un après-midi.
Culture|v|Pass Nuit des musées|Un billet, dix-neuf musées, des navettes jusqu'à deux heures.
Culture|m|Carte Patrimoine|Châteaux, moulins et jardins toute l'année.
Education|v|Cours de langue du soir|De petits groupes qui parlent dès la première leçon.
Education|v|Soutien en maths|Des étudiants patients après l'école.
Family|v|Week-end en cabane|Lits superposés, poêle à bois et ruisseau tout près.
Family|g|Jeux de société pour jours de pluie|Trois jeux que petits et grands peuvent gagner.
Fashion|g|Collection d'été en lin|Des coupes amples en huit couleurs, faites pour durer.
Fashion|g|Chemises sur mesure|Mesurez chez vous, nous cousons en dix jours.
Food|g|Panier de légumes de la ferme|Ce que donne le champ cette semaine, avec une recette.
Food|v|Atelier pain au levain|Repartez avec une miche et votre levain.
Health|v|Cours de dos en douceur|Huit séances pour des gestes simples.
Health|m|Programme Mieux dormir|Six semaines de bonnes habitudes, relues par des médecins.
Journalism|m|L'enquête de la semaine|Un long reportage plutôt que quarante titres.
Journalism|v|Atelier de reportage local|Demander, vérifier, écrire avec deux rédactrices.
Movies|v|Cinéma en plein air|Transats, couvertures et un classique au coucher du soleil.
Movies|m|Club du film indépendant|Trente films par mois choisis par des passionnés.
Music|v|Quatuor à la bougie|Une heure de musique de chambre sans entracte.
Music|v|Cours de guitare pour adultes|Trois accords la première semaine, une chanson la deuxième.
Nature|v|Balade guidée dans les marais|Hérons, libellules et pique-nique sur le ponton.
Nature|g|Graines de prairie fleurie|Un mètre carré de couleurs pour les abeilles.
News|m|Le point du matin|Le monde en cinq minutes, au calme.
News|m|L'appli infos de quartier|Travaux, conseil municipal et nouvelle boulangerie.
Pets|g|Croquettes sans céréales|Viande locale et recette lisible.
Pets|v|École du chiot|Six samedis pour apprendre le rappel.
Photography|v|Balade photo en ville|Deux heures, un objectif, la bonne lumière.
Photography|g|Livre photo à plat|Papier épais et couverture en lin.
Politics|m|Le Parlement expliqué|Qui a voté quoi, en mots simples.
Politics|v|Soirée débat citoyen|Deux camps, un micro, un chronomètre.
Science|v|Nocturne au centre des sciences|Lasers, bulles et planétarium pour adultes.
Science|g|Coffret chimie en cuisine|Vingt expériences sans danger.
Smartphones|g|Téléphones reconditionnés|Batterie neuve, écran contrôlé, garantie deux ans.
Smartphones|v|Réparation d'écran|Sans rendez-vous, au prix annoncé.
Software Dev|v|Le Rust en quatre week-ends|De la propriété à votre premier service web.
Software Dev|m|École de la revue de code|De vrais projets et des relecteurs bienveillants.
Sports|v|Groupe de course débutants|Du canapé à cinq kilomètres en huit semaines.
Sports|v|Initiation à l'escalade|Chaussons, baudrier et moniteur compris.
TV|m|Séries policières d'ailleurs|Des enquêteurs discrets venus de onze pays.
TV|m|Documentaires sans publicité|Deux nouveautés par jour.
Tech|g|Thermostat connecté|Il apprend votre semaine et montre vos économies.
Tech|v|Atelier impression 3D|Dessinez un crochet, imprimez-le, accrochez votre manteau.
Travel|v|Week-ends en train de nuit|S'endormir ici, déjeuner face à la mer.
Travel|v|Randonnée sur le littoral|Votre sac voyage devant, vous suivez les falaises.
Video Games|g|Sept petits jeux indépendants|De grandes idées à petit prix.
Video Games|v|Soirée bornes d'arcade|Quarante machines, un billet, aucune pièce.
Writers|v|Atelier d'écriture de roman|Dix soirées, de la première ligne au second jet.
Writers|g|Carnets d'auteur|Un papier qui aime l'encre.
""",
    "German": """
Animals|v|Wolfspfad mit Tierpflegerin|Zwei Stunden leise durch den Wildpark.
Animals|v|Morgen am Vogelfelsen|Mit dem Elektroboot zu Lummen und Robben.
Art|v|Aktzeichnen am Abend|Kohle und Papier sind da, Anfänger willkommen.
Art|g|Aquarellkasten für den Anfang|Zwölf Farben, drei Pinsel und Papier, das verzeiht.
Automobiles|v|Probefahrttag Elektroauto|Sechs kleine Elektroautos auf Ihrem Arbeitsweg.
Automobiles|g|Ganzjahresreifen samt Montage|Auswuchten und Entsorgung der alten inklusive.
Bicycle|g|Stadtrad für jeden Tag|Nabenschaltung, Nabendynamo und Korb.
Bicycle|v|Fahrrad-Frühjahrscheck|Bremsen, Kette und Schaltung eingestellt, während der Kaffee läuft.
Books|m|Jeden Monat ein Roman|Unsere Buchhändlerinnen wählen, Sie lesen.
Books|g|Klassikerkiste aus zweiter Hand|Zehn Taschenbücher und eine Überraschung.
Comedy|v|Offene Bühne für Komik|Acht Leute, je acht Minuten, eine Klingel.
Comedy|v|Improtheater für Schüchterne|Ja sagen lernen und darüber lachen.
Comics|g|Die Graphic Novel der Saison|Ein Leuchtturm, ein Sturm und eine sture Ziege.
Comics|v|Zeichne deinen ersten Comic|Vier Bilder, ein Held, ein Nachmittag.
Culture|v|Karte zur Nacht der Museen|Ein Ticket, neunzehn Häuser, Busse bis zwei Uhr.
Culture|m|Kulturerbe-Jahreskarte|Burgen, Mühlen und Gärten das ganze Jahr.
Education|v|Sprachkurs am Abend|Kleine Gruppen, die ab der ersten Stunde sprechen.
Education|v|Mathe-Nachhilfe nach der Schule|Geduldige Studierende helfen bei dem, was morgen dran ist.
Family|v|Familienwochenende in der Hütte|Stockbetten, Kaminofen und ein Bach zum Stauen.
Family|g|Brettspiele für Regentage|Drei Spiele, die Groß und Klein gewinnen können.
Fashion|g|Sommerkollektion aus Leinen|Weite Schnitte in acht Farben, gut zu flicken.
Fashion|g|Hemden nach Maß|Zu Hause messen, in zehn Tagen genäht.
Food|g|Gemüsekiste vom Hof|Was das Feld diese Woche gibt, mit Rezept.
Food|v|Backkurs Sauerteigbrot|Mit Laib und eigenem Ansatz nach Hause.
Health|v|Rückenschule am Feierabend|Acht Abende mit Übungen für die Mittagspause.
Health|m|Programm Besser schlafen|Sechs Wochen sanfte Gewohnheiten, ärztlich geprüft.
Journalism|m|Die Reportage der Woche|Eine lange Recherche statt vierzig Schlagzeilen.
Journalism|v|Werkstatt Lokaljournalismus|Fragen, prüfen, schreiben mit zwei Redakteurinnen.
Movies|v|Kino unter freiem Himmel|Liegestühle, Decken und ein Klassiker nach Sonnenuntergang.
Movies|m|Klub des unabhängigen Films|Dreißig Filme im Monat, von Menschen ausgesucht.
Music|v|Kammermusik bei Kerzenlicht|Vier Streicher, eine Stunde, keine Pause.
Music|v|Gitarre für Erwachsene|Drei Griffe in der ersten Woche, ein Lied in der zweiten.
Nature|v|Moorwanderung mit Führung|Torf, Kraniche und Vesper auf dem Bohlenweg.
Nature|g|Samenmischung Wildblumen|Ein Quadratmeter Farbe für Bienen und Balkone.
News|m|Das Morgenbriefing|Die Welt in fünf ruhigen Minuten.
News|m|Nachrichten aus dem Viertel|Baustellen, Ratsbeschlüsse und die neue Bäckerei.
Pets|g|Getreidefreies Hundefutter|Fleisch aus der Region und eine kurze Zutatenliste.
Pets|v|Welpenschule|Sechs Samstage, bis „Komm“ auch „Komm“ heißt.
Photography|v|Fotospaziergang durch die Stadt|Zwei Stunden, ein Objektiv, gutes Licht.
Photography|g|Fotobuch mit Leineneinband|Dickes Papier, das flach liegt.
Politics|m|Das Parlament erklärt|Wer wofür gestimmt hat, in Alltagssprache.
Politics|v|Streitabend im Rathaus|Zwei Seiten, ein Mikrofon, strenge Uhr.
Science|v|Lange Nacht im Science-Center|Laser, Schleim und Planetarium für Erwachsene.
Science|g|Experimentierkasten Küchenchemie|Zwanzig sichere Versuche.
Smartphones|g|Aufbereitete Smartphones|Neuer Akku, geprüftes Display, zwei Jahre Garantie.
Smartphones|v|Displayreparatur sofort|Zum vorher genannten Preis.
Software Dev|v|Rust an vier Wochenenden|Vom Besitzbegriff bis zum eigenen Webdienst.
Software Dev|m|Akademie für Code-Reviews|Echte Änderungen, freundliche Prüfer.
Sports|v|Laufgruppe für Einsteiger|Vom Sofa zu fünf Kilometern in acht Wochen.
Sports|v|Schnupperklettern|Schuhe, Gurt und Trainerin inklusive.
TV|m|Krimiserien aus elf Ländern|Leise Ermittler, lange Winter.
TV|m|Dokumentationen ohne Werbung|Zwei neue am Tag.
Tech|g|Schlaues Heizungsthermostat|Lernt Ihre Woche und zeigt, was es spart.
Tech|v|Werkstatt 3D-Druck|Haken entwerfen, drucken, Jacke aufhängen.
Travel|v|Wochenenden mit dem Nachtzug|Hier einschlafen, am Meer frühstücken.
Travel|v|Wanderreise an der Küste|Das Gepäck fährt voraus, Sie folgen den Klippen.
Video Games|g|Sieben Indie-Spiele im Paket|Kleine Spiele mit großem Herz.
Video Games|v|Retro-Spielhallenabend|Vierzig Automaten, ein Ticket, keine Münzen.
Writers|v|Kurs Romanschreiben|Zehn Abende vom ersten Satz zur zweiten Fassung.
Writers|g|Notizbücher für Autoren|Papier, das Tinte verträgt.
""",
    "Italian": """
Animals|v|Sentiero dei lupi|Due ore in silenzio con la guardiana del parco.
Animals|v|Mattina tra gli uccelli marini|In barca elettrica tra gabbiani e falchi.
Art|v|Disegno dal vero la sera|Carboncino e carta inclusi, principianti benvenuti.
Art|g|Scatola di acquerelli|Dodici colori, tre pennelli e carta che perdona.
Automobiles|v|Giornata di prova elettrica|Sei piccole auto elettriche sul tuo percorso di ogni giorno.
Automobiles|g|Pneumatici quattro stagioni montati|Equilibratura e ritiro dei vecchi compresi.
Bicycle|g|Bici da città|Cambio nel mozzo, luci a dinamo e cestino.
Bicycle|v|Tagliando di primavera per bici|Freni, catena e cambio a posto mentre bevi un caffè.
Books|m|Un romanzo al mese|I nostri librai scelgono, tu leggi.
Books|g|Cassetta di classici usati|Dieci tascabili e una sorpresa.
Comedy|v|Serata di nuovi comici|Otto comici, otto minuti ciascuno.
Comedy|v|Improvvisazione per timidi|Imparare a dire di sì e a riderne.
Comics|g|Il fumetto della stagione|Un faro, una tempesta e una capra testarda.
Comics|v|Disegna la tua prima tavola|Quattro vignette, un eroe, un pomeriggio.
Culture|v|Biglietto Notte dei musei|Un biglietto, diciannove musei, navette fino alle due.
Culture|m|Tessera del patrimonio|Castelli, mulini e giardini tutto l'anno.
Education|v|Corso serale di lingue|Piccoli gruppi che parlano dalla prima lezione.
Education|v|Ripetizioni di matematica|Studenti pazienti dopo la scuola.
Family|v|Fine settimana in baita|Letti a castello, stufa e un ruscello vicino.
Family|g|Giochi da tavolo per giorni di pioggia|Tre giochi che vincono grandi e piccoli.
Fashion|g|Collezione estiva in lino|Tagli ampi in otto colori, cuciti per durare.
Fashion|g|Camicie su misura|Prendi le misure a casa, cuciamo in dieci giorni.
Food|g|Cassetta di verdure di campo|Quello che dà la terra questa settimana, con ricetta.
Food|v|Corso di pane a lievito madre|Torni a casa con una pagnotta e il tuo lievito.
Health|v|Ginnastica per la schiena|Otto incontri con esercizi semplici.
Health|m|Programma Dormire meglio|Sei settimane di buone abitudini, riviste da medici.
Journalism|m|L'inchiesta della settimana|Un lungo reportage invece di quaranta titoli.
Journalism|v|Laboratorio di cronaca locale|Chiedere, verificare, scrivere con due redattrici.
Movies|v|Cinema all'aperto|Sdraio, coperte e un classico dopo il tramonto.
Movies|m|Circolo del film indipendente|Trenta film al mese scelti da persone.
Music|v|Quartetto a lume di candela|Un'ora di musica da camera senza intervallo.
Music|v|Chitarra per adulti|Tre accordi la prima settimana, una canzone la seconda.
Nature|v|Passeggiata guidata in laguna|Aironi, canneti e merenda sul pontile.
Nature|g|Semi di fiori di campo|Un metro quadro di colore per le api.
News|m|Il riassunto del mattino|Il mondo in cinque minuti tranquilli.
News|m|Notizie di quartiere|Cantieri, consiglio comunale e il nuovo forno.
Pets|g|Crocchette senza cereali|Carne locale e pochi ingredienti.
Pets|v|Scuola per cuccioli|Sei sabati per imparare il richiamo.
Photography|v|Passeggiata fotografica|Due ore, un obiettivo, la luce giusta.
Photography|g|Fotolibro in tela|Carta spessa che resta aperta.
Politics|m|Il Parlamento spiegato|Chi ha votato cosa, con parole semplici.
Politics|v|Serata di dibattito in piazza|Due parti, un microfono, tempi stretti.
Science|v|Notte al museo della scienza|Laser, bolle e planetario per adulti.
Science|g|Kit di chimica in cucina|Venti esperimenti sicuri.
Smartphones|g|Telefoni ricondizionati|Batteria nuova, schermo controllato, due anni di garanzia.
Smartphones|v|Riparazione schermo|Subito, al prezzo stabilito prima.
Software Dev|v|Rust in quattro fine settimana|Dalle basi al tuo primo servizio web.
Software Dev|m|Accademia di revisione del codice|Modifiche vere, revisori gentili.
Sports|v|Gruppo di corsa per principianti|Dal divano a cinque chilometri in otto settimane.
Sports|v|Prova di arrampicata|Scarpette, imbrago e istruttore compresi.
TV|m|Serie gialle da undici paesi|Investigatori silenziosi e lunghi inverni.
TV|m|Documentari senza pubblicità|Due novità al giorno.
Tech|g|Termostato intelligente|Impara la tua settimana e mostra quanto risparmi.
Tech|v|Laboratorio di stampa 3D|Disegna un gancio, stampalo, appendi il cappotto.
Travel|v|Fine settimana in treno notturno|Ti addormenti qui, fai colazione al mare.
Travel|v|Cammino lungo la costa|Lo zaino va avanti, tu segui le scogliere.
Video Games|g|Sette giochi indipendenti|Piccoli giochi dal cuore grande.
Video Games|v|Serata sala giochi d'epoca|Quaranta macchine, un biglietto, niente monete.
Writers|v|Corso di scrittura del romanzo|Dieci sere dalla prima riga alla seconda stesura.
Writers|g|Quaderni per scrittori|Carta che ama l'inchiostro.
""",
    "Spanish": """
Animals|v|Sendero de los lobos|Dos horas en silencio con una cuidadora del parque.
Animals|v|Mañana de aves marinas|En barca eléctrica entre gaviotas y delfines.
Art|v|Dibujo al natural por la tarde|Carboncillo y papel incluidos, también para principiantes.
Art|g|Caja de acuarelas|Doce colores, tres pinceles y un papel que perdona.
Automobiles|v|Jornada de prueba eléctrica|Seis coches eléctricos pequeños en tu ruta diaria.
Automobiles|g|Neumáticos para todo el año|Montaje y equilibrado incluidos.
Bicycle|g|Bicicleta de ciudad|Cambio interno, luces de dinamo y cesta.
Bicycle|v|Puesta a punto de bicicletas|Frenos, cadena y cambios mientras tomas un café.
Books|m|Una novela al mes|Nuestros libreros eligen, tú lees.
Books|g|Caja de clásicos usados|Diez libros de bolsillo y una sorpresa.
Comedy|v|Noche de nuevos monologuistas|Ocho cómicos, ocho minutos cada uno.
Comedy|v|Improvisación para tímidos|Aprende a decir que sí y a reírte después.
Comics|g|La novela gráfica del año|Un faro, una tormenta y una cabra muy terca.
Comics|v|Dibuja tu primer cómic|Cuatro viñetas, un héroe, una tarde.
Culture|v|Pase Noche de los museos|Una entrada, diecinueve museos, autobuses hasta las dos.
Culture|m|Tarjeta Patrimonio|Castillos, molinos y jardines todo el año.
Education|v|Curso de idiomas por la tarde|Grupos pequeños que hablan desde el primer día.
Education|v|Clases de refuerzo de mates|Estudiantes pacientes después del colegio.
Family|v|Fin de semana en cabaña|Literas, estufa y un arroyo al lado.
Family|g|Juegos de mesa para días de lluvia|Tres juegos que pueden ganar grandes y pequeños.
Fashion|g|Colección de verano en lino|Cortes amplios en ocho colores, hechos para durar.
Fashion|g|Camisas a medida|Mide en casa, cosemos en diez días.
Food|g|Cesta de verduras de la huerta|Lo que da el campo esta semana, con receta.
Food|v|Taller de pan de masa madre|Vuelve a casa con una hogaza y tu masa.
Health|v|Escuela de espalda|Ocho sesiones de ejercicios sencillos.
Health|m|Programa Dormir mejor|Seis semanas de buenos hábitos, revisados por médicos.
Journalism|m|El reportaje de la semana|Una investigación larga en vez de cuarenta titulares.
Journalism|v|Taller de periodismo local|Preguntar, comprobar y escribir con dos editoras.
Movies|v|Cine al aire libre|Tumbonas, mantas y un clásico tras la puesta de sol.
Movies|m|Club de cine independiente|Treinta películas al mes elegidas por personas.
Music|v|Cuarteto a la luz de las velas|Una hora de música de cámara sin descanso.
Music|v|Guitarra para adultos|Tres acordes la primera semana, una canción la segunda.
Nature|v|Paseo guiado por el humedal|Garzas, juncos y merienda en la pasarela.
Nature|g|Semillas de flores silvestres|Un metro cuadrado de color para las abejas.
News|m|El resumen de la mañana|El mundo en cinco minutos tranquilos.
News|m|Noticias del barrio|Obras, plenos municipales y la nueva panadería.
Pets|g|Pienso sin cereales|Carne de la zona y pocos ingredientes.
Pets|v|Escuela de cachorros|Seis sábados para aprender a venir.
Photography|v|Paseo fotográfico|Dos horas, un objetivo, buena luz.
Photography|g|Fotolibro de tela|Papel grueso que se abre del todo.
Politics|m|El Parlamento explicado|Quién votó qué, con palabras sencillas.
Politics|v|Noche de debate vecinal|Dos posturas, un micrófono, tiempo justo.
Science|v|Noche en el museo de ciencia|Láseres, burbujas y planetario para adultos.
Science|g|Equipo de química en la cocina|Veinte experimentos seguros.
Smartphones|g|Móviles reacondicionados|Batería nueva, pantalla revisada y dos años de garantía.
Smartphones|v|Reparación de pantallas|En el momento y al precio acordado.
Software Dev|v|Rust en cuatro fines de semana|De lo básico a tu primer servicio web.
Software Dev|m|Academia de revisión de código|Cambios reales, revisores amables.
Sports|v|Grupo de carrera para empezar|Del sofá a cinco kilómetros en ocho semanas.
Sports|v|Bautismo de escalada|Pies de gato, arnés y monitora incluidos.
TV|m|Series policiacas de once países|Detectives callados e inviernos largos.
TV|m|Documentales sin anuncios|Dos estrenos al día.
Tech|g|Termostato inteligente|Aprende tu semana y muestra lo que ahorras.
Tech|v|Taller de impresión 3D|Diseña un gancho, imprímelo y cuelga el abrigo.
Travel|v|Fines de semana en tren nocturno|Duérmete aquí y desayuna junto al mar.
Travel|v|Ruta a pie por la costa|Tu mochila va delante, tú sigues los acantilados.
Video Games|g|Siete juegos independientes|Juegos pequeños con mucho corazón.
Video Games|v|Noche de recreativas clásicas|Cuarenta máquinas, una entrada, sin monedas.
Writers|v|Curso de escritura de novela|Diez tardes de la primera línea al segundo borrador.
Writers|g|Cuadernos de escritor|Papel que agradece la tinta.
""",
    "Japanese": """
Animals|v|オオカミの森さんぽ|飼育員と歩く静かな二時間です。
Art|v|夜のデッサン教室|木炭と紙はご用意、初めての方も歓迎します。
Art|g|水彩絵の具はじめてセット|十二色と筆三本、失敗しにくい紙つき。
Automobiles|v|電気自動車の試乗会|いつもの通勤路を小さな電気自動車で。
Automobiles|g|オールシーズンタイヤ交換|取り付けと古いタイヤの引き取りを含みます。
Bicycle|g|毎日の街乗り自転車|内装変速、ダイナモライト、大きなかご。
Bicycle|v|自転車の春の点検|コーヒー一杯の間に、ブレーキと変速を調整。
Books|m|月に一冊の小説便|書店員が選び、あなたが読む。
Books|g|古本の名作箱|文庫十冊とおまけの一冊。
Comedy|v|若手お笑いライブ|八組が八分ずつ、客席はすぐ目の前。
Comedy|v|即興コメディ体験|人見知りの方ほど楽しめます。
Comics|g|今季の長編まんが|灯台と嵐と頑固なヤギの物語。
Comics|v|はじめての四コマ教室|午後ひとつで一作できあがり。
Culture|v|博物館の夜めぐり券|一枚で十九館、バスは深夜二時まで。
Culture|v|やさしい茶の湯体験|作法は座ってからで大丈夫です。
Education|v|夜の語学クラス|少人数で、初日から話します。
Education|v|放課後の算数教室|大学生がやさしく一緒に考えます。
Family|v|家族で山小屋の週末|二段ベッドと薪ストーブ、近くに小川。
Family|g|雨の日のボードゲーム|大人も子どもも勝てる三つの遊び。
Fashion|g|麻の夏服コレクション|八つの色、直しながら長く着られます。
Fashion|g|家で測る仕立てシャツ|十日で縫い上げてお届けします。
Food|g|畑の野菜箱|今週とれたものに、レシピを添えて。
Food|v|天然酵母のパン教室|焼きたてと酵母をお持ち帰り。
Health|v|腰を守る体操講座|昼休みにできる動きを八回で。
Health|m|よく眠るための六週間|医師が監修した小さな習慣。
Journalism|m|週刊じっくり報道|四十の見出しより、一つの調査を。
Movies|v|星空の野外映画|椅子と毛布、日が沈んだら名作を。
Movies|m|小さな映画の見放題|人が選んだ三十本を毎月。
Music|v|ろうそくの室内楽|弦楽四重奏を一時間、休憩なし。
Music|v|大人のギター教室|一週目に三つの和音、二週目に一曲。
Nature|v|湿原ガイドウォーク|木道を歩き、鶴を眺め、お弁当を。
Nature|g|野の花の種ミックス|ベランダにミツバチが来ます。
News|m|朝の五分ニュース|世界の動きを静かに、手短に。
News|m|ご近所ニュースアプリ|工事も議会も、新しいパン屋も。
Pets|g|穀物不使用のドッグフード|国産の肉と短い原材料表。
Pets|v|子犬の学校|六回の土曜日で「おいで」が身につきます。
Photography|v|街歩き写真教室|二時間、レンズ一本、よい光。
Photography|g|布表紙のフォトブック|平らに開く厚い紙で一年を残します。
Politics|m|やさしい国会解説|だれが何に賛成したか、ふだんの言葉で。
Science|v|科学館ナイト|レーザーとプラネタリウム、大人のための夜。
Science|g|台所の化学実験セット|安全な実験を二十種類。
Smartphones|g|整備済みスマートフォン|電池は新品、二年保証つき。
Smartphones|v|画面の即日修理|料金は先にお伝えします。
Software Dev|v|四週末で学ぶRust|所有権から小さなウェブサービスまで。
Software Dev|m|コードレビュー道場|本物の変更を、やさしい先輩と。
Sports|v|はじめてのランニング会|八週間で五キロを目指します。
Sports|v|ボルダリング体験|靴もハーネスも先生もそろっています。
TV|m|十一か国の刑事ドラマ|静かな捜査官と長い冬。
TV|m|広告なしドキュメンタリー|毎日二本の新作を。
Tech|g|賢い暖房コントローラー|一週間を覚え、節約額を見せます。
Tech|v|3Dプリント工房|フックを作って、上着を掛けましょう。
Travel|v|夜行列車の週末旅|眠っている間に海辺の朝へ。
Travel|v|海岸線を歩く旅|荷物は先に、あなたは岬づたいに。
Video Games|g|小さな名作ゲーム七本|心に残るインディー作品集。
Video Games|v|懐かしのゲームセンター夜会|四十台が一枚の券で遊び放題。
Writers|v|小説の書き方講座|最初の一行から第二稿まで十回。
Writers|g|書く人のノート|万年筆がにじまない紙です。
""",
    "Mandarin": """
Animals|v|林间观狼小径|和饲养员一起安静地走两个小时。
Art|v|夜间人体素描课|炭笔和纸都备好了，欢迎零基础。
Art|g|水彩入门套装|十二色、三支画笔和不怕画错的纸。
Automobiles|v|电动汽车试驾日|六款小型电动车，走一遍你的上班路。
Automobiles|g|四季轮胎含安装|含动平衡和旧胎回收。
Bicycle|g|城市通勤自行车|内变速、花鼓灯和大车筐。
Bicycle|v|自行车春季保养|喝杯咖啡的工夫，刹车变速全调好。
Books|m|每月一本小说|书店店员来选，你来读。
Books|g|二手经典书箱|十本好书加一份惊喜。
Comedy|v|脱口秀新人夜|八位新人，每人八分钟。
Comedy|v|即兴喜剧体验课|越内向越好玩。
Comics|g|本季长篇漫画|一座灯塔、一场风暴和一只倔山羊。
Comics|v|画出第一篇漫画|四格、一个主角、一个下午。
Culture|v|博物馆之夜通票|一张票逛十九座馆，班车到凌晨两点。
Culture|m|古迹年卡|园林、老宅和城墙全年畅游。
Education|v|晚间语言小班|第一节课就开口说。
Education|v|放学后数学辅导|耐心的大学生陪孩子想明白。
Family|v|亲子山间木屋周末|上下铺、炉火和门前的小溪。
Family|g|雨天桌游三件套|老人和孩子都能赢的游戏。
Fashion|g|亚麻夏装系列|八种颜色，越穿越软。
Fashion|g|在家量体的定制衬衫|十天缝好寄到家。
Food|g|农场蔬菜箱|这周地里有什么，就送什么，附菜谱。
Food|v|天然酵母面包课|带一个面包和自己的酵种回家。
Health|v|护腰训练课|八次课，午休就能练的动作。
Health|m|好好睡觉六周计划|医生审阅过的温和习惯。
Journalism|m|每周深度报道|不追四十条快讯，只写一篇调查。
Movies|v|露天电影夜|躺椅、毯子和日落后的老电影。
Movies|m|独立电影俱乐部|每月三十部，由人挑选。
Music|v|烛光室内乐|弦乐四重奏，一小时，不中断。
Music|v|成人吉他课|第一周三个和弦，第二周一首歌。
Nature|v|湿地导览徒步|走栈道、看白鹤、吃野餐。
Nature|g|野花种子组合|给阳台和蜜蜂一平方米颜色。
News|m|早间五分钟简报|安静地了解世界。
News|m|街坊新闻应用|修路、议事和新开的面包店。
Pets|g|无谷狗粮|本地鲜肉，配料表很短。
Pets|v|幼犬学校|六个周六，学会听召唤。
Photography|v|城市街拍漫步|两小时，一支镜头，好光线。
Photography|g|布面相册|厚纸平摊，留住这一年。
Politics|m|时政白话讲解|用日常的话讲清楚政策。
Science|v|科技馆奇妙夜|激光、泡泡和成人专场天象厅。
Science|g|厨房化学实验盒|二十个安全的小实验。
Smartphones|g|官翻手机优选|全新电池，两年质保。
Smartphones|v|手机屏幕快修|先报价，立等可取。
Software Dev|v|四个周末学会Rust|从所有权到自己的网络服务。
Software Dev|m|代码评审学院|真实的改动，友善的评审。
Sports|v|新手跑步团|八周从沙发跑到五公里。
Sports|v|攀岩体验课|鞋、安全带和教练都包括。
TV|m|十一国侦探剧频道|沉默的探员，漫长的冬天。
TV|m|无广告纪录片|每天两部新片。
Tech|g|智能温控器|学会你的一周，算出省下的钱。
Tech|v|3D打印工坊|设计一个挂钩，打印出来，挂上外套。
Travel|v|夜行列车周末|在这里入睡，在海边吃早餐。
Travel|v|海岸徒步假期|行李先走，你沿着悬崖慢慢来。
Video Games|g|七款独立游戏合集|小游戏，大心意。
Video Games|v|复古街机之夜|四十台机器，一票畅玩。
Writers|v|长篇小说写作课|十个晚上，从第一句到第二稿。
Writers|g|作家笔记本|喜欢墨水的纸。
""",
    "Hindi": """
Animals|v|जंगल की सुबह की सैर|वनरक्षक के साथ दो शांत घंटे और बहुत सारे पक्षी।
Art|v|शाम की चित्रकला कक्षा|रंग और काग़ज़ हमारी ओर से, नए लोगों का स्वागत है।
Art|g|जलरंगों का पहला सेट|बारह रंग, तीन ब्रश और अच्छा काग़ज़।
Automobiles|v|इलेक्ट्रिक कार की परीक्षण सवारी|छह छोटी कारें, आपका रोज़ का रास्ता।
Bicycle|g|रोज़ की शहरी साइकिल|मज़बूत गियर, डायनमो बत्ती और टोकरी।
Bicycle|v|साइकिल की पूरी जाँच|ब्रेक, चेन और गियर एक चाय के समय में ठीक।
Books|m|हर महीने एक उपन्यास|हमारे पुस्तक विक्रेता चुनते हैं, आप पढ़ते हैं।
Comedy|v|नए कलाकारों की हास्य संध्या|आठ कलाकार, आठ-आठ मिनट।
Comics|g|इस मौसम की चित्रकथा|एक प्रकाशस्तंभ, एक तूफ़ान और एक ज़िद्दी बकरी।
Culture|v|संग्रहालयों की रात का पास|एक टिकट, उन्नीस संग्रहालय, देर रात तक बस।
Culture|v|लोक नृत्य कार्यशाला|कदम समझाए जाते हैं, संगीत जीवंत है।
Education|v|शाम की भाषा कक्षा|छोटे समूह जो पहले दिन से बोलते हैं।
Education|v|स्कूल के बाद गणित|धैर्यवान छात्र, कल के गृहकार्य में मदद।
Family|v|पहाड़ी कुटिया में परिवार का सप्ताहांत|चारपाई, अलाव और पास में एक झरना।
Family|g|बरसात के दिनों के खेल|तीन खेल जो दादी और बच्चे दोनों जीत सकते हैं।
Fashion|g|सूती गर्मी संग्रह|आठ रंगों में ढीले, आरामदेह कपड़े।
Fashion|g|नाप के कुर्ते|घर पर नाप लें, हम दस दिन में सिलते हैं।
Food|g|खेत की सब्ज़ियों की टोकरी|इस हफ़्ते की फ़सल और एक नई रेसिपी।
Food|v|मसालों की पाक कक्षा|दस मसाले, तीन पकवान, एक लंबी मेज़।
Health|v|कमर की देखभाल का योग|आठ शामें, आसान आसन।
Health|m|बेहतर नींद कार्यक्रम|छह हफ़्तों की अच्छी आदतें, डॉक्टरों द्वारा जाँची हुई।
Journalism|m|साप्ताहिक गहरी रिपोर्ट|चालीस सुर्ख़ियों की जगह एक पूरी पड़ताल।
Movies|v|खुले आसमान का सिनेमा|कुर्सियाँ, कंबल और एक पुरानी फ़िल्म।
Music|v|दीयों के बीच शास्त्रीय संगीत|सितार और तबला, एक घंटा।
Music|v|बड़ों के लिए गिटार|पहले हफ़्ते तीन सुर, दूसरे में एक गीत।
Nature|v|आर्द्रभूमि की सैर|सारस, कमल और साथ में नाश्ता।
News|m|सुबह के पाँच मिनट|दुनिया की ख़बरें, शांति से।
Pets|g|पालतू कुत्तों का ताज़ा आहार|स्थानीय सामग्री, छोटी सूची।
Photography|v|शहर की फ़ोटो सैर|दो घंटे, एक लेंस, अच्छी रोशनी।
Politics|m|संसद आसान भाषा में|किसने किस पर मत दिया, सरल शब्दों में।
Science|v|विज्ञान केंद्र की रात|तारामंडल, लेज़र और मज़ेदार प्रयोग।
Science|g|रसोई रसायन किट|बीस सुरक्षित प्रयोग।
Smartphones|g|नए जैसे स्मार्टफ़ोन|नई बैटरी और दो साल की गारंटी।
Software Dev|v|चार सप्ताहांत में Rust|शुरुआत से अपनी पहली वेब सेवा तक।
Sports|v|नौसिखियों का दौड़ समूह|आठ हफ़्तों में पाँच किलोमीटर।
Sports|v|मोहल्ले की क्रिकेट कोचिंग|बल्ला, गेंद और धैर्यवान कोच।
TV|m|ग्यारह देशों की जासूसी कहानियाँ|शांत जासूस और लंबी रातें।
Tech|v|3D छपाई कार्यशाला|एक खूँटी बनाइए और छापिए।
Travel|v|रात की रेल से सप्ताहांत|यहाँ सोइए, समुद्र किनारे जागिए।
Travel|v|पहाड़ी पगडंडी यात्रा|सामान आगे जाता है, आप पैदल।
Video Games|g|सात छोटे खेलों का संग्रह|छोटे खेल, बड़ा दिल।
Writers|v|उपन्यास लेखन कक्षा|पहली पंक्ति से दूसरे मसौदे तक दस शामें।
""",
    "Arabic": """
Animals|v|صباح مع الصقور|جولة هادئة لساعتين مع مدرّب خبير.
Animals|v|زيارة محمية الغزلان|سيارة كهربائية ودليل يعرف كل غزال باسمه.
Art|v|أمسيات الرسم|الفحم والورق متوفران والمبتدئون مرحّب بهم.
Art|g|علبة ألوان مائية|اثنا عشر لونًا وثلاث فرش وورق جيد.
Automobiles|v|يوم تجربة السيارات الكهربائية|ست سيارات صغيرة على طريقك المعتاد.
Bicycle|g|دراجة المدينة|تروس داخلية وإنارة وسلة للتسوق.
Books|m|رواية كل شهر|يختارها بائعو الكتب عندنا وتقرؤها أنت.
Books|g|صندوق الكتب الكلاسيكية|عشرة كتب مستعملة ومفاجأة.
Comedy|v|ليلة الكوميديين الجدد|ثمانية فنانين وثماني دقائق لكل منهم.
Comics|g|قصة الموسم المصوّرة|منارة وعاصفة وعنزة عنيدة.
Culture|v|تذكرة ليلة المتاحف|تذكرة واحدة وتسعة عشر متحفًا.
Culture|v|ورشة الخط العربي|القصب والحبر والورق في انتظارك.
Education|v|دورة لغات مسائية|مجموعات صغيرة تتحدث من الدرس الأول.
Education|v|دروس تقوية في الرياضيات|طلاب صبورون بعد المدرسة.
Family|v|عطلة عائلية في المزرعة|خيول وبستان وسماء مليئة بالنجوم.
Family|g|ألعاب جماعية للعائلة|ثلاث ألعاب يفوز فيها الكبار والصغار.
Fashion|g|تشكيلة الكتّان الصيفية|قصّات مريحة بثمانية ألوان.
Fashion|v|خياطة على المقاس|نأخذ القياس في منزلك ونخيط في عشرة أيام.
Food|g|سلة خضار المزرعة|ما تعطيه الأرض هذا الأسبوع مع وصفة.
Food|v|ورشة الخبز والحلويات|عد إلى البيت برغيف ساخن ووصفة جدّتنا.
Health|v|تمارين العناية بالظهر|ثماني جلسات بحركات بسيطة.
Health|m|برنامج النوم الأفضل|ستة أسابيع من العادات الجيدة راجعها أطباء.
Journalism|m|تحقيق الأسبوع|تقرير طويل واحد بدل أربعين عنوانًا.
Movies|v|سينما في الهواء الطلق|مقاعد مريحة وفيلم قديم بعد الغروب.
Music|v|أمسية العود والقانون|ساعة من الموسيقى من دون استراحة.
Music|v|دروس العود للكبار|مقام في الأسبوع الأول وأغنية في الثاني.
Nature|v|جولة في غابات القرم|قوارب صغيرة وطيور ملوّنة.
News|m|موجز الصباح|العالم في خمس دقائق هادئة.
Pets|g|طعام طبيعي للقطط|مكوّنات قليلة وواضحة.
Photography|v|جولة تصوير في المدينة|ساعتان وعدسة واحدة وضوء جميل.
Politics|m|شرح القوانين ببساطة|قانون واحد كل أسبوع وما يغيّره في حياتك.
Science|v|ليلة في مركز العلوم|قبة سماوية وتجارب للكبار والصغار.
Science|g|علبة كيمياء المطبخ|عشرون تجربة آمنة.
Smartphones|g|هواتف مجدّدة|بطارية جديدة وضمان سنتين.
Software Dev|v|تعلّم البرمجة في أربع عطلات|من البداية إلى أول خدمة لك على الشبكة.
Sports|v|مجموعة الجري للمبتدئين|من الأريكة إلى خمسة كيلومترات في ثمانية أسابيع.
Sports|v|أكاديمية كرة القدم للصغار|مدرّبون صبورون وملاعب مظللة.
TV|m|مسلسلات التحقيق من العالم|محققون هادئون من أحد عشر بلدًا.
Tech|g|منظّم تكييف ذكي|يتعلّم أسبوعك ويريك ما وفّرت.
Travel|v|رحلة تخييم في الصحراء|كثبان وشاي على النار ونجوم.
Travel|v|عطلة على الساحل|مشي على الشاطئ وحقيبتك تسبقك.
Video Games|g|مجموعة ألعاب مستقلة|سبع ألعاب صغيرة بقلب كبير.
Writers|v|دورة كتابة الرواية|عشر أمسيات من السطر الأول إلى المسودة الثانية.
""",
    "Tamil": """
Animals|v|காட்டுப் பறவைகள் நடை|வனக் காவலருடன் இரண்டு அமைதியான மணி நேரம்.
Art|v|மாலை ஓவிய வகுப்பு|வண்ணங்களும் தாளும் எங்களிடம் உள்ளன.
Automobiles|v|மின்சாரக் கார் சோதனை ஓட்டம்|ஆறு சிறிய கார்கள், உங்கள் வழக்கமான பாதை.
Bicycle|g|அன்றாட மிதிவண்டி|உறுதியான சட்டம், விளக்கு, கூடை.
Books|m|மாதம் ஒரு நாவல்|நாங்கள் தேர்வு செய்கிறோம், நீங்கள் படியுங்கள்.
Comedy|v|புதுமுக நகைச்சுவை இரவு|எட்டுப் பேர், ஆளுக்கு எட்டு நிமிடங்கள்.
Comics|g|இந்தப் பருவத்தின் படக்கதை|ஒரு கலங்கரை விளக்கம், ஒரு புயல், ஒரு ஆடு.
Culture|v|அருங்காட்சியக இரவு|ஒரே சீட்டு, பல அருங்காட்சியகங்கள்.
Education|v|பள்ளிக்குப் பின் கணிதம்|பொறுமையான ஆசிரியர்கள், சிறிய குழுக்கள்.
Family|v|குடும்ப மலை விடுமுறை|மரக் குடில், அருகில் ஓர் ஓடை.
Fashion|g|கைத்தறிப் புடவைகள்|எட்டு வண்ணங்கள், மென்மையான பருத்தி.
Food|g|பண்ணைக் காய்கறிக் கூடை|இந்த வார விளைச்சலும் ஒரு சமையல் குறிப்பும்.
Health|v|முதுகு நலப் பயிற்சி|எட்டு மாலைகள், எளிய பயிற்சிகள்.
Journalism|m|வார ஆய்வுக் கட்டுரை|நாற்பது தலைப்புகளுக்குப் பதிலாக ஒரு முழு விசாரணை.
Movies|v|திறந்தவெளித் திரையரங்கு|நாற்காலி, போர்வை, ஒரு பழைய படம்.
Music|v|வீணை வகுப்பு|பெரியவர்களுக்கான எளிய தொடக்கம்.
Nature|v|சதுப்புநிலப் படகுப் பயணம்|அலையாத்திக் காடுகளும் பறவைகளும்.
News|m|காலைச் செய்திச் சுருக்கம்|ஐந்து நிமிடங்களில் உலகம்.
Pets|g|நாய்களுக்கான இயற்கை உணவு|உள்ளூர்ப் பொருட்கள், குறுகிய பட்டியல்.
Photography|v|நகரப் புகைப்பட நடை|இரண்டு மணி நேரம், நல்ல வெளிச்சம்.
Politics|m|சட்டமன்றம் எளிய தமிழில்|யார் எதற்கு வாக்களித்தார்கள் என்ற விளக்கம்.
Science|g|சமையலறை வேதியியல் பெட்டி|இருபது பாதுகாப்பான சோதனைகள்.
Smartphones|g|புதுப்பிக்கப்பட்ட கைபேசிகள்|புதிய மின்கலம், இரண்டு ஆண்டு உத்தரவாதம்.
Software Dev|v|நான்கு வாரங்களில் Rust|தொடக்கம் முதல் சொந்த இணையச் சேவை வரை.
Sports|v|தொடக்க ஓட்டக் குழு|எட்டு வாரங்களில் ஐந்து கிலோமீட்டர்.
TV|m|துப்பறியும் தொடர்கள்|பதினொரு நாடுகளின் கதைகள்.
Tech|v|முப்பரிமாண அச்சுப் பட்டறை|வடிவமைத்து அச்சிட்டு எடுத்துச் செல்லுங்கள்.
Travel|v|கடற்கரை நடைப் பயணம்|பைகள் முன்னே செல்லும், நீங்கள் கரையோரம் நடப்பீர்கள்.
Video Games|g|ஏழு சிறு விளையாட்டுகள்|சிறிய விளையாட்டுகள், பெரிய மகிழ்ச்சி.
Writers|v|நாவல் எழுதும் வகுப்பு|முதல் வரி முதல் இரண்டாம் வரைவு வரை பத்து மாலைகள்.
""",
    "Tamazight": """
Animals|v|Tirza ɣer temsirt n iɣersiwen|Sin yisragen deg tẓegwa d yimsurifen.
Art|v|Timsirin n taẓuri|Tira, asuneɣ d yiniten i yal yiwen.
Books|g|Idlisen n tmaziɣt|Mraw n yidlisen deg yiwet n tbewwaḍt.
Comics|g|Tiktabin n tmucuha s tugniwin|Timucuha n zik s wunuɣen imaynuten.
Culture|v|Tameɣra n yidles amaziɣ|Cna, cḍeḥ d tmucuha.
Education|v|Timsirin n tutlayt|Tigrummiwin timeẓyanin, awal seg wass amezwaru.
Family|v|Taggara n dduṛt i twacult|Axxam deg wedrar, times d yigenni.
Fashion|g|Iselsa n Leqbayel|Tiqendyar s tfettusin n tlawin n taddart.
Food|g|Zzit n uzemmur|Seg yiger ɣer tbewwaḍt.
Health|v|Addal i tdawsit|Tam n tmeddiyin s uselmad.
Movies|v|Sinima ddaw yigenni|Isura n tmurt deg yiḍ.
Music|v|Aẓawan n Leqbayel|Amendayer, tajewwaqt d tmeɣra.
Nature|v|Tikli deg Ǧerǧer|Idurar, tiliwa d tifrat.
News|m|Isallen n tṣebḥit|Amaḍal deg semmus n tisdatin.
Photography|v|Timsirin n tewlafin|Tafat, udem d umkan.
Sports|v|Tarbaɛt n tazzla|Semmus n yikilumitren deg tam n dduṛtat.
Travel|v|Inig ɣer Tneẓruft|Tiziri, latay d yitran.
Writers|v|Tira n wungal|Mraw n tmeddiyin i tira.
""",
}


def subjects(language):
    """Interest -> [(kind, product, sentence)]."""
    found = {}
    for line in TEXTS[language].strip().splitlines():
        interest, kind, product, sentence = line.split("|")
        found.setdefault(interest, []).append((kind, product, sentence))
    return found


def ad(draw, market, interest, texts, taken):
    """One ad as a csv row without its id."""
    country, language, _, price, cities = market
    style = STYLES[language]
    while True:
        kind, product, sentence = draw.one(texts)
        words = {
            "b": draw.one(style["brands"].split(",")),
            "c": draw.one(cities.split()),
            "p": product,
            "o": 5 * (1 + draw.below(8)),
            "d": draw.one([14, 20, 30, 45, 60]),
            "m": price.format(5 + draw.below(95)),
        }
        # What is subscribed to is in no city: those frames are the last two.
        frames = style["frames"][:2] if kind == "m" else style["frames"]
        title = draw.one(frames).format(**words)
        if title not in taken:
            break
    taken.add(title)
    offer = draw.one(style[kind]).format(**words)
    space = "" if language in ("Japanese", "Mandarin") else " "

    usual, kids_percent, related = INTERESTS[interest]
    gender = draw.below(100)
    genders = ["female"] if gender < 14 else ["male"] if gender < 28 else ["female", "male"] if gender < 36 else []
    ages = [AGE_NAMES[int(age) - 1] for age in usual.split()]
    ages = [] if draw.chance(12) else draw.some(ages, 1 + draw.below(len(ages)))
    languages = [language] + (["English"] if language != "English" and draw.chance(15) else [])
    countries = [country]
    others = [other for other in SECOND_COUNTRIES.get(language, []) if other != country]
    if others and draw.chance(18):
        countries.append(draw.one(others))
    weighed = [f"{interest}:{4 + draw.below(2)}"]
    for other in draw.some(split_names(related), 1 + draw.below(4)):
        weighed.append(f"{other}:{1 + draw.below(4)}")
    kids = "1" if draw.chance(kids_percent) else "0"
    row = [title, sentence + space + offer, genders, ages, languages, kids, countries, weighed]
    return ["|".join(cell) if isinstance(cell, list) else cell for cell in row]


def split_names(names):
    """Splits at spaces, but not inside the two names that have one."""
    for name in ("Video Games", "Software Dev"):
        names = names.replace(name, name.replace(" ", "_"))
    return [name.replace("_", " ") for name in names.split()]


def main():
    draw = Draw(SEED)
    rows, taken = [], set()
    for market in MARKETS:
        texts = subjects(market[1])
        order = draw.shuffled(sorted(texts))
        for number in range(market[2]):
            interest = order[number % len(order)]
            rows.append(ad(draw, market, interest, texts[interest], taken))
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["id", "title", "description", "genders", "age_groups", "languages", "kids", "countries", "interests"])
    for number, row in enumerate(draw.shuffled(rows), 1):
        out.writerow([f"ad-{number:04}", *row])


if __name__ == "__main__":
    main()
