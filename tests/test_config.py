"""The environment: defaults that work, and one clear line for a wrong value."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from feedback.config import ConfigError, read_settings


def read(tmp_path, **values):
    return read_settings({"FEEDBACK_INSTANCE": str(tmp_path / "instance"), **values})


def test_default_database_is_sqlite_in_instance(tmp_path):
    settings = read(tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path / 'instance' / 'feedback.sqlite3'}"
    assert (settings.base_url, settings.smtp_url, settings.sign_up, settings.trusted_proxies) == (
        None,
        None,
        "closed",
        0,
    )


def test_secret_key_is_made_once_and_private(tmp_path):
    first, second = read(tmp_path).secret_key, read(tmp_path).secret_key
    assert first == second
    assert stat.S_IMODE((tmp_path / "instance" / "secret-key").stat().st_mode) == 0o600


def test_keys_begin_with_the_one_that_encrypts(tmp_path):
    keys = {"FEEDBACK_SECRET_KEY": "n" * 40, "FEEDBACK_OLD_SECRET_KEYS": f" {'k' * 40},{'j' * 40} ,"}
    assert read(tmp_path, **keys).keys == ("n" * 40, "k" * 40, "j" * 40)
    assert len(read(tmp_path).keys) == 1


def test_private_webhooks_are_off_by_default(tmp_path):
    assert not read(tmp_path).private_webhooks
    assert read(tmp_path, FEEDBACK_PRIVATE_WEBHOOKS="allowed").private_webhooks


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FEEDBACK_DATABASE_URL", "mysql://here/feedback"),
        ("FEEDBACK_DATABASE_URL", "not an address"),
        ("FEEDBACK_SECRET_KEY", "short"),
        ("FEEDBACK_BASE_URL", "feedback.example"),
        ("FEEDBACK_BASE_URL", "https://feedback.example/somewhere"),
        ("FEEDBACK_BASE_URL", "https://us@feedback.example"),
        ("FEEDBACK_BASE_URL", "https://feedback.example?x"),
        ("FEEDBACK_SMTP_URL", "mail.example:25"),
        ("FEEDBACK_SMTP_URL", "smtp://mail.example"),  # and no FEEDBACK_MAIL_FROM
        ("FEEDBACK_REDIS_URL", "http://redis"),
        ("FEEDBACK_SIGN_UP", "yes"),
        ("FEEDBACK_TRUSTED_PROXIES", "-1"),
        ("FEEDBACK_TRUSTED_PROXIES", "many"),
        ("FEEDBACK_PRIVATE_WEBHOOKS", "yes"),
        ("FEEDBACK_SECURITY_CONTACT", "somebody"),
        ("FEEDBACK_SECURITY_CONTACT", "http://feedback.example"),
        ("FEEDBACK_SECURITY_CONTACT", "a@b\nContact: c@d"),
        ("FEEDBACK_METRICS_TOKEN", "too short"),
        ("FEEDBACK_METRICS_TOKEN", "with spaces in all of it"),
        ("FEEDBACK_LOG", "xml"),
        ("FEEDBACK_HSTS", "preload"),
        ("FEEDBACK_DATABSE_URL", "sqlite://"),
    ],
)
def test_wrong_setting_is_refused_in_one_line(tmp_path, name, value):
    with pytest.raises(ConfigError) as refused:
        read(tmp_path, **{name: value})
    assert "FEEDBACK_" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_postgresql_url_gets_its_driver(tmp_path):
    found = read(tmp_path, FEEDBACK_DATABASE_URL="postgresql://us:pass@db.example/feedback").database_url
    assert found == "postgresql+psycopg://us:pass@db.example/feedback"


def test_wrong_setting_ends_the_command(tmp_path):
    said = subprocess.run(
        [Path(sys.executable).with_name("feedback"), "serve"],
        env={"FEEDBACK_SIGN_UP": "yes", "FEEDBACK_INSTANCE": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert said.returncode == 1
    assert said.stderr == "Error: FEEDBACK_SIGN_UP must be closed or open, not 'yes'\n"
