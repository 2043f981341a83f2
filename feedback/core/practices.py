"""Concrete behaviour for one dimension, doable in the very next meeting. {name} is the client's first name."""

PRACTICES: dict[str, tuple[str, ...]] = {
    "integrity": (
        "Write down what {name} asks for, in front of {name}.",
        "Say one thing you cannot promise, before {name} assumes it.",
        "Open with what you promised last time, and what became of it.",
        "Give every promise a day, and name the day before you leave.",
        "If something will be late, say so before {name} notices.",
    ),
    "competency": (
        "Bring the one person who can answer what {name} asked last time.",
        "Show a case like theirs: what was tried, what it cost, what came of it.",
        "When you do not know, say by when you will, and send it that evening.",
        "Draw how it works on one sheet of paper, and leave the sheet.",
        "Let {name} try it with their own data while you watch.",
    ),
    "recognition": (
        "Name something {name} did since you last met, and what it made possible.",
        "Ask {name} what a good year looks like, then be quiet.",
        "Begin with {name}'s agenda; put yours second.",
        "Thank {name} for something specific, by a line in writing.",
        "Repeat in {name}'s own words what you heard, before you answer.",
    ),
    "proactivity": (
        "Open with what could go wrong, before {name} has to ask.",
        "Bring one idea {name} did not ask for and could use without you.",
        "Tell {name} what you see at others in the same trade.",
        "Agree what {name} wants to hear from you between meetings, and when.",
        "Before you leave, ask what could surprise you both by next time.",
    ),
    "savvy": (
        "Read {name}'s last news or report, and ask one question that only a reader would.",
        "Ask who else has to live with this decision, and what worries them.",
        "Say how {name}'s business earns its money, and let {name} correct you.",
        "Ask which number {name} is judged by, and speak of that one.",
        "Find out what happens at {name}'s company if nothing is decided.",
    ),
    "chemistry": (
        "Ask {name} how they like to work: calls or mail, mornings or evenings. Write it down.",
        "Leave five minutes without an agenda, and do not fill them.",
        "End ten minutes early, and say that the time is theirs.",
        "Tell {name} one thing you learned from them.",
        "Put the slides away, and talk across the corner of a table.",
    ),
}
