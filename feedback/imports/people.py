"""Import of reps, managers and owners. People who are stored already are never changed by it: a role is a
right."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from feedback.core.access import Role
from feedback.core.text import quoted
from feedback.db.bulk import insert_all
from feedback.db.change import Change
from feedback.imports import cells as read
from feedback.imports.cells import Cells
from feedback.imports.csv_rows import CsvRow
from feedback.imports.disk_dict import DiskDict
from feedback.imports.report import (
    Problem,
    Problems,
    Progress,
    Report,
    Source,
    count_phrase,
    email_address,
)
from feedback.models import Team, TeamManager, User
from feedback.models.columns import new_id
from feedback.store.contacts import name_key
from feedback.store.imports import KnownPerson, people_by_email
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


def import_people(c: Change, source: Source, progress: Progress) -> Report:
    """Import all rows or none. Raises BadFile with every row that is wrong."""
    with closing(DiskDict()) as seen:
        importing = _People(c, seen)
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

    def __init__(self, c: Change, seen: DiskDict) -> None:
        self._c, self._seen = c, seen
        self.problems = Problems()
        self.people = self.teams = self.already = 0
        self._teams = {name_key(name): team_id for team_id, name in all_teams(c.session, c.organisation_id)}

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
        return Report(
            added=(
                *count_phrase(self.people, "person", "people"),
                *count_phrase(self.teams, "team", "teams"),
            ),
            already=self.already,
            notes=(NO_PASSWORD,) if self.people else (),
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
        return []

    def _add(self, rows: Sequence[PersonRow]) -> None:
        users: list[dict[str, Any]] = []
        managers: list[dict[str, Any]] = []
        for one in rows:
            user_id = new_id()
            team_ids = [self._team(team) for team in one.teams]
            users.append(
                {
                    **self._row(user_id),
                    "name": one.name,
                    "email": one.email,
                    "role": one.role,
                    "team_id": team_ids[0] if team_ids and one.role == Role.REP else None,
                }
            )
            if one.role == Role.MANAGER:
                managers.extend(
                    {
                        "organisation_id": self._c.organisation_id, "id": new_id(),
                        "team_id": team_id, "user_id": user_id,
                    }
                    for team_id in team_ids
                )  # fmt: skip
        insert_all(self._c.session, User, users)
        insert_all(self._c.session, TeamManager, managers)
        self.people += len(users)

    def _team(self, name: str) -> UUID:
        key = name_key(name)
        if key not in self._teams:
            self._teams[key] = new_id()
            self.teams += 1
            insert_all(self._c.session, Team, [{**self._row(self._teams[key]), "name": name}])
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
