#!/usr/bin/env python3
"""Writes the built-in ad catalogue: python3 config/ads_generator.py > config/ads.csv

All brands, offers and texts are invented for cipherdeck. The output depends on nothing but this file: choices are drawn
from splitmix64 with a fixed seed, not from Python's random module, so that every Python 3 writes the same bytes.

How an ad is made:
- MARKETS says how many ads a country gets in which language, its cities, and how it writes a price.
- The first interest of an ad goes round all those that the language has texts for, so each is used about equally.
- TEXTS has, per language, lines `Interest | kind | product | sentence`. The kind says which offers fit: g goods, v a
  visit, course or service that is booked, m media that are subscribed to.
- The title is one of the language's frames around the product, a brand or a city; the description is the sentence and
  an offer of the kind. No two ads have the same title.
- Targets: the language (with English beside it in some), the country (now and then a second one of the same language),
  usual age groups of the interest (AGES), kids for what families look for, a gender seldom. The first interest weighs 5
  or 4, one to four related ones (RELATED) 1 to 4.
- A row sums to at most 255 (in fact less than 130), so a score has 8 bits.
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
