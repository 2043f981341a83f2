"""Plays every story and writes down how it goes now: the half of `make golden` that is about writes."""

import sys
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from support.cast import Clock
from support.keys import KEY, KEYS

from feedback import migrations
from feedback.app import create_app
from feedback.config import Settings
from feedback.db.engine import Database
from golden.story import PLAYS, STORIES
from golden.telling import telling


def main(names: list[str]) -> None:
    """Write the stories of these names, or all."""
    with TemporaryDirectory() as folder:
        settings = Settings(instance=Path(folder), database_url="", secret_key=KEY)
        app = create_app(settings, database=Database("sqlite://"))
        app.testing = True
        for name in names or PLAYS:
            db, clock = Database(f"sqlite:///{folder}/{name}.sqlite3", KEYS), Clock()
            migrations.migrate(db)
            with telling(app, db, clock) as story:
                import_module(f"golden.plays.{name}").play(story)
            (STORIES / f"{name}.txt").write_text(story.text(), encoding="utf-8")
            db.dispose()


if __name__ == "__main__":
    main(sys.argv[1:])
