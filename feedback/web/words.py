"""What things are called on the pages of people who sign in."""

# A stage as a rep chooses it, and as it stands in a sentence.
STAGE_WORDS = {
    "curious": "Just looking, for themselves",
    "problem": "Their organisation has a problem worth solving",
    "change": "They have decided to change",
    "comparing": "Comparing options",
    "adopting": "Putting it to work",
    "growing": "Using it and wanting more",
}
GAP_WORDS = {
    "strength": "Agreed strength",
    "weakness": "Agreed weakness",
    "advantage": "Advantage",
    "blind_spot": "Blind spot",
}
SIGNAL_WORDS = {
    "reps_browser": "It was given in a browser where a rep is signed in, and no hand-over was chosen.",
    "one_device": "The same phone answered for three or more contacts.",
    "same_place": "It came from the same network and kind of browser as the rep's. In one office that is nothing unusual.",
    "hurried": "All six taps came within four seconds of opening.",
    "alike": "Three or more contacts of this rep gave the same six ratings that day.",
    "handed_over": "It was given on the rep's phone, handed over for it.",
}
ALERT_WORDS = {
    "low": "A low rating",
    "drop": "A sudden drop",
    "blind_spot": "A blind spot",
    "broken_promise": "A broken promise",
    "disputed": "“This wasn’t me”",
    "doubtful": "A doubtful answer",
    "fine": "“Fine”",
    "ahead": "Ahead of the client",
    "silence": "Silence",
    "unusual": "Something unusual",
}
ALERT_REASONS = {
    "low": "A client who gives a 1, or two ratings of 2 and less, is telling you something. Ask soon.",
    "drop": "This meeting earned at least 25 points less than the relationship stood at before it.",
    "blind_spot": "The rep guessed far more than the client said: it will come as a surprise, so break it gently.",
    "broken_promise": "The client says that something promised was not done.",
    "disputed": "Whoever holds the receipt says that somebody else answered. It does not count until you decide.",
    "doubtful": "There is a strong sign that it was not the client who answered. It does not count until you decide.",
    "fine": "Nothing bad, nothing good. Most clients who leave were “fine” shortly before.",
    "ahead": "The rep sells to a later stage than the client says to be at.",
    "silence": "Nobody has met for longer than the review interval.",
    "unusual": "A weak sign that something is odd about this answer. It counts; have a look.",
}
OUTCOME_WORDS = {"recovered": "Recovered", "accepted": "Accepted", "lost": "Lost", "mistaken": "Mistaken"}
STAGE_PHRASES = {
    "curious": "they are just looking",
    "problem": "they have a problem worth solving",
    "change": "they have decided to change",
    "comparing": "they are comparing options",
    "adopting": "they are putting it to work",
    "growing": "they want more of it",
}
