"""Asks the API what its description allows, and what it does not."""

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode, openapi
from schemathesis.checks import CHECKS, load_all_checks

from support.tokens import Program

# Whether what the description allows is taken is ours to say: names are taken, people have left, guesses are sealed. And the
# token is sent with every request here; test_api_tokens.py asks without.
LEFT_OUT = ("positive_data_acceptance", "ignored_auth")


class Conformance:
    """The description of the API, and all that can be held against an answer."""

    def __init__(self, app: Any) -> None:
        load_all_checks()
        self.checks = [check for check in CHECKS.get_all() if check.__name__ not in LEFT_OUT]
        schema = openapi.from_wsgi("/api/v1/openapi.json", app)
        self.operations = [found.ok() for found in schema.get_all_operations()]

    def find_faults(self, program: Program, known: dict[str, str], examples: int, part: slice) -> int:
        """Ask every operation what its description allows, every other time with ids that exist, and of a part of them what
        it does not; return how many requests that were. Raises schemathesis' failures. known: ids by the names of path
        parameters."""
        allowed = ((operation, GenerationMode.POSITIVE) for operation in self.operations)
        not_allowed = ((operation, GenerationMode.NEGATIVE) for operation in self.operations[part])
        return sum(self._ask(*each, program, known, examples) for each in (*allowed, *not_allowed))

    def _ask(self, operation: Any, mode: Any, program: Program, known: dict[str, str], examples: int) -> int:
        asked = []
        bounded = settings(
            max_examples=examples, derandomize=True, deadline=None, database=None,
            suppress_health_check=list(HealthCheck), phases=[Phase.generate],
        )  # fmt: skip

        @bounded
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            asked.append(1)
            if mode is GenerationMode.POSITIVE and len(asked) % 2:
                case.path_parameters = {
                    name: known.get(name, value) for name, value in (case.path_parameters or {}).items()
                }
            reply = case.call(headers={"Authorization": f"Bearer {program.token}"})
            case.validate_response(reply, checks=self.checks)

        ask()
        return len(asked)
