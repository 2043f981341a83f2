"""Which column of a file is which of ours: by its name, by what other systems call it, or as somebody chose."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from feedback.core.dimensions import DIMENSIONS
from feedback.core.text import visible

IGNORED = "\0"  # stands before the name of a column that is none of ours
# What else a column may be called, written as `column_key` writes it.
ALIASES = {
    "name": ("full_name", "display_name", "person", "employee", "vollstandiger_name", "mitarbeiter", "nom", "nombre", "nome"),
    "email": ("email_address", "mail", "user_email", "login", "emailadresse", "email_adresse", "adresse_email", "primary_email", "work_email", "courriel", "correo", "correo_electronico"),
    "role": ("rolle", "rol", "function"),
    "team": ("teams", "group", "department", "abteilung", "equipe", "equipo"),
    "account": ("company", "customer", "client", "organisation", "organization", "account_name", "company_name", "customer_name", "client_name", "organization_name", "organisation_name", "person_organization", "associated_company", "kunde", "kundenname", "firmenname", "firma", "unternehmen", "entreprise", "societe", "empresa", "cliente"),
    "contact": ("contact_name", "contact_person", "person_name", "full_name", "kontakt", "ansprechpartner", "contacto", "contatto"),
    "contact_email": ("email", "email_address", "mail", "contact_mail", "emailadresse", "email_adresse", "adresse_email", "primary_email", "work_email", "email_1_value", "person_email_work", "courriel", "correo", "correo_electronico"),
    "contact_role": ("title", "job_title", "position", "funktion"),
    "language": ("lang", "locale", "sprache", "langue", "idioma", "lingua"),
    "value": ("annual_value", "revenue", "arr", "amount", "umsatz", "wert"),
    "review_days": ("review_interval",),
    "rep_email": ("rep", "owner", "owner_email", "sales_rep", "account_owner", "user_email"),
    "held_at": ("date", "meeting_date", "met_at", "datum", "timestamp", "submitted_at"),
    "nps": ("recommend", "likelihood_to_recommend"),
    "date": ("happened_on", "day", "outcome_date", "closed_on", "close_date", "churn_date", "datum", "fecha", "data"),
    "outcome": ("result", "status", "ergebnis", "resultat", "resultado"),
    "value_before": ("old_value", "before"),
    "value_after": ("new_value", "after"),
    "reason": ("why", "lost_reason", "grund", "motif", "motivo"),
    "comment": ("comments", "remark", "kommentar", "commentaire", "comentario"),
    # of a survey, whose columns are called by what was asked alone
    **{f"client_{dimension}": (dimension,) for dimension in DIMENSIONS},
}  # fmt: skip

# The columns that hold a person's name, the first of them that a list has; and what their two halves are called.
PERSON = ("name", "contact")
FIRST_NAMES = (
    "first_name", "firstname", "given_name", "forename", "vorname", "prenom", "voornaam", "nombre", "nome",
)  # fmt: skip
LAST_NAMES = (
    "last_name", "lastname", "surname", "family_name", "nachname", "familienname", "name", "nom", "nom_de_famille",
    "achternaam", "apellidos", "apellido", "cognome", "sobrenome",
)  # fmt: skip

# What the time of a meeting is called where its day has a column of its own.
TIMES = ("time", "start_time", "meeting_time", "uhrzeit", "zeit", "heure", "hora", "ora", "tijd")

_MARK_AS_LETTERS = "ï»¿"  # the mark of an encoding, taken for Windows-1252
_AROUND = ' \t\r\n\xa0"“”„'


def column_key(name: str) -> str:
    """Return a column name as it is compared: ' Rep E-Mail ' is rep_email, 'Vollständiger Name' vollstandiger_name."""
    bare = visible(name).removeprefix(_MARK_AS_LETTERS).strip(_AROUND)
    plain = unicodedata.normalize("NFKD", bare.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.sub(r"[\s_-]+", "_", plain).replace("e_mail", "email")


def _bare_key(key: str) -> str:
    """Return the key of a column name without what is no part of it: name of "Name*", value of "Value (EUR)"."""
    return re.sub(r"[\s_]*[(\[][^()\[\]]*[)\]]|[*:]+", "", key).strip("_")


def match_columns(
    header: Sequence[str], columns: Sequence[str], chosen: Mapping[str, str] | None = None
) -> list[str]:
    """Return for each cell of a header the name of our column that it is; "" for one without a name, and IGNORED
    before the name of any other. chosen: what the file calls a column of ours, "" for none; it goes before every
    guess. A name of ours goes before an alias, and of several columns for one of ours the first is taken, but a name
    that stands there twice is left for the reader to refuse."""
    keys = [column_key(cell) for cell in header]
    chosen = {ours: column_key(theirs) for ours, theirs in (chosen or {}).items()}
    found: dict[int, str] = {}
    for ours, theirs in chosen.items():
        if theirs in keys:
            found[keys.index(theirs)] = ours
    open_columns = [ours for ours in columns if ours not in chosen]
    for place, key in enumerate(keys):
        if place not in found and key in open_columns:
            found[place] = key
    for ours in open_columns:
        if ours in found.values():
            continue
        for alias in ALIASES.get(ours, ()):
            if alias in keys and keys.index(alias) not in found:
                found[keys.index(alias)] = ours
                break
    bare = [_bare_key(key) for key in keys]
    for ours in open_columns:
        for known in (ours, *ALIASES.get(ours, ())):
            if ours not in found.values() and bare.count(known) == 1 and bare.index(known) not in found:
                found[bare.index(known)] = ours
    return [
        found.get(place, IGNORED + header[place].strip() if key else "") for place, key in enumerate(keys)
    ]


def name_halves(
    header: Sequence[str], columns: Sequence[str], chosen: Mapping[str, str] | None = None
) -> tuple[str, int, int] | None:
    """Return our column of a person's name, and the places of first and last name in the file, where these are columns of
    their own and none has the whole name; None otherwise."""
    ours = next((name for name in PERSON if name in columns and name not in (chosen or {})), None)
    keys = [_bare_key(column_key(cell)) for cell in header]
    first = next((keys.index(key) for key in FIRST_NAMES if key in keys), None)
    last = next((keys.index(key) for key in LAST_NAMES if key in keys), None)
    if ours is None or first is None or last is None:
        return None
    names = match_columns(header, columns, chosen)
    if any(name == ours and place not in (first, last) for place, name in enumerate(names)):
        return None
    if any(names[place] not in (ours, IGNORED + header[place].strip()) for place in (first, last)):
        return None
    return ours, first, last


def time_column(header: Sequence[str], names: Sequence[str]) -> int | None:
    """Return the place of the column with the time of meetings whose day is in another one; None without one. names: as
    match_columns returns them."""
    if "held_at" not in names:
        return None
    keys = [
        _bare_key(column_key(cell)) if name.startswith(IGNORED) else ""
        for cell, name in zip(header, names, strict=True)
    ]
    return next((keys.index(key) for key in TIMES if key in keys), None)
