"""The people of the example organisation, what they say, and the random choices that decide when.

Every account has a random generator of its own with a fixed seed, and its meetings are generated backwards
from now. The data are therefore the same whenever the demo is started, and only the weekdays move.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from math import sin
from random import Random
from typing import Any
from unicodedata import combining, normalize
from zoneinfo import ZoneInfo

from feedback.core.dimensions import DIMENSIONS, GOOD, HIGHEST, LOWEST
from feedback.core.gaps.stages import STAGES
from feedback.models import Side, Verdict

WEEKS, FRIDAY = 26, 4  # FRIDAY: as date.weekday() counts
SEED_PREFIX = "praline "  # of the random seeds; chosen because its data show the features most clearly
ORGANISATION, ZONE, CURRENCY = "Halden & Rowe", ZoneInfo("Europe/Berlin"), "EUR"
PASSWORD = "a short sentence"  # noqa: S105 (everybody's, in an example that anybody may enter)
OWNER = "Olive Hartmann"
MANAGERS = {
    "Carol Brandt": ("Logistics", "Manufacturing"),
    "Henrik Aas": ("Food & Retail",),
    "Yasmin Haddad": ("Health & Care",),
}


@dataclass(frozen=True, slots=True)
class Seller:
    """A rep, and how clients rate them."""

    name: str
    team: str
    clients: tuple[float, ...]  # their ratings in the middle of the half-year, in the order of DIMENSIONS
    drift: float = 0.0  # change of the ratings over the half-year; half of it before the middle
    bias: float | tuple[float, ...] = 0.2  # how far the guesses lie above the ratings; a tuple: by dimension
    noise: float = 0.5  # standard deviation of the guesses
    learns: bool = False  # the bias is gone by the end
    asks: float = 0.98  # share of meetings in which the code is shown
    answers: float = 0.9  # share of those that are answered
    weeks: int = 26  # since the rep was hired

    @property
    def bias_by_dimension(self) -> tuple[float, ...]:
        """The bias by dimension."""
        return self.bias if isinstance(self.bias, tuple) else (self.bias,) * len(self.clients)


@dataclass(frozen=True, slots=True)
class ExampleContact:
    name: str
    role: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class ExampleAccount:
    """A client company."""

    name: str
    value: int  # thousands a year
    contacts: list[ExampleContact]

    def email(self, person: ExampleContact) -> str | None:
        """Return a contact's address; None when the name has no Latin letters."""
        address = f"{slug(person.name)}@{slug(self.name)}.example.com"
        return address if address.isascii() else None


@dataclass(frozen=True, slots=True)
class Scene:
    """A meeting with fixed content. client, mirror: six digits in the order of DIMENSIONS, - where nothing is
    rated."""

    days: int  # before now; moved back to a working day
    client: str = ""  # empty without an answer
    mirror: str = ""  # empty without a sealed guess
    comment: str | None = None
    seen: bool = True  # the rep has read the gap card
    stages: tuple[str | None, str | None] = (None, None)  # the client's and the rep's
    promise: str | None = None  # made by the rep in this meeting, for the same evening


@dataclass(frozen=True, slots=True)
class Reply:
    """What happens with one invitation."""

    person: ExampleContact
    opened: bool
    client: dict[str, int]  # ratings by dimension; empty without an answer
    mirror: dict[str, int]  # guesses by dimension; empty without a sealed guess
    said: dict[str, Any] = field(default_factory=dict)  # fields that the client fills in unasked
    if_asked: dict[str, Any] = field(default_factory=dict)  # the client's answer to each rotating question
    stage: str | None = None  # as the rep sees it
    verdict: str = Verdict.KEPT  # on promises that are due
    client_after: timedelta = timedelta(minutes=4)  # from the meeting to the answer
    mirror_after: timedelta = timedelta(minutes=9)  # from the meeting to the guess
    seen: bool = True  # the rep has read the gap card


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """A meeting to be made."""

    at: datetime
    replies: list[Reply]
    topic: str | None = None
    promise: tuple[Side, str, int] | None = None  # who promises what, due in how many days


