"""Sample messages, DKIM signatures (RFC 6376, RFC 8463) and ARC (RFC 8617).

Written from the RFCs and on purpose not from src/: what this signs must verify
there.
"""
import base64
import email.utils
import hashlib
import os
import re
import time

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data")


def message(author="Alice <alice@example.org>", body="Hello.\r\n", *,
            to="Bob <bob@mx.example>", subject="Test",
            message_id="<1@example.org>", extra=()):
    """A plain message with CRLF lines. extra: header fields, strings without
    line end, put on top in that order. Returns bytes."""
    fields = list(extra) + [
        "From: " + author, "To: " + to, "Subject: " + subject,
        "Date: Sun, 22 Nov 2026 12:00:00 +0000", "Message-ID: " + message_id,
        "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8"]
    if isinstance(body, str):
        body = body.encode()
    return "".join(f + "\r\n" for f in fields).encode() + b"\r\n" + body


def received(client_ip, helo, rdns="unknown", by="mx.example",
             with_="ESMTP", rcpt="bob@mx.example", age=None, id="4XyZ1t0Qz6z9sT"):
    """The field a Postfix at the border writes; age seconds ago, negative: in
    the future."""
    date = "Sun, 22 Nov 2026 12:00:00 +0000" if age is None else \
        email.utils.formatdate(time.time() - age)
    literal = "IPv6:" + client_ip if ":" in client_ip else client_ip
    return (f"Received: from {helo} ({rdns} [{literal}])\r\n"
            f"\tby {by} (Postfix) with {with_} id {id}\r\n"
            f"\tfor <{rcpt}>; {date} (UTC)")


class Key:
    """A signing key. algorithm: rsa or ed25519."""

    def __init__(self, algorithm="rsa", bits=2048, pem_name=None):
        self.algorithm = algorithm
        if pem_name:
            with open(os.path.join(DATA, pem_name), "rb") as f:
                self.private = serialization.load_pem_private_key(
                    f.read(), None)
        elif algorithm == "rsa":
            self.private = rsa.generate_private_key(65537, bits)
        else:
            self.private = ed25519.Ed25519PrivateKey.generate()

    def public_base64(self):
        form = serialization.PublicFormat
        encoding = serialization.Encoding
        public = self.private.public_key()
        if self.algorithm == "rsa":
            der = public.public_bytes(encoding.DER,
                                      form.SubjectPublicKeyInfo)
        else:
            der = public.public_bytes(encoding.Raw, form.Raw)
        return base64.b64encode(der).decode()

    def record(self, selector, domain, tags=""):
        """The line of a zone file that publishes it."""
        text = f"v=DKIM1; k={self.algorithm}; {tags}p={self.public_base64()}"
        parts = " ".join(f'"{text[i:i + 250]}"'
                         for i in range(0, len(text), 250))
        return f"{selector}._domainkey.{domain}. IN TXT {parts}\n"

    def sign(self, data):
        if self.algorithm == "rsa":
            return self.private.sign(data, padding.PKCS1v15(),
                                     hashes.SHA256())
        # RFC 8463 section 3: Ed25519 signs the SHA-256 hash
        return self.private.sign(hashlib.sha256(data).digest())


RSA = Key(pem_name="rsa2048.pem")
ED25519 = Key("ed25519", pem_name="ed25519.pem")


def split_message(data):
    """Returns ([whole fields, bytes with line end], body)."""
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator:
        head, body = data, b""
    fields = re.findall(rb"[^\r\n][^\r\n]*(?:\r\n[ \t][^\r\n]*)*",
                        head)
    return [f + b"\r\n" for f in fields], body


def _canon_field(field, relaxed):
    if not relaxed:
        return field
    name, _, value = field.partition(b":")
    value = value.replace(b"\r\n", b"")
    value = re.sub(rb"[ \t]+", b" ", value).strip(b" ")
    return name.strip(b" \t").lower() + b":" + value + b"\r\n"


