"""What JSON looks like: the models that all resources share."""

import base64
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from feedback.core.dimensions import DIMENSIONS

T = TypeVar("T")
R = TypeVar("R")
MOST_ITEMS = 100  # of a page
BEGINS = b"after "
FARTHEST = 9  # digits of a cursor


class Out(BaseModel):
    """What is answered."""

    model_config = ConfigDict(frozen=True, from_attributes=True, defer_build=True)


class Body(BaseModel):
    """What is sent: nothing but what is described, and each of its kind."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class Query(BaseModel):
    """What stands behind the question mark, and nothing else: a name that is mistyped is told."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


def _plain(text: str) -> str:
    """Refuse a zero byte: nobody types one, and PostgreSQL cannot store it."""
    if "\0" in text:
        raise PydanticCustomError("zero_byte", "No zero byte.")
    return text


Text = Annotated[str, Field(max_length=4000), AfterValidator(_plain)]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_plain)]
Rating = Annotated[int, Field(ge=1, le=5)]


class Listing(Out, Generic[T]):
    """A page of a list."""

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """Return what a list of these is called in the description."""
        return f"ListOf{params[0].__name__.removesuffix('Out')}"

    items: list[T]
    next: str | None = Field(description="Send it as cursor to go on; null at the end.")


class ListQuery(Query):
    """Where in a list to begin, and how much of it to return."""

    cursor: Annotated[str, Field(max_length=100)] | None = Field(
        None, description="What next said on the page before"
    )
    limit: Annotated[int, Field(ge=1, le=MOST_ITEMS)] = 20

    @property
    def skip(self) -> int:
        """How many rows come before. Raises ValueError for a cursor that we did not make."""
        if self.cursor is None:
            return 0
        try:
            text = base64.urlsafe_b64decode(self.cursor.encode("ascii", "replace"))
        except ValueError:
            raise ValueError("cursor") from None
        number = text.removeprefix(BEGINS)
        if not text.startswith(BEGINS) or not number.isdigit() or len(number) > FARTHEST:
            raise ValueError("cursor")
        return int(number)

    def page(self, load: Callable[[int, int], Sequence[Any]], shape: Callable[[Any], T]) -> Listing[T]:
        """Return the page of rows that the database cuts; load(skip, take) reads some."""
        skip = self.skip
        found = load(skip, self.limit + 1)
        more = len(found) > self.limit
        after = base64.urlsafe_b64encode(BEGINS + str(skip + self.limit).encode()).decode() if more else None
        return Listing(items=[shape(each) for each in found[: self.limit]], next=after)

    def page_of(self, rows: Sequence[Any], shape: Callable[[Any], T]) -> Listing[T]:
        """Return the page of rows that are all here."""
        return self.page(lambda skip, take: rows[skip : skip + take], shape)


class SearchQuery(ListQuery):
    """A list that is searched."""

    q: Annotated[str, Field(max_length=200), AfterValidator(_plain)] = Field(
        "", description="Words of names, companies and addresses"
    )


class SixRatings(Out):
    """The six dimensions; null where it is not known."""

    integrity: float | None = None
    competency: float | None = None
    recognition: float | None = None
    proactivity: float | None = None
    savvy: float | None = None
    chemistry: float | None = None


class Ratings6(Body):
    """Ratings of the six dimensions, 1 Poor to 5 Fantastic; what is missing is not changed."""

    integrity: Rating | None = None
    competency: Rating | None = None
    recognition: Rating | None = None
    proactivity: Rating | None = None
    savvy: Rating | None = None
    chemistry: Rating | None = None

    def given(self) -> dict[str, int]:
        """Return those that were sent."""
        found = self.model_dump()
        return {name: found[name] for name in DIMENSIONS if found[name] is not None}


def six(values: Sequence[float | int | None]) -> SixRatings:
    """Return six numbers by dimension, means to two decimals."""
    return SixRatings(**{name: rounded(value) for name, value in zip(DIMENSIONS, values, strict=True)})


def rounded(value: float | None) -> float | None:
    """Return a number to two decimals, as files have it."""
    return None if value is None else round(value, 2) + 0.0