SAM_BIAS = (0.1, 0.1, 0.1, 2.2, -0.4, 0.1)  # Proactivity: he guesses 5, they say 2
SELLERS = (
    Seller("Mara Lindqvist", "Logistics", (5.0, 5.0, 4.95, 4.95, 4.9, 4.85), bias=-0.7, answers=0.97),
    Seller("Sam Ortega", "Logistics", (5.0, 5.0, 4.9, 2.75, 5.0, 4.6), bias=SAM_BIAS),
    Seller("Jonas Weber", "Logistics", (4.9, 4.3, 4.85, 4.1, 4.25, 4.95), 0.4, 0.4, answers=0.85),
    Seller("Priya Nair", "Logistics", (4.5, 4.3, 4.6, 4.4, 4.2, 4.6), weeks=5),
    Seller("Ife Adeyemi", "Manufacturing", (4.55, 4.7, 4.45, 4.7, 4.7, 4.35), 0.4, 0.1, answers=0.95),
    Seller("Chloe Martin", "Manufacturing", (3.7, 3.05, 3.65, 2.85, 2.95, 4.95), -0.3, 0.8, answers=0.75),
    Seller("Raj Patel", "Manufacturing", (3.4, 3.5, 3.1, 3.0, 3.3, 3.4), -0.2, 1.2, 0.7),
    Seller("Tom Kowalczyk", "Manufacturing", (4.15, 4.1, 4.05, 3.9, 3.95, 4.2), asks=0.4),
    Seller("Aoife O’Connell", "Food & Retail", (4.15, 4.05, 4.2, 3.85, 4.05, 4.25), 0.3),
    Seller("Mehmet Demir", "Food & Retail", (4.25, 4.0, 4.15, 3.85, 3.95, 4.35), -0.3, 0.5),
    Seller("Lucía Fernández", "Health & Care", (4.3, 4.05, 4.2, 4.05, 4.05, 4.3), -0.2, -0.2),
    Seller("Aksel Nygård", "Health & Care", (3.65, 3.65, 3.45, 3.35, 3.55, 3.65), 0.3, 1.6, learns=True),
)

MANAGER_OF = {
    seller.name: manager for seller in SELLERS for manager, teams in MANAGERS.items() if seller.team in teams
}

