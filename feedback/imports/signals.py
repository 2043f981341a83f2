"""What the page and the worker tell each other about an import while it runs."""

from pathlib import Path
from uuid import UUID


class Stopped(Exception):
    """Raised in the middle of an import that an owner stopped; all of it is rolled back."""


class Signals:
    """How far an import is, and whether it is to stop, as two small files."""

    def __init__(self, folder: Path, job_id: UUID) -> None:
        self._progress, self._stop = folder / f"{job_id}.progress", folder / f"{job_id}.stop"

    def tell(self, part: float) -> None:
        """Tell how much is done, 0..1; from the worker. Raises Stopped."""
        if self._stop.exists():
            raise Stopped
        self._progress.parent.mkdir(parents=True, exist_ok=True)
        self._progress.write_text(f"{part:.3f}")

    def progress(self) -> float:
        """Return how much is done, 0..1; 0 where nobody tells."""
        try:
            return min(1.0, max(0.0, float(self._progress.read_text())))
        except (OSError, ValueError):
            return 0.0

    def stop(self) -> None:
        """Ask the worker to stop."""
        self._stop.parent.mkdir(parents=True, exist_ok=True)
        self._stop.touch()

    def forget(self) -> None:
        """Delete both."""
        for path in (self._progress, self._stop):
            path.unlink(missing_ok=True)
