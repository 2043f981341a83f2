"""A real HTTP server in a thread, which can speak TLS; and its certificate."""

import ssl
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Self

HOST = "receiver.example"  # of the certificate
# Made for these tests, valid for a hundred years, trusted by nobody else.
CERTIFICATE = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg+5Z/vRTAPCwQNrwp
QJJauy7pQjn0yhGV3BSlxaCh392hRANCAATZ60e2129ToWl8ZlABzHMn/b5gau8X
iVq0pvTwMsD0QkqkeF0fnYoWgTHZmuB00lovy8T41XMmNsGzIY2FUowC
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBhTCCASygAwIBAgIBATAKBggqhkjOPQQDAjAbMRkwFwYDVQQDDBByZWNlaXZl
ci5leGFtcGxlMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAbMRkw
FwYDVQQDDBByZWNlaXZlci5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
QgAE2etHttdvU6FpfGZQAcxzJ/2+YGrvF4latKb08DLA9EJKpHhdH52KFoEx2Zrg
dNJaL8vE+NVzJjbBsyGNhVKMAqNfMF0wGwYDVR0RBBQwEoIQcmVjZWl2ZXIuZXhh
bXBsZTAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwIChDAdBgNVHQ4EFgQU
B+Y4tQ2QJGxfv3xS8b0tiGfNaYMwCgYIKoZIzj0EAwIDRwAwRAIgE9Mrx8sfXskd
jbF6txXR8tRTdsOmGnBQeII36iv/VjgCIGNqVTBuxxmqX3n6dPsI0ApKoWQeRW+/
fLDYZqNt09Jn
-----END CERTIFICATE-----
"""


class LocalServer(ThreadingHTTPServer):
    """A server on a free port of this machine, while a test goes on."""

    daemon_threads = True

    def with_certificate(self, folder: Path, certificate: str = CERTIFICATE) -> Path:
        """Speak TLS from now on; return the file with the certificate to trust."""
        path = folder / "server.pem"
        path.write_text(certificate)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        return path

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore errors: a client that hangs up is expected."""

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