# By rep: account | thousands a year | each contact with role and, where known, language.
_ACCOUNTS = """
Mara Lindqvist
Fjord & Fell Freight | 310 | Ingrid Sørlie, COO, nb | Ólafur Jónsson, Fleet Manager | Hanne Dahl, CFO, da
Skåne Cold Chain | 180 | Åsa Bergström, Managing Director, sv | Björn Öberg, Head of Warehousing, sv
Baltic Bridge Lines | 220 | Jānis Ozoliņš, Port Director | Łukasz Wójcik, Head of Operations, pl
Polar Parcel | 95 | Aino Mäkelä, Head of Purchasing, fi | Eero Salo, IT Lead, fi | Siri Utsi, Depot Manager
Gotland Ferries | 140 | Kerstin Ek, Head of Cargo, sv | Nils Almgren, Finance Director, sv
Hanse Hafen | 265 | Jörg Petersen, Terminal Manager, de | Wiebke Claasen, Head of Purchasing, de
Sam Ortega
Northwind Logistics | 420 | Dana Whitfield, COO | Marcus O'Brien, Head of Fleet | Grace Nakamura, CFO
Alto Cargo | 150 | Inés Aguirre, Directora de Operaciones, es | Pablo Ibáñez, Jefe de Flota, es
関東急便 | 230 | 田中 健, Purchasing Director, ja | 佐藤 美咲, Operations Lead, ja
Thessaly Haulage | 85 | Ελένη Παπαδοπούλου, Managing Director, el | Νίκος Γεωργίου, Fleet Manager, el
Gulf Gate Shipping | 275 | محمد الحداد, Head of Procurement, ar | ليلى منصور, Finance Director, ar
Brightwater Ports | 190 | Siobhán O’Neill, Port Director | Delroy Campbell, Head of Safety
Jonas Weber
Rhein-Main Spedition | 640 | Walter Hagedorn, COO, de | Sabine Krüger, Head of Purchasing, de
Donau Rail | 330 | Katalin Szabó, Head of Rolling Stock, hu | Miloš Jovanović, Operations Lead, sr
Alpenpost | 120 | Ursina Caflisch, Managing Director, de | Reto Zgraggen, Depot Manager, de
Vistula Trucking | 145 | Małgorzata Nowak, CFO, pl | Paweł Zieliński, Fleet Manager, pl | Ewa Duda, IT Lead, pl
Adria Container | 210 | Giulia Moretti, Head of Operations, it | Ivo Perić, Terminal Manager, hr
Kyiv Courier Group | 75 | Олена Шевченко, COO, uk | Тарас Бондар, Head of Warehousing, uk
Priya Nair
Penny Lane Couriers | 40 | Ruth Adler, Owner
Tamar Freight | 60 | Yonatan Peretz, Head of Operations, he
Ife Adeyemi
Lagos Steelworks | 280 | Chinedu Okafor, Plant Director | Folake Balogun, CFO | Tunde Bello, Head of Maintenance
Bridgeforth Castings | 130 | Hugh Pemberton, Managing Director | Nasreen Akhtar, Head of Quality
Maison Lavigne Moulds | 105 | Éloïse Lavigne, Présidente, fr | Thibault Roussel, Head of Tooling, fr
Kwame Brothers Plastics | 90 | Kwame Mensah, Owner | Abena Owusu, Head of Purchasing
Severn Bearings | 240 | Gethin Rhys, Plant Manager | Zofia Kaczmarek, Operations Lead, pl | Olu Adebayo, IT Lead
Chloe Martin
Atelier Novo | 115 | Camille Dubois, Directrice, fr | Bastien Leroy, Responsable Achats, fr
Vollmer Antriebe | 390 | Gerd Vollmer, Geschäftsführer, de | Anja Reuter, Head of Quality, de
Porto Cerâmica | 125 | Rui Tavares, Plant Director, pt | Inês Carvalho, CFO, pt
Granville Glass | 170 | Penelope Finch, COO | Desmond Achebe, Plant Manager | Mia Thornton, Head of Purchasing
Sakura Optics | 205 | 鈴木 一郎, Plant Director, ja | 高橋 由美, Head of Quality, ja
Raj Patel
Deccan Motors | 350 | Ananya Iyer, VP Operations | विक्रम सिंह, Plant Manager, hi | Farhan Qureshi, Head of Purchasing
Harrow Precision | 110 | Colin D’Arcy, Managing Director | Beverley Hughes, Operations Lead
Dragon Gate Electronics | 300 | 王 伟, Head of Supply Chain, zh | 李 娜, Quality Director, zh
Tyne Valves | 95 | Shona McAllister, CFO | Graham Platt, Plant Manager
Anatolia Textiles | 160 | Elif Kaya, COO, tr | Burak Şahin, Head of Purchasing, tr
Tom Kowalczyk
Ostrava Tooling | 135 | Tereza Nováková, Managing Director, cs | Jiří Dvořák, Plant Manager, cs
Great Lakes Fasteners | 220 | Wendell Brooks, VP Supply | Maria Kowalski, Head of Quality
Carpathian Timber | 70 | Andrei Ionescu, Owner, ro | Ioana Popa, CFO, ro
Hill & Daughter | 55 | Eleanor Hill, Managing Director | Jasper Quayle, Workshop Manager
Volta Batteries | 310 | Sanne de Vries, Head of Operations, nl | Joris van Dijk, Purchasing Lead, nl
Aoife O’Connell
Green Acre Grocers | 180 | Niamh Byrne, Head of Stores | Padraig Doyle, CFO | Orla Keane, Head of Purchasing
Casa Fonseca | 145 | Beatriz Fonseca, Managing Director, pt | Tiago Lopes, Operations Lead, pt
Umami House | 65 | 김 민준, Head of Purchasing, ko | 박 서연, Operations Lead, ko
Tidewater Fish | 100 | Callum Fraser, Owner | Isla Munro, Plant Manager
La Huerta Fresca | 120 | Joaquín Paredes, Director General, es | Rocío Vega, Jefa de Compras, es
Mehmet Demir
Bosphorus Foods | 260 | Zeynep Arslan, COO, tr | Emre Çelik, Head of Purchasing, tr
Falafel Republic | 50 | Rana Khoury, Owner, ar | Sami Nasser, Operations Lead, ar
Kornblume Bäckereien | 155 | Friederike Sommer, Head of Stores, de | Uwe Lindner, CFO, de | Tjark Onken, IT Lead, de
Maple & Moose | 85 | Étienne Gagnon, Head of Purchasing, fr | Brooke Sinclair, COO
Saffron Road | 70 | Darius Rahimi, Managing Director | Shirin Azadi, Head of Marketing, fa
Lucía Fernández
Clínica del Mar | 290 | Carmen Ortiz, Directora Médica, es | Álvaro Núñez, Jefe de Compras, es
Ospedale San Luca | 340 | Chiara Ferrari, Head of Nursing, it | Matteo Ricci, CFO, it | Elena Greco, IT Lead, it
Hôpital Sainte-Anne | 275 | Aurélie Fontaine, Directrice, fr | Mathieu Garnier, Responsable Achats, fr
Sol Dental | 45 | Marisol Peña, Owner, es | Xavier Puig, Practice Manager, es
Lisbon Eye Institute | 80 | Duarte Neves, Medical Director, pt | Leonor Pinto, Operations Lead, pt
Aksel Nygård
Bergen Hjertesenter | 230 | Torunn Vik, Head of Clinic, nb | Sindre Moen, Head of Purchasing, nb
Havblikk Omsorg | 75 | Gro Hansen, Managing Director, nb | Ahmed Warsame, Operations Lead
Öresund Labs | 195 | Pernille Friis, CFO, da | Mikkel Thorsen, Lab Manager, da
Reykjavík Rehab | 60 | Guðrún Sigurðardóttir, Owner | Einar Magnússon, Head of Therapy
St. Eskil Sjukhus | 320 | Maj-Britt Sand, Head of Nursing, sv | Yusuf Hassan, IT Lead, sv | Ulla Falk, CFO, sv
"""

