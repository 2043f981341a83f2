"""Import of reps, managers and owners. People who are stored already are never changed by it: a role is a
right."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from feedback.core.access import Role
from feedback.core.audit import AuditKind
from feedback.core.text import quoted
from feedback.db.bulk import insert_all
from feedback.db.change import Change
from feedback.imports import cells as read
from feedback.imports.cells import Cells
from feedback.imports.csv_rows import CsvRow
from feedback.imports.disk_dict import DiskDict
from feedback.imports.ledger import Noted, made_deed, whole
from feedback.imports.report import (
    Instructions,
    Problem,
    Problems,
    Progress,
    Report,
    Source,
    count_phrase,
    email_address,
)
from feedback.models import Audit, Team, TeamManager, User
from feedback.models.columns import new_id
from feedback.store.contacts import name_key
from feedback.store.imports import KnownPerson, emails_by_name, people_by_email
from feedback.store.people import all_teams

COLUMNS = ("name", "email", "role", "team")
NEEDED = ("name", "email", "role")
BATCH = 1000
BETWEEN_TEAMS = ";"
NO_PASSWORD = (
    "They have no password yet, so they cannot sign in before an owner has made them a link, under People."  # noqa: S105 (words)
)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person to be added."""

    number: int  # of the row, as a spreadsheet counts
    name: str
    email: str
    role: Role
    teams: tuple[str, ...]  # at most one for a rep; a manager may have several


def import_people(c: Change, source: Source, progress: Progress, how: Instructions) -> Report:
    """Import all rows or none. Raises BadFile with every row that is wrong."""
    with closing(DiskDict()) as seen:
        importing = _People(c, seen, how)
        for batch in source.batches(COLUMNS, BATCH, progress, NEEDED):
            importing.take(batch)
        importing.problems.refuse()
        return importing.report()


def person_row(row: CsvRow) -> PersonRow | list[str]:
    """Return what the row says, or the reasons why it is refused."""
    cells = Cells(row.cells)
    name, address = cells.needed("name", read.name), cells.needed("email", email_address)
    role = cells.needed("role", _role)
    teams = cells.optional("team", _teams) or ()
    if role == Role.OWNER and teams:
        cells.reasons.append("team: an owner looks after every team; leave it blank")
    if role == Role.REP and len(teams) > 1:
        cells.reasons.append("team: a rep is in one team")
    if cells.reasons or name is None or address is None or role is None:
        return cells.reasons
    return PersonRow(row.number, name, address, role, teams)


