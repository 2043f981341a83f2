"""What a password must be. Length is what counts; rules about characters only make people write it down."""

SHORTEST, LONGEST = 10, 200


def password_problem(password: str) -> str | None:
    """Why this password will not do, in words; None when it will."""
    if len(password) < SHORTEST:
        return f"A password has at least {SHORTEST} characters; a short sentence does well."
    if len(password) > LONGEST:
        return f"A password has at most {LONGEST} characters."
    if len(set(password)) < 4:
        return "This password is one of the first that anybody would try."
    return None