SCENES = {
    # The rep whose address is printed, and his client: a gap card to read, and today's unanswered code.
    "Dana Whitfield": (
        Scene(160, "444344", "545455"),
        Scene(118, "454345", "545555"),
        Scene(83, "544355", "554555"),
        Scene(46, "554355", "555545", "Good to work with. I would like to hear about trouble sooner."),
        Scene(
            4, "543255", "543535",
            "The closure in Rotterdam caught us cold. I want to hear such things from Sam first.",
            seen=False, stages=("adopting", "adopting"), promise="Send the detour plan for Rotterdam",
        ),
        Scene(0),
    ),
    "田中 健": (Scene(90, "554354", "554554"), Scene(1, "554355", comment="次回は納期の見通しも教えてください。")),
    "Siobhán O’Neill": (Scene(71, "455355", "555555"), Scene(0, "544---")),
    "Delroy Campbell": (Scene(60, "554345", "554555"), Scene(8, "555445", "554545", seen=False)),
    # A client about to leave, who says "fine".
    "Walter Hagedorn": (
        Scene(150, "555455", "555555"),
        Scene(108, "554555", "555555"),
        Scene(62, "444444", "554555"),
        Scene(2, "333334", "554545", "Fine."),
    ),
    # Two clients who said "fine", and left.
    "Gerd Vollmer": (Scene(170, "444445", "555555"), Scene(128, "333434", "455555", "Passt schon. Fine.")),
    "Beatriz Fonseca": (Scene(165, "445445", "555455"), Scene(112, "434334", "554455", "No complaints.")),
    # A rep who is ahead of the client.
    "Elif Kaya": (
        Scene(100, "343333", "455555"),
        Scene(5, "344334", "445445", stages=("problem", "comparing")),
    ),
}  # fmt: skip

LEFT = {name for name, scenes in SCENES.items() if scenes[-1].days > 100}

TOPICS = (
    "Quarterly review", "Pricing for next year", "Roll-out plan", "Service levels", "New sites", "Renewal",
    "Training", "Interfaces and data", "What went wrong in week one", "Pilot results", None, None, None,
)  # fmt: skip

PROMISES = (
    "Send the revised offer", "Name a contact for weekends", "Bring a reference customer",
    "Show the report with their own data", "Fix the invoice address", "Explain the outage in writing",
    "Train the night shift", "Clear the data question with legal", "Send minutes the same day",
    "Check whether the spare parts can stay on site", "Propose dates for the pilot",
)  # fmt: skip

