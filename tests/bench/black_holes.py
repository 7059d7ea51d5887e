"""What good mail waits for while an MTA also delivers mail of domains whose
DNS servers never answer. A real Postfix delivers to two Dovecots by a transport
each, with its own 20 connections; only one of them gets such mail. Good mail
goes to both by turns, so that what else the machine does befalls both alike.
Then they change places."""
import ctypes
import os
import select
import smtplib
import statistics
import threading
import time

import message
import pair
from dovecot import MAIL_UID
from host import CLIENT, OTHER, OURS
from postfix import Postfix
from programs import NotInstalled

PER_MINUTE = 100
# A message of a dead domain keeps a connection for seconds: until there are as
# many under way as there will be.
STEADY_SECS = 12
PAIRS_PER_SEC = 4
DNS_MSECS = 20
# of good mail's domains: answers that are known, and those nobody asked for
KINDS = ("known", "new")
IN_MOVED_TO = 0x80
MAIN = """
transport_maps = texthash:/etc/postfix/transport
smtpd_client_connection_count_limit = 0
"""
TRANSPORTS = ("lmtp-first", "lmtp-second")


class Arrivals:
    """Tells when mail arrives in a user's INBOX."""

    def __init__(self, user):
        libc = ctypes.CDLL(None)
        self._fd = libc.inotify_init1(os.O_NONBLOCK)
        # mail with keywords begins in "cur"
        path = os.path.join(user.home, "Maildir", "cur")
        if libc.inotify_add_watch(self._fd, path.encode(), IN_MOVED_TO) < 0:
            raise OSError("inotify: " + path)

    def forget(self):
        while select.select([self._fd], [], [], 0)[0]:
            os.read(self._fd, 4096)

    def wait(self, secs):
        return bool(select.select([self._fd], [], [], secs)[0])

    def close(self):
        os.close(self._fd)


class BlackHoles(threading.Thread):
    """Mail to one site: no name of its domains is answered."""

    numbers = iter(range(1 << 30))

    def __init__(self, send, site):
        super().__init__(daemon=True)
        self._send, self._rcpt = send, site.users[1].address
        self._over = threading.Event()
        self.sent = 0

    def run(self):
        started = time.monotonic()
        while not self._over.is_set():
            domain = f"n{next(self.numbers)}.dead.example"
            self._send(message.message(f"a@{domain}"), self._rcpt,
                       f"b@{domain}", OTHER)
            self.sent += 1
            self._over.wait(max(0, started + self.sent * 60 / PER_MINUTE -
                                time.monotonic()))

    def end(self):
        self._over.set()
        self.join()


class Mails:
    """Good mail through Postfix, a site by its number."""

    def __init__(self, machine, dns, count):
        for address in OURS + (CLIENT, OTHER):
            machine.add_address(address)
        machine.add_user("vmail", MAIL_UID)
        self._send = machine.send
        self._numbers = iter(range(1 << 30))
        dns.add_zone("".join(
            f'{name}. IN TXT "v=spf1 ip4:{CLIENT} -all"\n'
            f'_dmarc.{name}. IN TXT "v=DMARC1; p=reject"\n'
            for name in map(self._domain, range(-1, count))))
        dns.silence("dead.example")
        dns.set_delay(DNS_MSECS)
        self.sites = [pair.Site(dns, True, settings={
            "authres_client_source": "received"}) for _ in TRANSPORTS]
        self.arrivals, lines = [], []
        for number, site in enumerate(self.sites):
            # one for good mail
            site.users = [site.dovecot.user(f"s{number}{name}")
                          for name in ("good", "other")]
            lines += [f"{user.address} {TRANSPORTS[number]}:inet:[127.0.0.1]:"
                      f"{site.dovecot.lmtp_port}\n" for user in site.users]
            with pair.Session(site) as session:
                session.send(pair.WARM_UP, [site.users[0].address])
            self.arrivals.append(Arrivals(site.users[0]))
        machine.write("/etc/postfix/transport", "".join(lines))
        self.postfix = Postfix(machine)
        self.postfix.use(MAIN, "".join(
            f"{name} unix - - n - - lmtp\n" for name in TRANSPORTS))

    @staticmethod
    def _domain(number):
        return f"n{number}.good.example" if number >= 0 else "good.example"

    def secs(self, number, kind):
        """Seconds from the MTA's reply until the message is in INBOX."""
        domain = self._domain(next(self._numbers) if kind == "new" else -1)
        arrivals = self.arrivals[number]
        arrivals.forget()
        with smtplib.SMTP(OURS[0], 25, "out." + domain, 30,
                          source_address=(CLIENT, 0)) as smtp:
            smtp.sendmail(f"b@{domain}", self.sites[number].users[0].address,
                          message.message(f"a@{domain}"))
            began = time.monotonic()
            if not arrivals.wait(30):
                raise AssertionError("no mail: " + "".join(
                    self.postfix.log_lines()[-20:] +
                    self.sites[number].dovecot.log_lines()[-40:]))
            return time.monotonic() - began

    def pairs(self, disturbed, count):
        """{kind: [(secs at this site, secs at the other)]}"""
        found = {kind: [] for kind in KINDS}
        began = time.monotonic()
        for i in range(count):
            kind = KINDS[i % len(KINDS)]
            taken = [0, 0]
            for number in ((0, 1) if i // len(KINDS) % 2 else (1, 0)):
                taken[number] = self.secs(number, kind)
            found[kind].append((taken[disturbed], taken[1 - disturbed]))
            time.sleep(max(0, began + (i + 1) / PAIRS_PER_SEC -
                           time.monotonic()))
        return found

    def black_holes(self, number):
        return BlackHoles(self._send, self.sites[number])

    def check(self):
        """All good mail passed."""
        for site in self.sites:
            passed = [mail for mail in site.users[0].mails()
                      if "dmarc=pass" in mail.authres]
            total = len(site.users[0].files())
            if len(passed) != total - 1:
                raise AssertionError(f"{len(passed)} of {total - 1} passed")

    def close(self):
        self.postfix.close()
        for arrivals, site in zip(self.arrivals, self.sites):
            arrivals.close()
            site.close()


class Found:
    """secs: {kind: [(disturbed, undisturbed)]}; before: the same without any
    black hole; sent: black holes."""

    def __init__(self):
        self.secs = {kind: [] for kind in KINDS}
        self.before = {kind: [] for kind in KINDS}
        self.sent = 0

    @staticmethod
    def medians(rows):
        """(ms at the first, ms at the second, their ratio)"""
        first, second = (statistics.median(column) * 1000
                         for column in zip(*rows))
        return first, second, first / second


def measure(machine, dns, quick):
    """Returns Found."""
    if "postfix" in machine.missing:
        raise NotInstalled(machine.missing["postfix"])
    count = 4 if quick else 80
    found, mails = Found(), Mails(machine, dns, 8 * count)
    try:
        mails.pairs(0, 2)
        for disturbed in (0, 1):
            for kind, rows in mails.pairs(disturbed, count // 2).items():
                found.before[kind] += rows
            load = mails.black_holes(disturbed)
            load.start()
            time.sleep(1 if quick else STEADY_SECS)
            for kind, rows in mails.pairs(disturbed, count).items():
                found.secs[kind] += rows
            load.end()
            found.sent += load.sent
        mails.check()
    finally:
        mails.close()
        dns.set_delay(0)
    return found
