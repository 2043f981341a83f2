"""psycopg's cursors describe the columns of a result when somebody reads them, and as psycopg does."""

import psycopg

from feedback.db.cursors import PatientCursor


def test_description_is_that_of_psycopg(db):
    if db.is_sqlite:
        return
    with db.connection() as connection:
        driver = connection.connection.driver_connection
        ours, theirs = driver.cursor(), psycopg.Cursor(driver)
        assert isinstance(ours, PatientCursor)
        for cursor in (ours, theirs):
            cursor.execute("SELECT 1 AS one, 'two' AS two")
        assert [*map(tuple, ours.description)] == [*map(tuple, theirs.description)]
        assert (len(ours.description), ours.description[1].name) == (2, "two")
        for statement in ("SET LOCAL work_mem = '4MB'", "SELECT"):
            for cursor in (ours, theirs):
                cursor.execute(statement)
            assert ours.description == theirs.description
        assert connection.exec_driver_sql("SELECT 1 AS one").mappings().one() == {"one": 1}