# By language: what happy clients write, then what the others do.
COMMENTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "en": (
        (
            "Came prepared, left us with a plan.", "Warned us before it hurt. Thank you.",
            "Best meeting I had this month.", "Knows our numbers better than some of us do.",
            "Straight answers, also to the awkward question.", "Everything that was promised was on the table.",
        ),
        (
            "Nice chat, but I still do not know what it costs.", "We heard about the delay from somebody else.",
            "Friendly. I would have liked an idea or two.", "Same slides as last time.",
            "Had to explain our business again.", "Promised a call back, none came.",
        ),
    ),
    "de": (
        ("Sehr gut vorbereitet, klare Antworten.", "Hat an die Urlaubszeit gedacht, bevor wir es taten."),
        ("Passt schon.", "Wir warten noch auf die Unterlagen.", "Nett, aber wenig Neues."),
    ),
    "es": (
        ("Muy claro y puntual, gracias.", "Entiende nuestro negocio."),
        ("Bien, pero faltó concretar fechas.", "Seguimos esperando la propuesta."),
    ),
    "fr": (
        ("Très bonne préparation, merci.", "Enfin quelqu’un qui anticipe."),
        ("Sympathique, mais peu concret.", "Nous attendons toujours le devis."),
    ),
    "ja": (("丁寧なご説明をありがとうございました。",), ("もう少し早く知らせていただきたかったです。",)),
    "pl": (("Konkretnie i na temat.",), ("Znowu te same slajdy.",)),
    "it": (("Preparata e disponibile, ottimo incontro.",), ("Aspettiamo ancora una risposta.",)),
    "pt": (("Excelente acompanhamento.",), ("Faltou falar dos prazos.",)),
    "sv": (("Väl förberett, tack.",), ("Trevligt, men inget nytt.",)),
    "tr": (("Çok hazırlıklı geldi, teşekkürler.",), ("Fiyat hâlâ belli değil.",)),
    "el": (("Άψογη συνεργασία.",), ("Θα ήθελα να το μάθω νωρίτερα.",)),
    "ar": (("شكرًا، كان الاجتماع مفيدًا جدًا.",), ("كنا نفضل أن نعرف بالتأخير مسبقًا.",)),
}  # fmt: skip

OUTCOMES = ("recovered",) * 6 + ("accepted",) * 4 + ("mistaken",)
# By outcome: what managers note when they close an alert.
NOTES = {
    "recovered": (
        "Called the same day. It was the delivery dates; the next two are confirmed in writing.",
        "Joined the next meeting. They want a monthly look ahead, and get one.",
        "Apologised, replaced the part, and asked again a week later.",
    ),
    "accepted": (
        "Known: their budget is frozen until spring.",
        "Talked it through; we watch the next answer.",
    ),
    "mistaken": ("Read the scale the wrong way round, as they say themselves.",),
    "lost": ("They went to somebody else. They had told us it was fine.",),
}


def accounts_by_rep() -> dict[str, list[ExampleAccount]]:
    """Return every account, by the name of the rep who looks after it."""
    found: dict[str, list[ExampleAccount]] = {}
    rep = ""
    for line in _ACCOUNTS.strip().splitlines():
        name, *rest = line.split(" | ")
        if rest:
            found[rep].append(
                ExampleAccount(name, int(rest[0]), [ExampleContact(*who.split(", ")) for who in rest[1:]])
            )
        else:
            rep = name
            found[rep] = []
    return found


def visits(seller: Seller, account: ExampleAccount, now: datetime) -> Iterator[PlannedVisit]:
    """Yield an account's meetings, the latest first. Contacts with scenes have those and no others."""
    for person in account.contacts:
        for scene in SCENES.get(person.name, ()):
            yield _visit_from_scene(person, scene, now)
    dice = Random(SEED_PREFIX + account.name)
    free = [(p, [dice.gauss(0, 0.3) for _ in DIMENSIONS]) for p in account.contacts if p.name not in SCENES]
    days = dice.uniform(0, 22)
    while free and days < 7 * (WEEKS + 1):
        at = _working_moment(now, days, time(dice.randint(8, 17), dice.choice((0, 15, 30, 45))))
        asked = dice.random() < seller.asks
        there = [each for each in free if dice.random() < 0.75] or free[:1]
        replies = [_reply(dice, seller, person, likes, days, asked) for person, likes in there]
        yield PlannedVisit(at, replies, dice.choice(TOPICS), _promise(dice))
        days += dice.uniform(14, 32) * (1 + days / 65)  # meetings are more frequent the more recent they are


def _visit_from_scene(person: ExampleContact, scene: Scene, now: datetime) -> PlannedVisit:
    said = {"comment": scene.comment, "stage": scene.stages[0]}
    reply = Reply(
        person,
        opened=bool(scene.client),
        client=_digits(scene.client),
        mirror=_digits(scene.mirror),
        said={name: value for name, value in said.items() if value},
        stage=scene.stages[1],
        seen=scene.seen,
    )
    promise = (Side.REP, scene.promise, 0) if scene.promise else None
    clock = time(16, 20) if scene.days else time(8, 20)
    return PlannedVisit(_working_moment(now, scene.days, clock), [reply], promise=promise)


