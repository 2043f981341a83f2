"""Which addresses our server may send to."""

import pytest

from feedback.webhooks.targets import Target, is_public, target_of


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "2002:808:808::1"]
)
def test_public_address_is_allowed(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "::1", "0.0.0.0", "::", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1",  # noqa: S104
        "169.254.169.254", "fe80::1", "fe80::1%2", "fd00::1", "fec0::1", "224.0.0.1", "239.1.1.1", "ff02::1",
        "ff0e::1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "2001:db8::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1",
        "2002:7f00:1::1", "2002:a00:1::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)  # fmt: skip
def test_private_address_is_refused(address):
    assert not is_public(address)


@pytest.mark.parametrize("text", ["feedback.example", "", "8.8.8", "08.8.8.8"])
def test_non_ip_text_is_refused(text):
    with pytest.raises(ValueError, match="does not appear to be"):
        is_public(text)


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://crm.example", ("https", "crm.example", 443, "/")),
        ("HTTPS://CRM.example:8443/in?key=1#top", ("https", "crm.example", 8443, "/in?key=1")),
        ("https://[2606:4700::1111]/in", ("https", "2606:4700::1111", 443, "/in")),
        ("https://crm.example?key=1", ("https", "crm.example", 443, "/?key=1")),
    ],
)
def test_url_is_parsed_into_target(url, parts):
    assert target_of(url, private=False) == Target(*parts)


def test_http_is_allowed_only_inside_network():
    assert target_of("http://crm.local/in", private=True) == Target("http", "crm.local", 80, "/in")
    with pytest.raises(ValueError, match="https"):
        target_of("http://crm.local/in", private=False)
