"""Lukewarm phrases by language, and FILLERS, which are neutral words that may stand around them.

A comment is compared with all languages at once, whatever language the page was in: a word is only listed
when it is lukewarm in every language that has it.
"""

LUKEWARM: dict[str, tuple[str, ...]] = {
    "en": (
        "fine", "ok", "okay", "satisfied", "very satisfied", "no complaints", "no complaint", "all good",
        "alright", "all right", "not bad", "as expected", "nothing to add", "so so", "nothing special",
        "average", "acceptable", "adequate", "decent", "it works", "meh", "can t complain",
    ),
    "ar": (
        "لا بأس", "لا باس", "لا بأس به", "مقبول", "عادي", "تمام", "ماشي", "ماشي الحال", "اوكي", "راض", "راضٍ",
        "راضي", "راضية", "لا شكاوى", "كما هو متوقع", "لا شيء أضيفه", "لا تعليق", "ليس سيئا", "مش بطال",
        "نص نص", "على ما يرام",
    ),
    "bg": (
        "ок", "ok", "окей", "става", "всичко е наред", "наред", "всичко е ок", "всичко е добре", "доволен",
        "доволна", "доволни", "много доволен", "много доволна", "нямам забележки", "без забележки",
        "нямам оплаквания", "не е зле", "горе долу", "приемливо", "нищо особено", "според очакванията",
        "няма какво да добавя", "нормално",
    ),
    "ca": (
        "ok", "satisfet", "satisfeta", "molt satisfet", "molt satisfeta", "cap queixa", "sense queixes",
        "tot bé", "correcte", "va bé", "no està malament", "prou bé", "com s esperava", "res a afegir",
        "res a dir", "res especial", "acceptable", "normal", "així així", "sense més", "no esta malament",
    ),
    "cs": (
        "v pořádku", "v poradku", "ok", "okej", "v pohodě", "v pohode", "ujde to", "jde to", "ujde",
        "ušlo to", "spokojen", "spokojený", "spokojená", "spokojeni", "velmi spokojen", "velmi spokojená",
        "bez výhrad", "bez připomínek", "bez pripominek", "není co dodat", "nemám co dodat", "nic zvláštního",
        "podle očekávání", "normálka", "nebylo to špatné",
    ),
    "da": (
        "ok", "okay", "fint", "tilfreds", "meget tilfreds", "ingen klager", "intet at klage over",
        "ikke noget at klage over", "i orden", "alt godt", "ikke dårligt", "ikke værst", "som forventet",
        "intet at tilføje", "ikke noget at tilføje", "ikke noget særligt", "så som så", "nogenlunde",
        "acceptabelt", "fint nok",
    ),
    "de": (
        "okay", "ok", "zufrieden", "sehr zufrieden", "in ordnung", "alles gut", "alles klar", "passt",
        "keine beschwerden", "keine klagen", "kann nicht klagen", "nicht schlecht", "wie erwartet",
        "nichts hinzuzufügen", "nichts besonderes", "nichts auszusetzen", "so lala", "geht so", "akzeptabel",
        "ordentlich",
    ),
    "el": (
        "εντάξει", "ενταξει", "entaxei", "οκ", "ok", "όλα καλά", "ολα καλα", "όλα εντάξει", "μια χαρά",
        "μια χαρα", "ικανοποιημένος", "ικανοποιημένη", "ικανοποιημένοι", "ικανοποιημενος",
        "πολύ ικανοποιημένος", "πολύ ικανοποιημένη", "κανένα παράπονο", "δεν έχω παράπονο",
        "δεν έχω παράπονα", "όχι άσχημα", "έτσι κι έτσι", "τίποτα ιδιαίτερο", "όπως περίμενα",
        "τίποτα να προσθέσω", "αποδεκτό", "κανονικά",
    ),
    "es": (
        "ok", "satisfecho", "satisfecha", "muy satisfecho", "muy satisfecha", "conforme", "sin quejas",
        "todo bien", "todo en orden", "correcto", "normal", "aceptable", "no está mal", "no esta mal",
        "lo esperado", "como esperaba", "nada que añadir", "nada especial", "más o menos", "ni fu ni fa",
        "nada que agregar",
    ),
    "et": (
        "rahuldav", "normaalne", "normaalselt", "okei", "ok", "korras", "rahul", "kõik hästi", "koik hasti",
        "kaebusi pole", "kaebusi ei ole", "pole kaebusi", "etteheiteid pole", "pretensioone pole",
        "nagu oodatud", "ootuspärane", "ootusparane", "ootuspäraselt", "pole paha", "ei ole paha",
        "polnud paha", "pole viga", "midagi lisada pole", "pole midagi lisada", "ei midagi erilist",
        "keskmine", "käib kah", "kaib kah", "nii ja naa", "vastuvõetav", "vastuvoetav",
    ),
    "fa": (
        "بد نبود", "بد نیست", "بدک نبود", "معمولی", "متوسط", "قابل قبول", "راضی", "راضی ام", "راضیم", "اوکی",
        "اوکیه", "همه چیز خوب بود", "همه چی خوب بود", "همه چی خوبه", "مشکلی نبود", "مشکلی نداشتم",
        "شکایتی ندارم", "حرفی ندارم", "نظر خاصی ندارم", "مورد خاصی نبود", "طبق انتظار",
    ),
    "fi": (
        "ihan ok", "ok", "ihan hyvä", "ihan jees", "ihan kiva", "menettelee", "kelpaa", "tyytyväinen",
        "tyytyvainen", "erittäin tyytyväinen", "hyvin tyytyväinen", "kaikki ok", "kaikki hyvin",
        "kaikki kunnossa", "ei valittamista", "ei huomautettavaa", "ei lisättävää", "ei mitään lisättävää",
        "odotusten mukainen", "ei hullumpi", "ei mitään erikoista", "ihan normaali",
    ),
    "fr": (
        "ok", "correct", "acceptable", "satisfait", "satisfaite", "très satisfait", "très satisfaite",
        "ça va", "ca va", "pas mal", "rien à signaler", "rien a signaler", "ras", "rien à redire",
        "rien a redire", "rien à ajouter", "rien a ajouter", "rien de spécial", "comme prévu", "sans plus",
        "bof", "tout va bien", "tres satisfait",
    ),
    "he": (
        "בסדר", "בסדר גמור", "סבבה", "אוקיי", "אוקי", "מרוצה", "מרוצים", "אין תלונות", "אין לי תלונות",
        "לא רע", "כצפוי", "כמצופה", "אין מה להוסיף", "אין לי מה להוסיף", "אין הערות", "ככה ככה", "סביר",
        "תקין", "הכל טוב", "הכול טוב", "שום דבר מיוחד",
    ),
    "hi": (
        "ठीक", "ठीक ठाक", "सब सही", "चलेगा", "ओके", "संतुष्ट", "कोई शिकायत नहीं", "बुरा नहीं", "कुछ खास नहीं",
        "कुछ ख़ास नहीं", "और कुछ नहीं", "उम्मीद के मुताबिक", "औसत", "सामान्य", "theek", "thik", "theek thaak",
        "thik thak", "chalega", "koi shikayat nahi", "kuch khas nahi", "bura nahi",
    ),
    "hr": (
        "u redu", "ok", "okej", "zadovoljan", "zadovoljna", "zadovoljni", "nemam primjedbi", "bez primjedbi",
        "nemam zamjerki", "bez zamjerki", "sve dobro", "nije loše", "nije lose", "očekivano", "ocekivano",
        "prema očekivanjima", "prema ocekivanjima", "nemam što dodati", "nemam sto dodati", "ništa posebno",
        "nista posebno", "tako tako", "prosječno", "prosjecno", "prihvatljivo", "solidno", "korektno",
    ),
    "hu": (
        "rendben", "rendben van", "minden rendben", "ok", "oké", "oke", "elmegy", "megfelelő", "megfelelo",
        "elégedett", "elegedett", "nagyon elégedett", "elégedettek", "nincs panasz", "nincs panaszom",
        "semmi különös", "nincs hozzáfűznivalóm", "nem rossz", "átlagos", "elfogadható",
        "az elvártnak megfelelő", "korrekt",
    ),
    "id": (
        "cukup", "cukup baik", "lumayan", "oke", "ok", "biasa saja", "biasa aja", "baik baik saja",
        "baik baik aja", "semua baik", "semuanya baik", "puas", "tidak ada keluhan", "gak ada keluhan",
        "ga ada keluhan", "tidak ada masalah", "gak ada masalah", "ga ada masalah", "aman", "sesuai harapan",
        "sesuai ekspektasi", "tidak buruk", "gak jelek", "tidak ada tambahan", "standar", "begitulah",
        "bisa diterima",
    ),
    "it": (
        "ok", "va bene", "tutto bene", "tutto a posto", "soddisfatto", "soddisfatta", "molto soddisfatto",
        "molto soddisfatta", "nessuna lamentela", "nessun reclamo", "niente da aggiungere",
        "nulla da aggiungere", "come previsto", "nella norma", "normale", "non male", "così così",
        "sufficiente", "accettabile", "niente di che", "cosi cosi",
    ),
    "ja": (
        "普通", "ふつう", "まあまあ", "まぁまぁ", "まずまず", "そこそこ", "ぼちぼち", "それなり", "可もなく不可もなく", "満足", "大変満足", "十分満足",
        "十分です", "悪くない", "悪くなかった", "問題ない", "問題なし", "問題ありません", "問題ございません", "大丈夫", "特になし", "特に無し", "特にない",
        "とくにない", "特にありません", "特にございません", "なし", "不満なし", "不満はない", "不満はありません", "想定通り", "想定どおり", "期待通り", "予想通り",
        "こんなもの", "異論なし", "オーケー", "オッケー",
    ),
    "ko": (
        "괜찮아요", "괜찮았어요", "괜찮습니다", "괜찮았습니다", "괜찮네요", "괜찮음", "괜찮은", "그저 그래요", "그저 그랬어요", "그저 그럼", "그저그래요",
        "그냥 그래요", "그냥 그랬어요", "그냥저냥", "그럭저럭", "보통", "보통이에요", "보통이었어요", "보통입니다", "무난", "무난함", "무난해요", "무난했어요",
        "무난합니다", "무난했습니다", "만족", "만족함", "만족해요", "만족합니다", "만족했습니다", "만족스러웠어요", "만족스러웠습니다", "불만 없음", "불만없음",
        "불만 없어요", "불만 없습니다", "문제 없음", "문제없음", "문제 없었어요", "문제 없었습니다", "없음", "없어요", "없습니다", "특이사항 없음",
        "나쁘지 않아요", "나쁘지 않았어요", "나쁘지 않았습니다", "나쁘지 않음", "나쁘지않아요", "나쁘지않았어요", "예상대로", "예상한 대로", "기대한 대로", "양호",
        "양호함", "양호합니다", "쏘쏘", "오케이", "ㅇㅋ",
    ),
    "lt": (
        "normaliai", "normalu", "norm", "ok", "okei", "tvarkoj", "tvarkoje", "viskas gerai", "patenkintas",
        "patenkinta", "patenkinti", "nusiskundimų nėra", "nusiskundimu nera", "neturiu nusiskundimų",
        "neturiu nusiskundimu", "pastabų nėra", "pastabu nera", "pastabų neturiu", "pastabu neturiu",
        "kaip tikėjausi", "kaip tikejausi", "kaip ir tikėjausi", "kaip ir tikejausi", "neblogai",
        "nieko ypatingo", "neturiu ką pridurti", "neturiu ka pridurti", "vidutiniškai", "vidutiniskai",
        "pakenčiamai", "pakenciamai", "priimtina", "šiaip sau", "siaip sau",
    ),
    "nb": (
        "greit", "helt greit", "greit nok", "helt ok", "ok", "okei", "alt i orden", "i orden", "alt bra",
        "fornøyd", "fornoyd", "veldig fornøyd", "svært fornøyd", "ikke verst", "ingen klager",
        "ikke noe å klage på", "som forventet", "ikke noe spesielt", "ingenting å tilføye",
        "ingenting å legge til", "sånn passe", "akseptabelt",
    ),
    "nl": (
        "ok", "oké", "was prima", "prima zo", "tevreden", "zeer tevreden", "heel tevreden", "geen klachten",
        "niets te klagen", "niks te klagen", "niet slecht", "zoals verwacht", "niets toe te voegen",
        "gaat wel", "alles goed", "in orde", "redelijk", "acceptabel", "niets bijzonders", "valt mee", "oke",
        "niks bijzonders",
    ),
    "pl": (
        "w porządku", "w porzadku", "ok", "okej", "spoko", "może być", "moze byc", "tak sobie", "ujdzie",
        "zadowolony", "zadowolona", "zadowoleni", "bardzo zadowolony", "bardzo zadowolona", "bez zastrzeżeń",
        "bez zastrzezen", "bez uwag", "brak uwag", "nie mam uwag", "nie jest źle", "nie było źle",
        "zgodnie z oczekiwaniami", "nic szczególnego", "nie mam nic do dodania", "normalnie", "poprawnie",
    ),
    "pt": (
        "ok", "satisfeito", "satisfeita", "muito satisfeito", "muito satisfeita", "tudo bem", "tudo certo",
        "sem queixas", "sem reclamações", "sem reclamacoes", "nada a acrescentar", "nada a declarar",
        "nada de especial", "como esperado", "dentro do esperado", "razoável", "normal", "regular",
        "mais ou menos", "aceitável", "razoavel",
    ),
    "ro": (
        "ok", "e ok", "în regulă", "in regula", "totul bine", "totul e bine", "toate bune", "mulțumit",
        "multumit", "mulțumită", "multumita", "mulțumiți", "foarte mulțumit", "foarte multumit",
        "foarte mulțumită", "foarte multumita", "merge", "acceptabil", "nu e rău", "nu e rau", "așa și așa",
        "asa si asa", "nimic de adăugat", "nimic de adaugat", "nimic special", "fără obiecții",
        "conform așteptărilor", "normal",
    ),
    "ru": (
        "нормально", "норм", "в порядке", "ок", "окей", "устраивает", "устроило", "доволен", "довольна",
        "довольны", "удовлетворен", "удовлетворён", "удовлетворена", "претензий нет", "нет претензий",
        "без претензий", "жалоб нет", "нет жалоб", "замечаний нет", "нет замечаний", "без замечаний",
        "все хорошо", "всё хорошо", "неплохо", "не плохо", "как ожидалось", "нечего добавить",
        "добавить нечего", "ничего особенного", "так себе", "приемлемо", "сойдет", "сойдёт",
    ),
    "sk": (
        "v poriadku", "ok", "okej", "v pohode", "ujde to", "ujde", "spokojný", "spokojná", "spokojny",
        "spokojna", "spokojní", "veľmi spokojný", "veľmi spokojná", "velmi spokojny", "bez výhrad",
        "bez pripomienok", "nemám čo dodať", "nemam co dodat", "nič zvláštne", "podľa očakávania",
        "podľa očakávaní", "nebolo to zlé",
    ),
    "sl": (
        "v redu", "vredu", "ok", "okej", "zadovoljen", "zadovoljna", "zadovoljni", "brez pripomb",
        "nimam pripomb", "ni pripomb", "brez pritožb", "brez pritozb", "vse dobro", "ni slabo",
        "po pričakovanjih", "po pricakovanjih", "kot pričakovano", "kot pricakovano", "nimam kaj dodati",
        "nič posebnega", "nic posebnega", "tako tako", "povprečno", "povprecno", "sprejemljivo", "solidno",
        "korektno",
    ),
    "sv": (
        "ok", "okej", "nöjd", "nöjda", "mycket nöjd", "väldigt nöjd", "inga klagomål", "inget att klaga på",
        "allt bra", "inte dåligt", "inte illa", "som väntat", "som förväntat", "inget att tillägga",
        "inget särskilt", "sådär", "godkänt", "acceptabelt", "lagom", "funkar",
    ),
    "th": (
        "โอเค", "โอเคดี", "เฉยๆ", "เฉย ๆ", "งั้นๆ", "งั้น ๆ", "กลางๆ", "กลาง ๆ", "ปานกลาง", "พอใช้",
        "พอใช้ได้", "พอได้", "ใช้ได้", "รับได้", "ยอมรับได้", "ปกติ", "ปกติดี", "ธรรมดา", "ทั่วไป",
        "ทั่วๆ ไป", "พอใจ", "พึงพอใจ", "ไม่แย่", "ไม่เลว", "ไม่มี", "ไม่มีอะไร", "ไม่มีปัญหา",
        "ไม่มีปัญหาอะไร", "ไม่มีข้อติ", "ไม่มีอะไรเพิ่มเติม", "ไม่มีเพิ่มเติม", "ไม่มีข้อเสนอแนะ",
        "ไม่ติดอะไร", "ตามคาด", "ตามที่คาดไว้", "เป็นไปตามคาด", "เรียบร้อย", "เรียบร้อยดี",
    ),
    "tr": (
        "idare eder", "İdare eder", "fena değil", "fena degil", "fena değildi", "fena degildi", "memnunum",
        "memnunuz", "memnun kaldım", "memnun kaldim", "memnun kaldık", "memnun kaldik", "şikayetim yok",
        "sikayetim yok", "şikâyetim yok", "şikayet yok", "sorun yok", "her şey yolunda", "her sey yolunda",
        "beklediğim gibi", "bekledigim gibi", "beklendiği gibi", "beklendigi gibi", "ekleyecek bir şey yok",
        "ekleyecek bir şeyim yok", "ekleyecek bisey yok", "eh işte", "eh iste", "şöyle böyle", "soyle boyle",
        "ortalama", "normal", "normaldi", "kabul edilebilir", "yeterli", "yeterliydi", "tamam", "ok",
    ),
    "uk": (
        "нормально", "норм", "в порядку", "у порядку", "гаразд", "ок", "окей", "влаштовує", "влаштувало",
        "задоволений", "задоволена", "задоволені", "без зауважень", "зауважень немає", "немає зауважень",
        "нема зауважень", "скарг немає", "немає скарг", "претензій немає", "немає претензій", "все добре",
        "усе добре", "непогано", "не погано", "як очікувалося", "як очікувалось", "нічого додати",
        "додати нічого", "нічого особливого", "так собі", "прийнятно", "зійде",
    ),
    "vi": (
        "ổn", "tạm ổn", "tạm được", "được", "cũng được", "bình thường", "oke", "hài lòng", "chấp nhận được",
        "không tệ", "không có gì phàn nàn", "không có ý kiến", "không có gì đặc biệt", "không có gì thêm",
        "như mong đợi", "tam on", "deu on", "tam duoc", "cung duoc", "binh thuong", "hai long", "khong te",
        "khong co y kien",
    ),
    "zh-Hans": (
        "还行", "还可以", "还好", "还不错", "还ok", "ok的", "可以", "可以接受", "一般", "一般般", "凑合", "过得去", "尚可", "马马虎虎", "中规中矩",
        "普通", "正常", "不差", "满意", "没意见", "没有意见", "没问题", "没有问题", "没什么问题", "没什么不满", "没有不满", "没什么特别", "没什么可说",
        "没有补充", "没有要补充", "没有什么要补充", "无", "无补充", "无意见", "都好", "都挺好", "挺好的", "符合预期", "如预期", "跟预期一样", "和预期一样",
    ),
    "zh-Hant": (
        "還行", "還可以", "還好", "還不錯", "還ok", "ok啦", "可接受", "過得去", "馬馬虎虎", "中規中矩", "普普通通", "不差", "滿意", "沒意見",
        "沒有意見", "沒問題", "沒有問題", "沒什麼問題", "沒什麼不滿", "沒有不滿", "沒什麼特別", "沒有特別", "沒有補充", "沒什麼要補充", "沒有要補充", "無",
        "無補充", "無意見", "都好", "蠻好的", "符合預期", "如預期", "跟預期一樣", "和預期一樣", "冇問題", "冇意見", "麻麻",
    ),
}  # fmt: skip

