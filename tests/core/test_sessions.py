"""How a browser is called in words."""

import pytest

from feedback.core.sessions import device_label

LIKE = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) {}"


@pytest.mark.parametrize(
    ("user_agent", "label"),
    [
        (LIKE.format("Linux; Android 15; Pixel 9", "Chrome/131.0 Mobile Safari/537.36"), "Chrome on Android"),
        (LIKE.format("iPhone; CPU iPhone OS 18_1 like Mac OS X", "Version/18.1 Safari/604.1"), "Safari on iPhone"),
        (LIKE.format("iPhone; CPU iPhone OS 18_1 like Mac OS X", "CriOS/131 Safari/604.1"), "Chrome on iPhone"),
        (LIKE.format("Windows NT 10.0; Win64; x64", "Chrome/131.0 Safari/537.36 Edg/131.0"), "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox on Mac"),
        (LIKE.format("Linux; Android 14", "SamsungBrowser/26.0 Chrome/122.0 Safari/537"), "Samsung Internet on Android"),
        ("curl/8.5.0", "A browser"),
        ("", "A browser"),
    ],
)  # fmt: skip
def test_device_is_named_in_words(user_agent, label):
    assert device_label(user_agent) == label
