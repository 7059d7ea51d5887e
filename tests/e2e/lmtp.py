"""An LMTP client (RFC 2033) that lets a test see every reply."""
import collections
import re
import socket

import patience


class Reply(collections.namedtuple("Reply", "code enhanced text")):
    """code 250, enhanced "2.0.0" (or ""), text: all of it."""

    def __str__(self):
        return f"{self.code} {self.text}"


class Lmtp:
    """where: path of a UNIX socket, or (address, port). source: address to
    come from. Several transactions may follow each other; use it in a with
    statement."""

    def __init__(self, where, lhlo="mx.example", timeout=None, source=None):
        family = socket.AF_UNIX if isinstance(where, str) else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(timeout or patience.secs(45))
        if source is not None:
            self.socket.bind((source, 0))
        self.socket.connect(where)
        self.file = self.socket.makefile("rb")
        self.greeting = self.reply()
        self.name = lhlo
        if lhlo is not None:
            self.lhlo_reply = self.command("LHLO " + lhlo)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.file.close()
        self.socket.close()

    def quit(self):
        reply = self.command("QUIT")
        self.close()
        return reply

    def reply(self):
        lines = []
        while True:
            line = self.file.readline()
            if not line:
                raise ConnectionError("the LMTP server closed the connection")
            line = line.decode("utf-8", "replace").rstrip("\r\n")
            lines.append(line[4:])
            if line[3:4] != "-":
                break
        enhanced = re.match(r"[245]\.\d+\.\d+", lines[-1])
        return Reply(int(line[:3]), enhanced.group() if enhanced else "",
                     "\n".join(lines))

    def command(self, line):
        self.socket.sendall(line.encode() + b"\r\n")
        return self.reply()

    def xclient(self, **parameters):
        """xclient(addr="192.0.2.1", helo="mx.example.org"); the server expects
        LHLO again."""
        words = " ".join(f"{k.upper()}={v}" for k, v in parameters.items())
        reply = self.command("XCLIENT " + words)
        if reply.code == 220:
            self.command("LHLO " + self.name)
        return reply

    def envelope(self, mail_from, rcpts, parameters=""):
        """Returns the replies to RCPT; raises if MAIL FROM is refused."""
        reply = self.command(f"MAIL FROM:<{mail_from}>" + parameters)
        if reply.code != 250:
            raise AssertionError(f"MAIL FROM: {reply}")
        return [self.command(f"RCPT TO:<{rcpt}>") for rcpt in rcpts]

    def data(self, message, count=1, bdat=None):
        """Send the message, return one reply for each of count recipients.
        bdat: with BDAT, which leaves every byte as it is; by default only
        where DATA would not."""
        if bdat is None:
            bdat = not message.endswith(b"\r\n") or \
                re.search(rb"(?<!\r)\n|\0", message) is not None
        if bdat:
            self.socket.sendall(b"BDAT %d LAST\r\n" % len(message))
            self.socket.sendall(message)
        else:
            reply = self.command("DATA")
            if reply.code != 354:
                return [reply] * count
            self.socket.sendall(re.sub(rb"(\A|\n)\.", rb"\1..", message))
            self.socket.sendall(b".\r\n")
        return [self.reply() for _ in range(count)]

    def deliver(self, mail_from, rcpts, message, bdat=None):
        """A whole transaction. Returns one reply per recipient, in order; that
        of RCPT for the refused ones."""
        if isinstance(rcpts, str):
            rcpts = [rcpts]
        replies = self.envelope(mail_from, rcpts)
        accepted = [i for i, r in enumerate(replies) if r.code == 250]
        if accepted:
            answers = self.data(message, len(accepted), bdat)
            for i, answer in zip(accepted, answers):
                replies[i] = answer
        else:
            self.command("RSET")
        return replies
