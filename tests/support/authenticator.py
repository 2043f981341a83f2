"""A device with passkeys, in plain Python: what a browser would send (WebAuthn level 2)."""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One passkey, and a counter that counts its uses. Copy it, and there are two."""

    origin: str = "http://localhost"
    credential_id: bytes = b"a passkey of ours"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    handle: bytes = b""
    count: int = 0

    def make(self, options: dict) -> str:
        """Return what the browser says when a passkey is made."""
        self.handle = raw(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        x, y = (each.to_bytes(32) for each in (numbers.x, numbers.y))
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        attested = bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id + cose
        data = self._data(options["rp"]["id"], PRESENT | VERIFIED | ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        said = self._said("webauthn.create", options["challenge"])
        return self._reply({"clientDataJSON": text(said), "attestationObject": text(attestation)})

    def show(self, options: dict, flags: int = PRESENT | VERIFIED) -> str:
        """Return what the browser says when the passkey is used."""
        self.count += 1
        data, said = self._data(options["rpId"], flags), self._said("webauthn.get", options["challenge"])
        signed = self.key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(SHA256()))
        parts = {
            "clientDataJSON": said,
            "authenticatorData": data,
            "signature": signed,
            "userHandle": self.handle,
        }
        return self._reply({name: text(part) for name, part in parts.items()})

    def _data(self, rp_id: str, flags: int) -> bytes:
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _said(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _reply(self, response: dict) -> str:
        found = text(self.credential_id)
        return json.dumps(
            {
                "id": found,
                "rawId": found,
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {},
            }
        )