def _canon_body(body, relaxed):
    if relaxed:
        body = re.sub(rb"[ \t]{2,}|\t", b" ", body)
        body = body.replace(b" \r\n", b"\r\n")
        body = body[:-1] if body.endswith(b" ") else body
    end = len(body)
    while body[max(0, end - 2):end] == b"\r\n":
        end -= 2
    body = body[:end]
    if body:
        return body + b"\r\n"
    return b"" if relaxed else b"\r\n"


def dkim_sign(data, domain, selector="s1", key=RSA, *,
              canon="relaxed/relaxed",
              headers=("From", "To", "Subject", "Date", "Message-ID"),
              tags="", length=None):
    """data with a DKIM-Signature on top. tags: more tags, as "t=1; x=2; ".
    length: octets of the canonical body to sign, written as l=."""
    header_canon, _, body_canon = canon.partition("/")
    fields, body = split_message(data)
    body = _canon_body(body, body_canon == "relaxed")
    if length is not None:
        body, tags = body[:length], tags + f"l={length}; "
    unsigned = (
        f"DKIM-Signature: v=1; a={key.algorithm}-sha256; c={canon};\r\n"
        f"\td={domain}; s={selector}; {tags}h={':'.join(headers)};\r\n"
        f"\tbh={_body_hash(body)};\r\n\tb=").encode()
    relaxed = header_canon == "relaxed"
    return _signed(unsigned, selected(fields, headers, relaxed), key,
                   relaxed) + data


def _body_hash(canonical):
    return base64.b64encode(hashlib.sha256(canonical).digest()).decode()


def selected(fields, names, relaxed):
    """The canonical fields that h= names."""
    signed, left = b"", list(fields)
    for name in names:
        # Several fields of one name are taken from the bottom up.
        for field in reversed(left):
            if field_name(field) == name.lower().encode():
                signed += _canon_field(field, relaxed)
                left.remove(field)
                break
    return signed


def field_name(field):
    return field.split(b":")[0].strip(b" \t").lower()


def _signed(unsigned, before, key, relaxed=True):
    """The signature field, whose value ends with an empty b=."""
    data = before + _canon_field(unsigned + b"\r\n", relaxed)[:-2]
    signature = base64.b64encode(key.sign(data)).decode()
    folded = "\r\n\t ".join(signature[i:i + 72]
                            for i in range(0, len(signature), 72))
    return unsigned + folded.encode() + b"\r\n"


def arc_seal(data, domain, results, selector="s1", key=RSA, *, cv=None,
             headers=("From", "To", "Subject", "Date", "Message-ID")):
    """data with the next ARC Set on top (RFC 8617 section 5.1). results: what
    stands behind "i=n; " of ARC-Authentication-Results."""
    fields, body = split_message(data)
    sets = [f for f in fields if field_name(f).startswith(b"arc-")]
    instance = len(sets) // 3 + 1
    algorithm = f"i={instance}; a={key.algorithm}-sha256"
    cv = cv or ("none" if instance == 1 else "pass")
    aar = f"ARC-Authentication-Results: i={instance}; {results}\r\n".encode()
    ams = _signed((
        f"ARC-Message-Signature: {algorithm}; c=relaxed/relaxed;\r\n"
        f"\td={domain}; s={selector}; h={':'.join(headers)};\r\n"
        f"\tbh={_body_hash(_canon_body(body, True))};\r\n\tb=").encode(),
        selected(fields, headers, True), key)
    # sets are on top of each other, each sealed as it was made: results,
    # message signature, seal
    before = b"".join(_canon_field(f, True) for f in reversed(sets))
    before += _canon_field(aar, True) + _canon_field(ams, True)
    seal = _signed((
        f"ARC-Seal: {algorithm}; t=1795348800; cv={cv};\r\n"
        f"\td={domain}; s={selector};\r\n\tb=").encode(), before, key)
    return seal + ams + aar + data