class _People:
    """One import: new people are added, the others are compared with what is stored."""

    def __init__(self, c: Change, seen: DiskDict, how: Instructions) -> None:
        self._c, self._seen, self._how = c, seen, how
        self.problems = Problems(how.book)
        self.people = self.teams = self.already = self.namesakes = 0
        self._teams = {name_key(name): team_id for team_id, name in all_teams(c.session, c.organisation_id)}
        self._emails = emails_by_name(c.session, c.organisation_id)

    def take(self, batch: Sequence[CsvRow]) -> None:
        wrong: list[Problem] = []
        rows: list[PersonRow] = []
        for row in batch:
            found = [row.problem] if row.problem else person_row(row)
            if isinstance(found, list):
                wrong.append(Problem(row.number, "; ".join(found)))
            elif before := self._seen.row_before(found.email.encode(), row.number):
                wrong.append(Problem(row.number, f"email: {found.email} is in row {before} already"))
            else:
                rows.append(found)
        here = people_by_email(self._c.session, self._c.organisation_id, [row.email for row in rows])
        for one in rows:
            if one.email in here:
                wrong.extend(self._compare(one, here[one.email]))
        self._add([row for row in rows if row.email not in here])
        self.problems.add(wrong)

    def report(self) -> Report:
        notes = [NO_PASSWORD] if self.people else []
        if self.namesakes:
            has = "1 person has" if self.namesakes == 1 else f"{self.namesakes} people have"
            notes.append(
                f"{has} the name of somebody who is here, and another e-mail: new people, joined to nobody."
            )
        return Report(
            added=(
                *count_phrase(self.people, "person", "people"),
                *count_phrase(self.teams, "team", "teams"),
            ),
            already=self.already,
            notes=tuple(notes),
        )

    def _compare(self, one: PersonRow, known: KnownPerson) -> list[Problem]:
        """Return what the row says differently from what is stored; a blank team says nothing."""
        said = []
        if known.left:
            said.append("may no longer sign in")
        if name_key(one.name) != name_key(known.name):
            said.append(f"is called {quoted(known.name)}")
        if one.role != known.role:
            said.append(f"is here as {known.role}")
        if one.teams and set(map(name_key, one.teams)) != set(map(name_key, known.teams)):
            said.append(f"is in {', '.join(map(quoted, known.teams)) or 'no team'}")
        if said:
            reason = f"{one.email} {' and '.join(said)}; an import changes nobody who is here"
            return [Problem(one.number, reason)]
        self.already += 1
        says = [f"Joined by e-mail to {whole((known.name, one.email, known.role))}", "Nothing new"]
        self._how.book.note(
            Noted(one.number, whole((one.name, one.email)), joined=True, left_out=True, says=says)
        )
        return []

    def _add(self, rows: Sequence[PersonRow]) -> None:
        users: list[dict[str, Any]] = []
        managers: list[dict[str, Any]] = []
        told: list[dict[str, Any]] = []
        for one in rows:
            user_id = new_id()
            noted = Noted(one.number, whole((one.name, one.email)), made=True)
            team_ids = [self._team(team, noted) for team in one.teams]
            said = {"name": one.name, "email": one.email, "role": one.role.value}
            own_team = team_ids[0] if team_ids and one.role == Role.REP else None
            users.append({**self._row(user_id), **said, "role": one.role, "team_id": own_team})
            noted.deeds.append(
                made_deed("users", user_id, **said, team_id=own_team and str(own_team), ended_at=None)
            )
            if one.role == Role.MANAGER:
                for team_id in team_ids:
                    link = {"organisation_id": self._c.organisation_id, "id": new_id()}
                    managers.append({**link, "team_id": team_id, "user_id": user_id})
                    noted.deeds.append(made_deed("team_managers", link["id"]))
            told.append(self._told(one, user_id))
            self._note(one, noted)
        insert_all(self._c.session, User, users)
        insert_all(self._c.session, TeamManager, managers)
        insert_all(self._c.session, Audit, told)
        self.people += len(users)

    def _note(self, one: PersonRow, noted: Noted) -> None:
        """Note a new person, and who has the same name, for nobody is joined by a name."""
        noted.says.append(f"New person: {whole((one.name, one.email, one.role.value, *one.teams))}")
        namesakes = self._emails.setdefault(name_key(one.name), [])
        if namesakes:
            self.namesakes += 1
            others = ", ".join(namesakes[:3])
            noted.says.append(f"Same name as {others}; another e-mail, so another person")
        namesakes.append(one.email)
        self._how.book.note(noted)

    def _told(self, one: PersonRow, user_id: UUID) -> dict[str, Any]:
        """Return the entry of the audit log about somebody who came in."""
        return {
            **self._row(new_id()),
            "user_id": self._how.by,
            "what": AuditKind.PERSON_ADDED.value,
            "about_id": user_id,
            "about_name": one.name,
            "after": {"role": one.role.value, "teams": list(one.teams)},
        }

    def _team(self, name: str, noted: Noted) -> UUID:
        key = name_key(name)
        if key not in self._teams:
            self._teams[key] = new_id()
            self.teams += 1
            insert_all(self._c.session, Team, [{**self._row(self._teams[key]), "name": name}])
            self._c.audit(self._how.by, AuditKind.TEAM_ADDED, self._teams[key], name=name)
            noted.says.append(f"New team: {name}")
            noted.deeds.append(made_deed("teams", self._teams[key], name=name))
        return self._teams[key]

    def _row(self, row_id: UUID) -> dict[str, Any]:
        return {"organisation_id": self._c.organisation_id, "id": row_id, "created_at": self._c.now}


def _role(text: str) -> Role:
    try:
        return Role(text.casefold())
    except ValueError:
        raise ValueError(f"one of {', '.join(Role)}, not {quoted(text)}") from None


def _teams(text: str) -> tuple[str, ...]:
    names = [read.name(part) for part in text.split(BETWEEN_TEAMS) if part.strip()]
    return tuple({name_key(name): name for name in names}.values())
