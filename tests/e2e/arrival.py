"""How a message came, as the delivered copy tells it."""
import re

_PAIR = re.compile(r"\b(origin|client|source|received|by|helo)=(\S+)")


class Arrival:
    """mail: a Mail of dovecot.py. results: {"spf": "pass", ...}, of MAIL FROM
    where SPF has two, the first of several otherwise; origin, by, helo:
    strings, None = not said; client: "unknown" if not said; source: "received"
    if a Received field is named, "none" without a client; received: 0 = no
    Received was believed."""

    def __init__(self, mail, mailbox):
        self.mail, self.mailbox = mail, mailbox
        self.results = {}
        for method, word in re.findall(
                r"; (\w+)=(\w+)(?!(?: \([^()]*\))? smtp\.helo=)",
                re.sub(r" \(authres: .*", "", mail.authres)):
            self.results.setdefault(method, word)
        comment = re.search(r" \(authres: ([^()\\;\"]*)\)$", mail.authres)
        text = comment.group(1) if comment else ""
        self.reason = text.partition(" reason=")[2]
        self.note = text.partition(" note=")[2]
        said = dict(_PAIR.findall(re.split(" (?:note|reason|upstream)=",
                                           text)[0]))
        self.origin, self.by = said.get("origin"), said.get("by")
        self.client = said.get("client", "unknown")
        self.received, self.helo = int(said.get("received", 0)), said.get("helo")
        self.source = said.get("source", "received" if self.received else "none")

    def received_field(self):
        """The Received field that was believed, unfolded; None without."""
        lines = self.mail.fields("Received")
        return lines[self.received - 1] if self.received > 0 else None

    def check(self, mailbox="INBOX", **expected):
        """The results and attributes named; spf=None: no such result."""
        said = {name: self.results.get(name)
                if name in ("spf", "dmarc", "dkim", "auth")
                else getattr(self, name) for name in expected}
        said["mailbox"] = self.mailbox
        if said != dict(expected, mailbox=mailbox):
            raise AssertionError(
                f"{said}\n{self.mail.authres}\n" +
                "\n".join(self.mail.fields("Received")))
        return self


def arrival(user):
    """Of the one message of user, once it is there."""
    return Arrival(*user.wait_mail())
