"""Rules for passwords. Length is what counts; rules about characters only make people write the password
down."""

SHORTEST, LONGEST = 10, 200  # characters


def password_problem(password: str) -> str | None:
    """Return why this password is not accepted, in words for the person who chose it; None when it is."""
    if len(password) < SHORTEST:
        return f"A password has at least {SHORTEST} characters; a short sentence does well."
    if len(password) > LONGEST:
        return f"A password has at most {LONGEST} characters."
    if len(set(password)) < 4:
        return "This password is one of the first that anybody would try."
    return None
