"""What an error of the database means for whoever asked."""

from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError

# The database cannot be used just now: it is gone, full, locked, broken, or takes nothing but reads.
UNUSABLE = (OperationalError, InterfaceError, InternalError)
_TWO_IN_EACH_OTHERS_WAY = {"40001", "40P01"}  # PostgreSQL's states: serialization failure, deadlock


def is_undone(error: DBAPIError) -> bool:
    """Tell whether the transaction certainly left nothing and may succeed when it is tried again: another was in its
    way, or the connection broke before it was to be committed. What breaks at COMMIT may be stored."""
    if getattr(error.orig, "sqlstate", None) in _TWO_IN_EACH_OTHERS_WAY:
        return True
    return error.connection_invalidated and error.statement is not None
