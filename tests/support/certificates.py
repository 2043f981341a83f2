"""Certificates for servers of tests, made by the openssl command."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key, both as files."""

    path: Path
    key: Path


def self_signed(folder: Path, host: str) -> Certificate:
    """Make a certificate for one host name, signed by itself. Whoever trusts the file trusts the host."""
    if not shutil.which("openssl"):
        pytest.skip("needs the openssl command")
    made = Certificate(folder / f"{host}.pem", folder / f"{host}.key")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}",
         "-keyout", made.key, "-out", made.path],
        check=True, capture_output=True,
    )  # fmt: skip
    return made