def _reply(
    dice: Random, seller: Seller, person: ExampleContact, likes: list[float], days: float, asked: bool
) -> Reply:
    part = 1 - days / (7 * WEEKS)  # of the half-year, 0..1
    mood = seller.drift * (part - 0.5) + 0.35 * sin(days / 12 + len(seller.name))
    feels = [usual + like + mood for usual, like in zip(seller.clients, likes, strict=True)]
    leans = [lean * (1 - part) if seller.learns else lean for lean in seller.bias_by_dimension]
    client = _ratings(x + dice.gauss(0, 0.4) for x in feels)
    mirror = _ratings(x + lean + dice.gauss(0, seller.noise) for x, lean in zip(feels, leans, strict=True))
    answered, sealed = dice.random() < seller.answers, dice.random() < 0.93
    stage = int(len(person.name) % 3 + 2.5 * part)
    total = sum(client.values())
    happy = total >= GOOD * len(client)
    return Reply(
        person,
        opened=asked,
        client=client if asked and answered else {},
        mirror=mirror if sealed else {},
        said=_said(dice, person.language or "en", happy),
        if_asked=_if_asked(dice, STAGES[stage], total, happy),
        stage=STAGES[stage + dice.choice((0, 0, 1))],
        verdict=dice.choices(tuple(Verdict), (seller.clients[0], 1.0, 0.5))[0],
        client_after=_random_delay(dice),
        mirror_after=_random_delay(dice),
    )


def _said(dice: Random, language: str, happy: bool) -> dict[str, str]:
    """Choose what a client fills in unasked: rarely "manager only", sometimes a comment."""
    said = {"visibility": "manager"} if dice.random() < 0.08 else {}
    if dice.random() < 0.2:
        glad, sorry = COMMENTS.get(language, COMMENTS["en"])
        said["comment"] = dice.choice(glad if happy else sorry)
    return said


def _if_asked(dice: Random, stage: str, total: int, happy: bool) -> dict[str, Any]:
    """Choose the answers to the rotating questions; 60 % of clients answer them."""
    nps = min(10, total // 3 + dice.choice((-1, 0, 0, 1)))
    answers = {"stage": stage, "nps": nps, "worth_it": "yes" if happy else "no"}
    return answers if dice.random() < 0.6 else {}


def _promise(dice: Random) -> tuple[Side, str, int] | None:
    """Choose the promise of a meeting: two meetings in five have one, mostly the rep's."""
    side = dice.choice((Side.REP, Side.REP, Side.REP, Side.CLIENT, *[None] * 6))
    return (side, dice.choice(PROMISES), 7 * dice.randint(1, 3)) if side else None


def _random_delay(dice: Random) -> timedelta:
    """Choose a delay: mostly minutes, at times until the next day."""
    return timedelta(minutes=2 ** dice.triangular(0, 11, 2))


def _ratings(felt: Iterable[float]) -> dict[str, int]:
    return {d: max(LOWEST, min(HIGHEST, round(x))) for d, x in zip(DIMENSIONS, felt, strict=True)}


def _digits(text: str) -> dict[str, int]:
    return {d: int(digit) for d, digit in zip(DIMENSIONS, text, strict=False) if digit != "-"}


def _working_moment(now: datetime, days: float, clock: time) -> datetime:
    """Return that time of day, `days` ago or on the last working day before, and at least an hour ago."""
    day = (now.astimezone(ZONE) - timedelta(days=days)).date()
    while day.weekday() > FRIDAY or moment(day, clock) > now - timedelta(hours=1):
        day -= timedelta(days=1)
    return moment(day, clock)


def moment(day: date, clock: time) -> datetime:
    """Return the moment of a time of day in the organisation's time zone, as UTC."""
    return datetime.combine(day, clock, ZONE).astimezone(UTC)


def slug(name: str) -> str:
    """Turn Ólafur Jónsson into olafur.jonsson; letters that are not Latin stay as they are."""
    plain = "".join(letter for letter in normalize("NFKD", name) if not combining(letter))
    return ".".join(re.sub(r"[^\w\s-]", "", plain).casefold().split())
