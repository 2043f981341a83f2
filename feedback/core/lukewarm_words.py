"""What people write when they mean "nothing special", by language. FILLERS say nothing either way."""

LUKEWARM: dict[str, tuple[str, ...]] = {
    "en": (
        "fine", "ok", "okay", "satisfied", "very satisfied", "no complaints", "no complaint", "all good",
        "alright", "all right", "not bad", "as expected", "nothing to add", "so so", "nothing special",
        "average", "acceptable", "adequate", "decent", "it works", "meh", "can t complain",
    ),
}  # fmt: skip

FILLERS: dict[str, tuple[str, ...]] = {
    "en": (
        "it", "was", "is", "it s", "everything", "all", "i", "am", "i m", "we", "are", "we re", "really",
        "quite", "just", "pretty", "so far", "thanks", "thank you", "and", "the", "meeting", "with",
    ),
}  # fmt: skip
