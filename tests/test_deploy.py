"""The files of deploy/, the Dockerfile and compose.yaml: what they promise, as far as it can be read from them."""

import configparser
import re
from importlib.metadata import requires
from pathlib import Path

import yaml

from feedback.config import VARIABLES

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
IMAGE = re.compile(r"[a-z][a-z-]*:\d[\w.-]*")  # a short name, so that no registry is named, and a version


def steps(name: str) -> list[str]:
    """The arguments of one instruction, wherever it stands."""
    return re.findall(rf"^{name} (.+)$", DOCKERFILE.replace("\\\n", " "), re.M)


def pinned(path: str) -> dict[str, str]:
    """What a lock says, by package: its version with all hashes."""
    found = re.findall(r"^([\w.-]+)(==[^ ;]+)[^\n]*((?:\n .+)*)", (ROOT / path).read_text(), re.M)
    return {name.lower().replace("_", "-"): version + hashes for name, version, hashes in found}


def test_image_is_built_of_pinned_hashes_alone():
    installs = [line for line in re.split(r"\n|&&", DOCKERFILE) if "pip install" in line]
    assert len(installs) == 3
    assert all("--require-hashes" in line or "--no-deps --no-index" in line for line in installs)
    assert {base.partition(" ")[0] for base in steps("FROM")} == {"python:3.11.11-slim-bookworm"}
    assert steps("ADD") == []


def test_lock_of_the_image_is_part_of_the_whole():
    ours, whole = pinned("deploy/requirements.lock"), pinned("requirements.lock")
    assert {name for name, rest in ours.items() if whole.get(name) != rest} == set()
    wanted = {
        re.split(r"[\s\[<>=;]", each, maxsplit=1)[0].lower() for each in requires("beyond-doughnuts") or []
    }
    assert wanted - set(ours) == set()
    assert "pytest" not in ours


def test_container_runs_as_nobody_in_particular():
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    user = re.findall(r"^USER (\d+):(\d+)$", last, re.M)
    assert [int(uid) > 1000 for uid, _ in user] == [True]
    assert last.index("USER ") < last.index("ENTRYPOINT")
    assert "--chown=root:root" in last  # what runs cannot be changed by whom it runs as
    assert len(steps("HEALTHCHECK")) == 1
    assert "/healthz" in DOCKERFILE


def test_image_holds_only_what_is_copied():
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[1] == "*"
    copied = {source for line in steps("COPY") if "--from" not in line for source in line.split()[:-1]}
    assert {line[1:] for line in ignored if line.startswith("!")} == copied
    assert [source for source in copied if not (ROOT / source).exists()] == []


def test_services_are_confined():
    services = COMPOSE["services"]
    assert set(services) == {"web", "worker", "postgres", "caddy"}
    assert [name for name, each in services.items() if not IMAGE.fullmatch(each["image"])] == []
    for name, each in services.items():
        assert each["security_opt"] == ["no-new-privileges:true"], name
        assert "privileged" not in each, name
        if name != "postgres":
            assert (each["read_only"], each["cap_drop"]) == (True, ["ALL"]), name
    assert [name for name, each in services.items() if "ports" in each] == ["caddy"]
    assert services["postgres"]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}


def test_services_have_settings_that_there_are():
    known = {name for name, _, _ in VARIABLES}
    for name in ("web", "worker"):
        assert set(COMPOSE["services"][name]["environment"]) - known == set()
    secrets = re.findall(r"\$\{(\w*(?:PASSWORD|SECRET)\w*)(.*?)\}", (ROOT / "compose.yaml").read_text())
    assert {rest for _, rest in secrets} == {":?"}  # none has a default


def test_units_are_hardened():
    for name in ("feedback", "feedback-worker"):
        text = (ROOT / "deploy" / f"{name}.service").read_text()
        wanted = {
            "NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes", "CapabilityBoundingSet=",
            "MemoryDenyWriteExecute=yes", "User=feedback", "UMask=0077", "RestrictNamespaces=yes",
        }  # fmt: skip
        assert wanted - set(text.splitlines()) == set()
        named = set(re.findall(r"FEEDBACK_\w+(?==)", text))
        assert named - {name for name, _, _ in VARIABLES} == set()


def test_caddy_writes_no_addresses_down():
    text = (ROOT / "deploy" / "Caddyfile").read_text()
    assert re.findall(r"^\s*log\b", text, re.M) == []
    assert "path /metrics /readyz" in text
    assert "header_up X-Request-ID {http.request.uuid}" in text


def test_pgbouncer_gives_connections_for_a_transaction():
    ini = configparser.ConfigParser()
    ini.read(ROOT / "deploy" / "pgbouncer.ini")
    assert ini["pgbouncer"]["pool_mode"] == "transaction"
