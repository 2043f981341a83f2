"""What everybody sees at every address, as text; and what is called by name in place of random letters."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from difflib import SequenceMatcher
from html import unescape
from typing import Any
from uuid import UUID
from zlib import crc32

import pyotp
from sqlmodel import SQLModel, col, select
from support.cast import PASSWORD, Browser

from feedback.core.asking import address_mark
from feedback.core.links import link_token, stop_token, trial_ticket
from feedback.core.tokens import spell_token
from feedback.models import Alert, Contact, GroupCode, Invitation, Meeting, Relationship, User
from feedback.models.encrypted import is_stand_in
from golden.text import compact, lines_of
from golden.world import World

UUIDS = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?<=msg_)[0-9a-f]{32}")
MOST_QUERIES = 2  # links with a query that are followed from a page
# Of the whole server or of this machine, new at each look, or files.
ELSEWHERE = (
    "/metrics",
    "/readyz",
    "/status",
    "/F/",
    "/G/",
    "/sign-in/passkey/",
    "/sign-in/callback",
    "/sign-in/with/",
    "/demo/",
    "/service-worker.js",
    "/accents/",
    "/logos/",
    "/api/v1/openapi.json",
    "/meetings/reserved",
)
# What tells of people, and so otherwise where a works agreement applies.
OF_PEOPLE = re.compile(
    r"/(?:today|digest|evidence(?:/lost)?|asked|coaching|privacy/processing|settings/organisation|leaderboard(?:/<week_name>)?(?:\.csv)?|standings"
    r"|(?:accounts|alerts|answers|contacts|relationships|reps)(?:/<[^>]+>(?:/answers|/contacts)?)?)"
)
HEADERS = ("Location", "Cache-Control", "Content-Disposition", "Link")
USUAL = ("no-store", "private, no-cache")  # of Cache-Control; what is usual is not written
ALIKE = 40  # letters in a row that are not written again


def nameless(text: str) -> str:
    """Return a text without the random letters by which erased people are told apart."""
    return re.sub(r"(Erased person) [0-9a-f]{6}", r"\1 ######", text)


class Names:
    """What ids, codes and keys are called in the golden files."""

    def __init__(self, us: World) -> None:
        self.ids: dict[str, str] = {}
        self.of: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)  # (id, name) by table, of ours
        self.codes: dict[str, str] = {}
        self.tokens: list[tuple[str, str]] = []  # of invitations
        self.reps: dict[str, str] = {}  # by the id of what is a rep's: the rep, as the cast calls them
        ours = us.cast.olive.organisation_id
        with us.db.reading() as session:
            users = {u.id: u.name.split()[0] for u in session.exec(select(User))}
            contacts = {c.id: nameless(c.name) for c in session.exec(select(Contact))}
            held = {m.id: m for m in session.exec(select(Meeting))}
            cast = {who.id: name for name, who in us.cast.people.items()}
            seen: Counter[str] = Counter()
            for table in SQLModel.metadata.sorted_tables:
                if "id" not in table.columns:
                    continue
                for row in session.execute(table.select().order_by(table.c.id)).mappings():
                    if table.name in (
                        "invitations",
                        "meetings",
                        "relationships",
                        "alerts",
                        "evidence_figures",
                    ):
                        continue
                    whose = (
                        "ELSEWHERE "
                        if row.get("organisation_id", ours) != ours and row["id"] not in (ours,)
                        else ""
                    )
                    kind = {"users": "person", "import_jobs": "job"}.get(
                        table.name, table.name.removesuffix("s")
                    )
                    name = next(
                        (
                            row[each]
                            for each in ("name", "file_name", "title", "words", "url")
                            if row.get(each)
                        ),
                        None,
                    )
                    self._name(
                        whose, table.name, kind, row["id"], name if isinstance(name, str) else None, seen
                    )
            for each in session.exec(select(Relationship).order_by(col(Relationship.id))):
                whose = "" if each.organisation_id == ours else "ELSEWHERE "
                self.reps[str(each.id)] = cast.get(each.rep_id, "")
                self._name(
                    whose,
                    "relationships",
                    "relationship",
                    each.id,
                    f"{users[each.rep_id]}+{contacts[each.contact_id]}",
                    seen,
                )
            for each in session.exec(select(Alert).order_by(col(Alert.id))):
                whose = "" if each.organisation_id == ours else "ELSEWHERE "
                name = self.ids[str(each.relationship_id)].removeprefix(whose)
                self.reps[str(each.id)] = self.reps[str(each.relationship_id)]
                self._name(whose, "alerts", "alert", each.id, name, seen)
            for meeting in sorted(held.values(), key=lambda m: m.id):
                whose = "" if meeting.organisation_id == ours else "ELSEWHERE "
                self.reps[str(meeting.id)] = cast.get(meeting.rep_id, "")
                self._name(
                    whose,
                    "meetings",
                    "meeting",
                    meeting.id,
                    f"{users[meeting.rep_id]} {meeting.held_at:%m-%d %H:%M}",
                    seen,
                )
            for each in session.exec(select(Invitation).order_by(col(Invitation.id))):
                met = held[each.meeting_id]
                whose = "" if each.organisation_id == ours else "ELSEWHERE "
                name = f"{contacts[each.contact_id].split()[0]} {met.held_at:%m-%d %H:%M}"
                self.reps[str(each.id)] = cast.get(met.rep_id, "")
                self._name(whose, "invitations", "invitation", each.id, name, seen)
                if not is_stand_in(each.token) and each.encrypted_token:
                    self._code(each.encrypted_token.text, f"CODE OF {whose}{name}")
                    if not whose:
                        self.tokens.append((each.encrypted_token.text, name))
            self.rooms = []
            for each in session.exec(select(GroupCode)):
                self._code(
                    each.encrypted_token.text, f"CODE OF ROOM {held[each.meeting_id].held_at:%m-%d %H:%M}"
                )
                self.rooms.append(each.encrypted_token.text)
        for name, token in us.besides.items():
            self._code(token, f"CODE {name}")
        for page in us.keyed:
            self.codes[page.split("/")[3]] = "(KEY)"
        for name, secret in us.tokens.items():
            self.codes[secret] = f"TOKEN OF {name}"

    def _name(
        self, whose: str, table: str, kind: str, row_id: UUID, name: object, seen: Counter[str]
    ) -> None:
        if str(row_id) in self.ids:
            return
        called = nameless(f"{whose}{name or kind}")
        key = f"{kind} {called}"
        seen[key] += 1
        if seen[key] > 1 and name:
            called += f"#{seen[key]}"
        self.ids[str(row_id)] = called
        if not whose:
            self.of[table].append((str(row_id), called))

    def _code(self, token: str, name: str) -> None:
        for written in (token, spell_token(token), token.lower()):
            self.codes[written] = f"({name})"

    def said(self, text: str) -> str:
        """Return a text with names in place of random letters."""
        for code in (code for code in self.codes if code in text):
            text = text.replace(code, self.codes[code])
        text = nameless(text)
        text = UUIDS.sub(lambda found: f"({self._id(found[0])})", text)
        text = re.sub(r"/static/([\w./-]+?)\.[0-9a-f]{8,}(\.\w+)", r"/static/\1\2", text)
        text = re.sub(r"(/join/|/stop/|/try/|/new-password/|/sign-in/link/)[\w.=-]{40,}", r"\1(TOKEN)", text)
        text = re.sub(r"(\(CODE OF [^)]*\))/[34679CDFGHJKMNPQRTVWXYa-z]{20,}", r"\1/(KEY)", text)
        return re.sub(r"(after|cursor)=[\w%.=-]{20,}", r"\1=(CURSOR)", text)

    def _id(self, text: str) -> str:
        return self.ids.get(text if "-" in text else str(UUID(text)), "an id")


class Walk:
    """Looks at every address as every reader, and keeps what each saw."""

    def __init__(self, us: World) -> None:
        self.us, self.looks = us, us.script.looks
        self.browsers = {name: self._signed_in(name) for name in us.script.looks.readers}
        for happens in us.script.afterwards:
            happens(us)
        self.names = Names(us)
        self.files: dict[str, Shown] = {}
        self.linked: set[str] = set()
        self.statuses: defaultdict[str, set[int]] = defaultdict(set)  # by rule
        self.first: dict[str, list[str]] = {}
        self.seen = 0
        self.agreed = False  # whether a works agreement applies

    def _signed_in(self, name: str) -> Browser:
        browser = Browser(self.us.app.test_client())
        if name != "nobody":
            who = self.us.cast.people[name]
            reply = browser.post(
                "/sign-in",
                {"email": who.email, "password": PASSWORD, "organisation": str(who.organisation_id)},
            )
            assert reply.status_code == 303, (name, reply.status_code, reply.text)
            if secret := self.us.extra.get(f"codes of {name}"):
                code = pyotp.TOTP(secret).at(self.us.clock())
                reply = browser.post("/sign-in/code", {"code": code})
                assert reply.status_code == 303, (name, reply.status_code, reply.text)
        return browser

    def look_at_everything(self) -> None:
        """Look at every address."""
        for rule in sorted({rule.rule for rule in self.us.app.url_map.iter_rules() if "GET" in rule.methods}):
            if rule.startswith(ELSEWHERE) or rule == "/api":
                continue
            api = rule.startswith("/api/v1/")
            everybody = (
                self.looks.programs
                if api
                else ("nobody",)
                if rule.startswith(("/f/", "/g/"))
                else self.looks.readers
            )
            first = True
            for path in self._addresses(rule):
                ids = UUIDS.findall(path)
                own = (
                    [name for name in everybody if name in ("olive", self.names.reps.get(ids[0]))]
                    if ids
                    else everybody
                )
                self._everybody(rule, path, everybody if first else own)
                first = first and not ids

    def look_where_it_is_agreed(self) -> None:
        """Look at what tells of people once more, where a works agreement applies, as managers and owners and one rep."""
        first, self.first, self.linked, self.agreed = self.first, {}, set(), True
        self._agree()
        for rule in sorted({rule.rule for rule in self.us.app.url_map.iter_rules() if "GET" in rule.methods}):
            if OF_PEOPLE.fullmatch(rule.removeprefix("/api/v1")):
                for path in self._addresses(rule)[:2]:
                    self._everybody(rule, path, self.looks.agreed)
        self.agreed = False
        self._agree()
        self.first = first

    def _agree(self) -> None:
        with self.us.cast.changing() as c:
            c.organisation.works_agreement = self.agreed

    def texts(self) -> dict[str, str]:
        """Return the golden texts, by file."""
        files = {name: str(text) for name, text in self.files.items()}
        for name, verb in (("mails.txt", " mailed "), ("posted.txt", " posted ")):
            shown = Shown()
            for heading, text in self.us.sent:
                if verb in heading:
                    lines = self._lines(text)
                    kind = (
                        text["type"]
                        if isinstance(text, dict) and "type" in text
                        else next((line for line in lines if line.startswith("Subject")), heading[-20:])
                    )
                    shown.add(heading, lines, re.sub(r"\d", "", kind)[:30])
            files[name] = str(shown)
        header = Shown()
        for name, lines in sorted(self.first.items()):
            header.add(name, lines)
        shown = [
            *sorted(self.us.rendered),
            *sorted(rule for rule, seen in self.statuses.items() if 200 in seen),
        ]
        return files | {"pages/header.txt": str(header), "shown.txt": "\n".join(shown) + "\n"}

    def _lines(self, text: Any) -> list[str]:
        if isinstance(text, str):
            return self.names.said(text).split("\n")
        return compact(json.loads(self.names.said(json.dumps(text, ensure_ascii=False))))

    def _addresses(self, rule: str) -> list[str]:
        names = re.findall(r"<(?:\w+:)?(\w+)>", rule)
        if rule.startswith("/f/<token>/<key>"):
            found = [rule.replace("/f/<token>/<key>", page) for page in self.us.keyed]
            queries = self.looks.queries.get(rule, ())
            first = [f"{page}?{query}" for page in found[: self.looks.keys] for query in queries]
            return [*found, *first, rule.replace("<token>/<key>", "x/y")]
        found = [rule]
        for name in names:
            found = [
                re.sub(rf"<(?:\w+:)?{name}>", value, each, count=1)
                for each in found
                for value in self._values(rule, name)
            ]
        if "<uuid:invitation_id>" in rule and "<uuid:meeting_id>" in rule:
            pairs = self._pairs()
            found = [
                rule.replace("<uuid:meeting_id>", m).replace("<uuid:invitation_id>", i) for m, i in pairs
            ]
        one = {
            name: ids[0][0]
            for name, ids in (
                ("account", self.names.of["accounts"]),
                ("team", self.names.of["teams"]),
                ("entry", self.names.of["calendar_entries"]),
            )
            if ids
        }
        people = self.us.cast.people
        one |= {"rep": str(people[self.looks.readers[0]].id), "handed": str(people[self.looks.handed].id)}
        return found + [
            f"{found[-1 if 'ticket' in rule else 0]}?{query.format(**one)}"
            for query in self.looks.queries.get(rule, ())
        ]

    def _pairs(self) -> list[tuple[str, str]]:
        with self.us.db.reading() as session:
            here = session.exec(
                select(Invitation)
                .where(col(Invitation.organisation_id) == self.us.cast.olive.organisation_id)
                .order_by(col(Invitation.id))
            )
            live = {i.id for i in self.us.codes.values()}
            return [(str(i.meeting_id), str(i.id)) for i in here if i.id in live][-8:]

    def _values(self, rule: str, name: str) -> Sequence[str]:
        us, secret, where = (
            self.us,
            self.us.app.extensions["feedback"].settings.secret_key,
            self.us.cast.olive.organisation_id,
        )
        tables = {
            "meeting_id": "meetings", "invitation_id": "invitations", "relationship_id": "relationships", "alert_id": "alerts",
            "account_id": "accounts", "outcome_id": "outcomes", "entry_id": "calendar_entries", "webhook_id": "webhooks", "channel_id": "chat_channels",
            "user_id": "users", "rep_id": "users", "contact_id": "contacts", "job_id": "import_jobs", "promise_id": "promises", "change_id": "scoring_changes", "team_id": "teams",
        }  # fmt: skip
        if name in tables:
            return self._chosen(rule, tables[name])
        if name == "token":
            if rule.startswith("/f/"):
                return [*(token for token, _ in self.names.tokens), *us.besides.values(), "x"]
            if rule.startswith("/g/"):
                return [*self.names.rooms, "x"]
            if rule.startswith("/join"):
                return [
                    link_token(secret, where, UUID(row_id)) for row_id, _ in self.names.of["user_links"]
                ] + ["x"]
            if rule.startswith("/stop"):
                return [
                    stop_token(secret, where, address_mark(where, each)) for each in self.looks.stopped
                ] + ["x"]
            return ["x"]
        if name == "ticket" and "try" in rule:
            return ["x", trial_ticket(secret, where, us.cast.olive.id, us.clock.now)]
        return self.looks.words[name]

    def _chosen(self, rule: str, table: str) -> list[str]:
        """Return the rows to look at, always the same ones whatever is added: those of the story rather than of the past
        that was imported."""
        live = {str(i.meeting_id) for i in self.us.codes.values()} | {
            str(i.id) for i in self.us.codes.values()
        }
        rows = sorted(
            self.names.of[table],
            key=lambda row: (row[1] not in self.looks.first, row[0] not in live, crc32(row[1].encode())),
        )
        return [row_id for row_id, _ in rows[: self.looks.most.get(rule, self.looks.others)]]

    def _everybody(self, rule: str, path: str, readers: Sequence[str]) -> None:
        """Look at an address as these people; then at those that it leads to with a query."""
        texts: dict[str, list[str]] = {}
        further: dict[str, list[str]] = {}
        for reader in readers:
            reply = self._get(path, reader)
            self.statuses[rule].add(reply.status_code)
            texts.setdefault(self._text(reply, reader), []).append(reader)
            if reply.status_code == 200 and "?" not in path and not rule.startswith(("/api", "/f/")):
                links = dict.fromkeys(
                    unescape(each) for each in re.findall(r'href="([^"#]+\?[^"#]+)"', reply.text)
                )
                for link in [link for link in links if link.split("?")[0] == path][:MOST_QUERIES]:
                    further.setdefault(link, []).append(reader)
        shown = self.files.setdefault("agreement.txt" if self.agreed else file_of(rule), Shown())
        for text, who in texts.items():
            first, *lines = text.split("\n")
            shown.add(f"{self.names.said(path)} as {', '.join(who)}: {first}", lines, rule, who[0])
        for link, who in further.items():
            if link not in self.linked:
                self.linked.add(link)
                self._everybody(rule, link, who)

    def _get(self, path: str, reader: str) -> Any:
        self.seen += 1
        if self.seen % 40 == 0:
            self.us.app.extensions["limits"].storage.reset()
        if path.startswith("/api/v1/"):
            return self.us.app.test_client().get(
                path, headers={"Authorization": f"Bearer {self.us.tokens[reader]}"}
            )
        return self.browsers[reader].get(path)

    def _text(self, reply: Any, reader: str) -> str:
        kind = {"text/html": "", "application/json": ""}.get(reply.mimetype, f" {reply.mimetype}")
        told = [f"{reply.status_code}{kind}{' etag' if 'ETag' in reply.headers else ''}"]
        told += [
            f"{name}: {reply.headers[name]}"
            for name in HEADERS
            if reply.headers.get(name, "no-store") not in USUAL
        ]
        if reply.status_code != 200:
            heading = re.search(r"<h1>(.*?)</h1>", reply.text, re.DOTALL)
            told.append(
                heading[1].strip()
                if heading
                else (reply.json or {}).get("detail", "")
                if "json" in reply.mimetype
                else ""
            )
            lines = []
        elif reply.mimetype == "text/html":
            head, lines = lines_of(reply.text)
            if head:
                self._note_header(reader, head)
        elif "json" in reply.mimetype:
            lines = self._lines(reply.json)
        elif reply.mimetype.startswith("text/"):
            lines = reply.text.lstrip("\ufeff").splitlines()
        else:
            lines = ["not text, or a picture"]  # how long it is depends on who packs it
        return self.names.said("\n".join([" ".join(told).strip(), *lines]))

    def _note_header(self, reader: str, head: list[str]) -> None:
        plain = [re.sub(r"\(aria-current[^)]*\)", "", line) for line in map(self.names.said, head)]
        if self.first.setdefault(reader, plain) != plain:
            self.first[f"{reader}, also"] = plain


class Shown:
    """Pages one below the other. Lines that stand alike in the page above, or in the first page of its kind that the same
    reader had, are not written again: how many they are is."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.last: list[str] = []
        self.of: dict[tuple[str, ...], list[str]] = {}

    def add(self, heading: str, lines: list[str], *key: str) -> None:
        """Add a page below the others."""
        tries = [unlike(self.last, lines, "above")]
        if key in self.of:
            tries.append(
                unlike(self.of[key], lines, f"{key[-1] if len(key) > 1 else 'the last of the kind'} had")
            )
        self.parts += [f"== {heading}".strip(), *min(tries, key=lambda each: sum(map(len, each)))]
        if len(lines) > 3:
            self.last = lines
            self.of.setdefault(key, lines)

    def __str__(self) -> str:
        return "\n".join(self.parts) + "\n"


def unlike(before: list[str], lines: list[str], whose: str) -> list[str]:
    """Return the lines of a page that another has not."""
    found: list[str] = []
    for what, a, b, c, d in SequenceMatcher(None, before, lines, autojunk=False).get_opcodes():
        if what == "equal" and sum(map(len, before[a:b])) > ALIKE:
            found.append(f"  … {b - a} as {whose}")
        elif c < d:
            found += lines[c:d]
    return found


def file_of(rule: str) -> str:
    """Return which file an address stands in."""
    parts = [part for part in rule.strip("/").split("/") if not part.startswith("<")]
    if parts[:2] == ["api", "v1"]:
        return f"api/{parts[2]}.txt"
    return f"pages/{(parts[0] if parts else 'home').split('.')[0] or 'well-known'}.txt"
