"""The owner's page to take everything out."""

import io
import re

from flask import Blueprint, Response, send_file

from feedback.core.audit import AuditKind
from feedback.exports.run import export_to_zip
from feedback.web.context import changing, current_user, now, owner_required, read_session, today
from feedback.web.htmx import render
from feedback.web.proof import proof_required

pages = Blueprint("exports", __name__)


@pages.get("/export")
@owner_required
def index() -> Response:
    return render("exports/export.html")


@pages.post("/export")
@owner_required
@proof_required
def download() -> Response:
    """Send everything of the organisation as one ZIP file, with a line in the audit log."""
    who = current_user()
    who.figures.require_by_person()
    file = io.BytesIO()  # the server gathers a whole response anyway
    written = export_to_zip(read_session(), who.organisation_id, file, now())
    with changing() as c:
        c.audit(who.id, AuditKind.EXPORTED, after={"files": len(written), "rows": sum(written.values())})
    file.seek(0)
    name = re.sub(r"\W+", "-", who.organisation).strip("-")[:60] or "export"
    return send_file(
        file, mimetype="application/zip", as_attachment=True, download_name=f"{name}-{today()}.zip"
    )
