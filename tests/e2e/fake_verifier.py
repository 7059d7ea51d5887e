"""A verifier that says what a test wants, so that delivery can be tested apart
from the checks: wrong, late, cut short, or simply a given verdict.

It takes the place of the service's socket (src/results/verdict-wire.h).
"""
import os
import re
import socket
import threading
import time

VERSION = b"VERSION\tauthres-verifier\t1\t0\n"
SETTINGS_MODULE = "/usr/lib/dovecot/modules/settings/libauthres_settings.so"


def config():
    """Configuration without which Dovecot has the socket itself."""
    if not os.path.exists(SETTINGS_MODULE):
        return ""
    return ("service authres {\n  process_min_avail = 0\n"
            "  unix_listener authres {\n    mode = 0\n  }\n"
            "  unix_listener authres-delivery {\n    mode = 0\n  }\n}\n")


def dovecot(t, own=False, **options):
    """t.dovecot() or t.own_dovecot() with a FakeVerifier as .verifier"""
    options["config"] = config() + options.get("config", "")
    options.setdefault("dns", None)
    found = (t.own_dovecot if own else t.dovecot)(**options)
    if not hasattr(found, "verifier"):
        found.verifier = FakeVerifier(os.path.join(found.base_dir, "authres"))
    return found


def verdict(dmarc="pass", policy="none", author_domain="example.org",
            spf="pass", dkim="none", reason=None, **more):
    """Lines of an answer. more: further values of VERDICT."""
    dmarc_reason = f"\treason={reason}" if reason else ""
    values = dict(dmarc=dmarc, policy=policy, override="none",
                  author_domain=author_domain, origin="external",
                  client_source="received", client_ip="192.0.2.1")
    values.update(more)
    return (f"RESULT\tdmarc\t{dmarc}{dmarc_reason}"
            f"\theader.from={author_domain}\tpolicy.dmarc={policy}\n"
            f"RESULT\tspf\t{spf}\tsmtp.mailfrom={author_domain}\n"
            f"RESULT\tdkim\t{dkim}\n"
            "VERDICT\t" + "\t".join(f"{k}={v}" for k, v in values.items()) +
            "\n").encode()


class Request:
    """arguments: of the VERIFY line. message: bytes."""

    def __init__(self, arguments, message):
        self.arguments, self.message = arguments, message


class FakeVerifier:
    """Answers what the field X-Verdict of a message says, such as
    "X-Verdict: dmarc=fail policy=quarantine", else a pass. answer(request)
    returns bytes instead, or None to hang up. greeting: bytes, or None for
    silence, after greeting_delay_secs; delay_secs before the answer. keeps:
    connections stay for the next message. The next
    silent_connections get no greeting, the next closed_connections are
    closed."""

    def __init__(self, path):
        self.path = path
        self.requests = []
        self.connections = 0
        self.greeting = VERSION
        self.delay_secs = self.greeting_delay_secs = 0
        self.silent_connections = self.closed_connections = 0
        self.keeps = True
        self.answer = self.answer_of_field
        self._listener = None
        self._silent = []
        self.start()

    def start(self):
        if os.path.exists(self.path):
            os.unlink(self.path)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.path)
        os.chmod(self.path, 0o666)
        self._listener.listen(50)
        threading.Thread(target=self._accept, args=(self._listener,),
                         daemon=True).start()

    def stop(self):
        """As if it was not running."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        os.unlink(self.path)

    def last(self):
        return self.requests[-1]

    @staticmethod
    def answer_of_field(request):
        found = re.search(rb"(?im)^X-Verdict:(.*)$", request.message)
        words = found.group(1).decode().split() if found else []
        return verdict(**dict(word.split("=", 1) for word in words))

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            if self.closed_connections > 0:
                self.closed_connections -= 1
                connection.close()
                continue
            if self.silent_connections > 0:
                self.silent_connections -= 1
                self._silent.append(connection)
                continue
            threading.Thread(target=self._serve, args=(connection,),
                             daemon=True).start()

    def _serve(self, connection):
        with connection, connection.makefile("rb") as lines:
            try:
                time.sleep(self.greeting_delay_secs)
                if self.greeting is not None:
                    connection.sendall(self.greeting)
                while self._request(connection, lines):
                    pass
            except OSError:
                pass

    def _request(self, connection, lines):
        line = lines.readline()
        if line.startswith(b"VERSION"):
            line = lines.readline()
        if not line.startswith(b"VERIFY\t"):
            return False
        arguments = dict(
            word.split("=", 1) for word in
            line.decode("utf-8", "replace").rstrip("\n").split("\t")[1:])
        chunks = []
        while True:
            size = int(lines.readline() or -1)
            if size <= 0:
                break
            chunks.append(lines.read(size))
        if size < 0:
            return False
        request = Request(arguments, b"".join(chunks))
        self.requests.append(request)
        answer = self.answer(request)
        if self.delay_secs:
            time.sleep(self.delay_secs)
        if answer is None:
            return False
        connection.sendall(answer)
        return self.keeps