FILLERS: dict[str, tuple[str, ...]] = {
    "en": (
        "it", "was", "is", "it s", "everything", "all", "i", "am", "i m", "we", "are", "we re", "really",
        "quite", "just", "pretty", "so far", "thanks", "thank you", "and", "the", "meeting", "with",
    ),
    "ar": (
        "كان", "كانت", "كل", "شيء", "شي", "كله", "الأمور", "أنا", "انا", "جدا", "جدًا", "شكرا", "شكرًا",
        "جداً", "حتى الآن", "اللقاء", "الاجتماع", "مع", "يعني", "الحمد لله",
    ),
    "bg": (
        "то", "беше", "е", "всичко", "аз", "съм", "ние", "сме", "засега", "дотук", "досега", "доста",
        "благодаря", "мерси", "и", "срещата", "от", "със",
    ),
    "ca": (
        "ha estat", "ha anat", "és", "està", "esta", "tot", "jo", "estic", "estem", "gràcies", "gracies",
        "fins ara", "de moment", "força", "bastant", "i", "amb", "la", "reunió", "reunio",
    ),
    "cs": (
        "to", "bylo", "je", "byla", "všechno", "vsechno", "vše", "vse", "já", "jsem", "my", "jsme", "zatím",
        "zatim", "celkem", "docela", "děkuji", "děkuju", "dekuji", "díky", "a", "schůzka", "schůzkou",
    ),
    "da": (
        "det", "var", "er", "gik", "alt", "jeg", "vi", "tak", "mange tak", "indtil videre", "hidtil",
        "ganske", "helt", "i det hele taget", "og", "med", "mødet", "møde",
    ),
    "de": (
        "es", "war", "ist", "alles", "ich", "bin", "wir", "sind", "danke", "bisher", "soweit", "ganz",
        "recht", "eigentlich", "und", "mit", "das", "der", "gespräch", "treffen",
    ),
    "el": (
        "ήταν", "ηταν", "είναι", "ειναι", "όλα", "ολα", "εγώ", "είμαι", "ειμαι", "είμαστε", "μέχρι στιγμής",
        "ως τώρα", "αρκετά", "ευχαριστώ", "ευχαριστω", "και", "η", "συνάντηση", "από", "τη",
    ),
    "es": (
        "fue", "estuvo", "está", "esta", "es", "todo", "yo", "estoy", "estamos", "gracias", "muchas gracias",
        "hasta ahora", "por ahora", "de momento", "bastante", "y", "con", "la", "reunión", "reunion",
    ),
    "et": (
        "oli", "on", "kõik", "koik", "see", "ma", "mina", "me", "olen", "oleme", "ja", "väga", "vaga",
        "täitsa", "taitsa", "siiani", "seni", "üldiselt", "uldiselt", "aitäh", "aitah", "tänan", "tanan",
        "kohtumine", "kohtumisega",
    ),
    "fa": (
        "بود", "است", "هست", "همه چیز", "همه چی", "من", "هستم", "هستیم", "بودم", "خیلی", "نسبتا", "واقعا",
        "در کل", "تا اینجا", "جلسه", "از", "با", "ممنون", "مرسی", "متشکرم",
    ),
    "fi": (
        "se", "oli", "on", "kaikki", "minä", "olen", "me", "olemme", "olin", "ihan", "toistaiseksi",
        "tähän asti", "kiitos", "kiitti", "ja", "tapaaminen", "palaveri", "minusta",
    ),
    "fr": (
        "c", "était", "etait", "est", "tout", "je", "suis", "nous", "sommes", "merci", "pour l instant",
        "plutôt", "assez", "et", "avec", "le", "la", "rendez vous", "réunion", "reunion",
    ),
    "he": (
        "היה", "הייתה", "היתה", "זה", "הכל", "הכול", "אני", "אנחנו", "מאוד", "מאד", "די", "ממש", "פשוט",
        "תודה", "תודה רבה", "עד כה", "עד עכשיו", "בסך הכל", "הפגישה", "עם",
    ),
    "hi": (
        "था", "थी", "है", "हूँ", "हूं", "रहा", "रही", "सब", "सब कुछ", "मैं", "हम", "बहुत", "अब तक", "मीटिंग",
        "मुलाकात", "से", "धन्यवाद", "tha", "hai", "sab",
    ),
    "hr": (
        "sve", "je", "bilo", "bio", "bila", "to", "ja", "sam", "smo", "i", "hvala", "zasad", "za sada",
        "dosad", "vrlo", "jako", "sasvim", "uglavnom", "sastanak", "sastankom", "sa", "s",
    ),
    "hu": (
        "ez", "az", "a", "volt", "van", "minden", "én", "vagyok", "vagyunk", "voltam", "eddig", "egész",
        "teljesen", "köszönöm", "koszonom", "köszi", "és", "találkozó", "megbeszélés",
    ),
    "id": (
        "semua", "semuanya", "saya", "kami", "ini", "itu", "dan", "dengan", "sih", "saja", "aja", "sudah",
        "sangat", "sejauh ini", "terima kasih", "makasih", "pertemuan", "pertemuannya", "rapat", "rapatnya",
    ),
    "it": (
        "è", "e", "era", "stato", "stata", "è andato", "tutto", "io", "sono", "siamo", "grazie", "finora",
        "per ora", "nel complesso", "abbastanza", "con", "il", "l", "incontro", "riunione",
    ),
    "ja": (
        "です", "でした", "だ", "だった", "と思います", "と思う", "と感じました", "しています", "しました", "しております", "は", "が", "に", "で", "も",
        "の", "と", "ね", "特に", "まあ", "とても", "今のところ", "全体的に", "全体として", "すべて", "全て", "今回", "本日", "会議", "面談", "商談",
        "打ち合わせ", "ミーティング", "内容", "私", "ありがとうございます", "ありがとうございました",
    ),
    "ko": (
        "그냥", "매우", "아주", "꽤", "대체로", "전반적으로", "전체적으로", "모두", "다", "회의", "회의는", "미팅", "미팅은", "미팅이", "이번",
        "오늘", "지금까지", "아직까지", "저는", "딱히", "특별히", "별", "별다른", "좀", "네", "것", "것은", "건", "입니다", "이에요", "예요",
        "였어요", "였습니다", "같아요", "같습니다", "하고", "있습니다", "감사합니다", "감사해요", "고맙습니다", "수고하셨습니다",
    ),
    "lt": (
        "viskas", "viskuo", "buvo", "yra", "tai", "aš", "as", "esu", "mes", "esame", "ir", "ačiū", "aciu",
        "kol kas", "labai", "visai", "gana", "susitikimas", "susitikimu",
    ),
    "nb": (
        "det", "var", "er", "alt", "jeg", "vi", "jeg er", "vi er", "har", "så langt", "hittil", "egentlig",
        "ganske", "bare", "takk", "og", "møtet", "med", "til nå",
    ),
    "nl": (
        "het", "was", "is", "ging", "alles", "ik", "ben", "we", "wij", "zijn", "bedankt", "dank u", "dank je",
        "tot nu toe", "gewoon", "eigenlijk", "en", "met", "over", "gesprek",
    ),
    "pl": (
        "to", "było", "bylo", "jest", "był", "była", "wszystko", "ja", "jestem", "jesteśmy", "my", "na razie",
        "jak dotąd", "całkiem", "calkiem", "dziękuję", "dziekuje", "dzięki", "i", "spotkanie", "ze spotkania",
    ),
    "pt": (
        "foi", "é", "está", "esta", "tá", "tudo", "eu", "estou", "estamos", "obrigado", "obrigada",
        "até agora", "por enquanto", "em geral", "bastante", "e", "com", "a", "reunião", "reuniao",
    ),
    "ro": (
        "a fost", "e", "este", "totul", "eu", "sunt", "suntem", "noi", "până acum", "pana acum", "destul de",
        "mulțumesc", "multumesc", "mersi", "și", "si", "întâlnirea", "intalnirea", "de", "cu",
    ),
    "ru": (
        "все", "всё", "было", "была", "прошло", "прошла", "это", "я", "мы", "и", "в целом", "пока", "спасибо",
        "вполне", "очень", "меня", "нас", "встреча", "встречей",
    ),
    "sk": (
        "to", "bolo", "je", "všetko", "vsetko", "ja", "som", "my", "sme", "zatiaľ", "zatial", "celkom",
        "ďakujem", "dakujem", "vďaka", "a", "stretnutie", "so stretnutím",
    ),
    "sl": (
        "vse", "je", "bilo", "bil", "bila", "to", "jaz", "sem", "smo", "in", "hvala", "zaenkrat", "za zdaj",
        "doslej", "kar", "zelo", "povsem", "sestanek", "sestankom", "s",
    ),
    "sv": (
        "det", "var", "är", "känns", "allt", "jag", "vi", "tack", "tack så mycket", "hittills", "än så länge",
        "ganska", "helt", "på det hela taget", "och", "med", "mötet", "möte",
    ),
    "th": (
        "ครับ", "คับ", "ค่ะ", "คะ", "นะ", "ก็", "มาก", "ค่อนข้าง", "โดยรวม", "ทุกอย่าง", "ทั้งหมด",
        "การประชุม", "ประชุม", "ผม", "ฉัน", "ดิฉัน", "เรา", "รู้สึก", "คิดว่า", "ถือว่า", "ขอบคุณ", "ตอนนี้",
        "ครั้งนี้", "อยู่", "แล้ว", "เพิ่มเติม",
    ),
    "tr": (
        "her şey", "her sey", "herşey", "hersey", "ben", "biz", "bu", "ve", "çok", "cok", "gayet", "oldukça",
        "oldukca", "şimdilik", "simdilik", "genel olarak", "toplantı", "toplanti", "görüşme", "gorusme",
        "teşekkürler", "tesekkurler", "teşekkür ederim", "tesekkur ederim",
    ),
    "uk": (
        "все", "усе", "було", "була", "пройшло", "пройшла", "це", "я", "ми", "і", "й", "та", "загалом",
        "поки що", "поки", "дякую", "дякуємо", "цілком", "дуже", "мене", "нас", "зустріч", "зустріччю",
    ),
    "vi": (
        "là", "thì", "mọi thứ", "tất cả", "đều", "tôi", "rất", "khá", "cũng", "thấy", "nói chung", "buổi gặp",
        "cuộc họp", "với", "và", "ạ", "cảm ơn", "cám ơn", "rat", "cam on",
    ),
    "zh-Hans": (
        "我", "我们", "都", "很", "挺", "比较", "非常", "基本", "总体", "整体", "一切", "全部", "目前", "这次", "会议", "会面", "觉得",
        "感觉", "谢谢", "感谢", "是", "的", "了", "吧", "就", "也", "来说", "上",
    ),
    "zh-Hant": (
        "我", "我們", "都", "很", "蠻", "滿", "比較", "非常", "基本", "整體", "一切", "全部", "目前", "這次", "會議", "會面", "覺得", "感覺",
        "謝謝", "感謝", "是", "的", "了", "吧", "啦", "就", "也", "來說", "上",
    ),
}  # fmt: skip
