"""Files as people have them, of every kind that made trouble, and what becomes of each."""

from feedback.core.dimensions import DIMENSIONS

CLIENT = ",".join(f"client_{name}" for name in DIMENSIONS)
BOTH = f"{CLIENT},{','.join(f'rep_{name}' for name in DIMENSIONS)}"
RITA = "rita@example.com,Fernhill Tools"
FOURS = "4,4,4,4,4,4"
# kind, separator, the file, what is added, and what is said beside
CASES = {
    "two columns": ("accounts", ",", "account,contact\nFernhill Tools,Ines Brandt\n", "1 account, 1 contact", ""),
    "decimal comma": (
        "accounts", ";",
        "account;contact;contact_email;contact_role;language;value;review_days\n"
        "Fernhill Tools;Ines Brandt;;;de;1200,50;90\n",
        "1 account, 1 contact", "value: nothing → 1200.5",
    ),
    "clients only": (
        "history", ",",
        f"rep_email,account,contact,contact_email,held_at,{CLIENT}\n{RITA},Ines,ines@client.example,2026-05-01T10:00+02:00,{FOURS}\n",
        "1 account, 1 contact, 1 meeting, 1 client&#39;s answer", "with answer",
    ),
    "no extras": (
        "history", ",",
        f"rep_email,account,contact,held_at,{BOTH}\n{RITA},Ines,2026-05-01T10:00+02:00,{FOURS},{FOURS}\n",
        "1 account, 1 contact, 1 meeting, 1 client&#39;s answer, 1 mirror", "with answer, guess",
    ),
    "dates of all kinds": (
        "history", ",",
        f"rep_email,account,contact,held_at,{CLIENT}\n"
        + "".join(
            f"{RITA},Ines,{held_at},{FOURS}\n"
            for held_at in ("2026-05-01 10:00:00", "2026-05-02 10:00:00 UTC", "2026-05-03T10:00:00z", "2026-05-04")
        ),
        "1 account, 1 contact, 4 meetings, 4 clients&#39; answers",
        "Times without a zone were read as Europe/Berlin&#39;s: 2 of them.",
    ),
    "one mailbox of two people": (
        "history", ",",
        f"rep_email,account,contact,contact_email,held_at,{CLIENT}\n"
        f"{RITA},Tom Aske,office@client.example,2026-05-01T10:00Z,{FOURS}\n"
        f"{RITA},Lena Voss,office@client.example,2026-05-03T10:00Z,1,4,4,4,4,4\n",
        "1 account, 2 contacts, 2 meetings, 2 clients&#39; answers",
        "&#39;Lena Voss&#39; shares an e-mail address with somebody else",
    ),
    "columns without a name": ("people", ",", "name,email,role,team,,\nRuth,ruth@example.com,rep,North,,\n", "1 person", ""),
    "no team": ("people", ",", "name,email,role\nRuth,ruth@example.com,rep\n", "1 person", ""),
    "the line of Excel": ("people", ";", "sep=;\nname;email;role;team\nRuth;ruth@example.com;rep;North\n", "1 person", ""),
    "short rows": (
        "people", ",",
        "name,email,role,team\nRuth,ruth@example.com,rep,North\nPaul,paul@example.com,rep\n , , , \n",
        "2 people", "",
    ),
    "umlauts of Windows": ("people", ",", "name,email,role\nZoë Müller,zoe@example.com,rep\n".encode("cp1252"), "1 person", "Windows-1252"),
    "tabs of UTF-16": ("people", "\t", "name\temail\trole\nZoë\tzoe@example.com\trep\n".encode("utf-16"), "1 person", ""),
    "columns of another tool": (
        "accounts", ",", "Company;Ansprechpartner;E-Mail;Color\nFernhill;Ines;ines@client.example;red\n",
        "1 account, 1 contact", "none of ours were left out: &#39;Color&#39;",
    ),
}  # fmt: skip
REFUSED = {
    "a quote never closed": ("people", 'name,email,role\n"Ruth,ruth@example.com,rep\n', "never closed"),
    "thousands": ("accounts", "account,value\nFernhill,1.200\n", "without a thousands mark"),
    "no header": ("people", "Ruth,ruth@example.com,rep\n", "missing: name, email, role"),
    "a day that is to come": (
        "history", f"rep_email,account,contact,held_at,{CLIENT}\n{RITA},Ines,2027-05-01,{FOURS}\n", "is in the future",
    ),
    "a rep that is not here": (
        "history", f"rep_email,account,contact,held_at,{CLIENT}\nnobody@example.com,F,I,2026-05-01,{FOURS}\n",
        "nobody here has the address nobody@example.com",
    ),
}  # fmt: skip
