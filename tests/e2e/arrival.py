"""How a message came, as the delivered copy tells it."""
import re

_PAIR = re.compile(r"\b(origin|client|source|line|helo)=(\S+)")


class Arrival:
    """mail: a Mail of dovecot.py. results: {"spf": "pass", ...}, of MAIL FROM
    where SPF has two, the first of several otherwise; origin, client, source,
    helo: strings, None = not said; line: 0 = no Received was believed."""

    def __init__(self, mail, mailbox):
        self.mail, self.mailbox = mail, mailbox
        self.results, said = {}, {}
        for method, word in re.findall(
                r"; (\w+)=(\w+)(?!(?: \([^()]*\))? smtp\.helo=)",
                re.sub(r" \(authres: .*", "", mail.authres)):
            self.results.setdefault(method, word)
        comments = re.findall(r"\(authres: ((?:[^()\\]|\\.)*)\)",
                              mail.authres)
        for comment in comments:
            if not comment.startswith("reason="):
                said.update(_PAIR.findall(comment))
        self.origin = said.get("origin")
        self.client, self.source = said.get("client"), said.get("source")
        self.line, self.helo = int(said.get("line", 0)), said.get("helo")
        self.reason = "".join(c[7:] for c in comments
                              if c.startswith("reason="))

    def received(self):
        """The Received line that was believed, unfolded; None without."""
        lines = self.mail.fields("Received")
        return lines[self.line - 1] if self.line > 0 else None

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
