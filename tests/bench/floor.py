"""The floor: bare OpenSSL on the same messages (floor.c)."""
import base64
import os
import re
import struct
import subprocess

import message
import programs
import sandbox

_SIGNATURES = (b"dkim-signature", b"arc-message-signature", b"arc-seal")


def _tags(field):
    value = re.sub(rb"\s+", b"", field.partition(b":")[2])
    return dict(t.split(b"=", 1) for t in value.split(b";") if t)


def _item(data):
    return struct.pack("=I", len(data)) + data


def _number(n):
    return _item(struct.pack("=I", n))


def signatures(data):
    """[(name of the key, hash of the body or b"", fields, signature)] of all
    signatures, ARC's as well."""
    fields, _ = message.split_message(data)
    sets = [f for f in fields if message.field_name(f).startswith(b"arc-")]
    found = []
    for field in fields:
        name = message.field_name(field)
        if name not in _SIGNATURES:
            continue
        tags = _tags(field)
        own = re.sub(rb"(;\s*b=)[^;]*", rb"\1", field, flags=re.S)
        own = own.rstrip(b"\r\n")
        if name == b"arc-seal":
            i = int(tags[b"i"])
            older = [f for f in sets if int(_instance(f)) < i]
            mine = [f for f in sets if int(_instance(f)) == i]
            signed = b"".join(reversed(older)) + mine[2] + mine[1]
            body = b""
        else:
            signed = message.selected(
                fields, tags[b"h"].decode().split(":"), False)
            body = base64.b64decode(tags[b"bh"])
        key = f"{tags[b's'].decode()}._domainkey.{tags[b'd'].decode()}"
        found.append((key, body, signed + own,
                      base64.b64decode(tags[b"b"])))
    return found


def _instance(field):
    return re.search(rb"\bi=(\d+)", field).group(1)


def _keys(zone):
    """{name: DER, or the 32 bytes of ed25519}"""
    return {name: base64.b64decode(re.search(
        r"p=(\S*)", data.replace('" "', "").replace('"', "")).group(1))
        for name, data in re.findall(
            r'(?m)^(\S+\._domainkey\.\S+)\. IN TXT (.*)$', zone)}


class Floor:
    """For each set of mails: seconds of CPU for a round, and how many
    signatures verify."""

    def __init__(self, zone):
        self._keys = _keys(zone)
        self._numbers = {name: i for i, name in enumerate(self._keys)}
        self._program = programs.program("floor", "-lcrypto")

    def msecs(self, mails):
        """(ms of CPU per message in the best round, signatures that
        verified)"""
        size = sum(len(mail.data) for mail in mails)
        rounds = max(5, min(500, (20 << 20) // size))
        path = os.path.join(sandbox.temporary_directory("floor"), "mails")
        with open(path, "wb") as f:
            f.write(_number(len(self._keys)))
            f.writelines(_item(key) for key in self._keys.values())
            for mail in mails:
                found = signatures(mail.data)
                f.write(_item(message.split_message(mail.data)[1]))
                f.write(_number(len(found)))
                for key, body, fields, signature in found:
                    f.write(_number(self._numbers[key]) + _item(body) +
                            _item(fields) + _item(signature))
        done = subprocess.run([self._program, str(rounds), path], check=True,
                              capture_output=True, text=True)
        os.unlink(path)
        lines = [line.split() for line in done.stdout.splitlines()]
        return (min(float(secs) for secs, _ in lines) * 1000 / len(mails),
                int(lines[0][1]))


def expected(mails):
    """How many signatures of mails verify: those of DKIM that pass, and two
    of each ARC set."""
    return sum(mail.expected["dkim"].split().count("pass") +
               2 * (mail.expected["arc"] == "pass") for mail in mails)
