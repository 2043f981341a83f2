"""Writes the golden files anew: make golden."""

import tempfile
from pathlib import Path

from simulation.life import make_app
from support.cast import Cast, Clock
from support.keys import KEYS

from feedback import migrations
from feedback.db.engine import Database
from golden.script import Script
from golden.scripts import SCRIPTS
from golden.standing import standing
from golden.walk import Walk
from golden.write_stories import main as write_stories


def main() -> None:
    """Write down every world."""
    for script in SCRIPTS:
        write(script)


def write(script: Script) -> None:
    """Let a world stand on a database of its own, look at everything, and write it down."""
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite:///{Path(folder) / 'feedback.sqlite3'}", KEYS)
        migrations.migrate(db)
        clock = Clock()
        with standing(make_app(Path(folder)), Cast(db, clock), clock, script) as world:
            walk = Walk(world)
            walk.look_at_everything()
            walk.look_where_it_is_agreed()
            texts = walk.texts()
        db.dispose()
    here = script.folder
    for old in here.glob("**/*.txt"):
        if str(old.relative_to(here)) not in texts:
            old.unlink()
    for name, text in texts.items():
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
    write_stories([])
