"""How the cost grows: a table and a plot for each series."""
import imaplib
import os
import shutil
import statistics
import subprocess
import time

import authres
import corpus
import cpu
import floor
import others
import pair
from dovecot import MAIL_UID, PASSWORD

KB, MB = 1 << 10, 1 << 20
PLOT = """set terminal pngcairo size 800,500 font "sans,11"
set output "{png}"
set title "{title}"
set xlabel "{x}"
set ylabel "{y}"
set key below
set grid
{scale}
plot {curves}
"""


def gnuplot():
    """Its path, or None. Unpacked, it has not got the name that its package
    gives it when it is installed."""
    return shutil.which("gnuplot") or shutil.which("gnuplot-nox")


class Series:
    """measure() yields (x, a number for each of columns) after each
    other."""

    name = title = x = ""
    y = "ms"
    columns = ()
    scale = "set yrange [0:*]"

    def __init__(self, bench, args):
        self.bench, self.args = bench, args
        self.rows = {}
        self.mail = corpus.Corpus(args.seed + 7, 1, 1, self.name,
                                  fixed_sizes=())

    def values(self):
        """All x, or for --quick the first two."""
        return self.xs[:2] if self.args.quick else self.xs

    def publish(self):
        """The zone knows the domains of self.mail."""
        self.bench.dns.add_zone(self.mail.zone)

    def run(self):
        """Measures, and prints the rows as they come."""
        print(f"-- {self.title} --")
        heads = (self.x,) + self.columns
        widths = [max(12, len(head)) for head in heads]

        def line(cells):
            print("  ".join((f"{c:.3f}" if isinstance(c, float) else
                             str(c)).rjust(w)
                            for c, w in zip(cells, widths)), flush=True)
        line(heads)
        for x, ys in self.measure():
            self.rows[x] = ys
            line((x, *ys))

    def plot(self, directory):
        path = os.path.join(directory, self.name)
        with open(path + ".dat", "w", encoding="ascii") as f:
            for x, ys in self.rows.items():
                f.write(" ".join(map(str, (x, *ys))) + "\n")
        curves = ", ".join(
            f'"{path}.dat" using 1:{i} with linespoints lw 2 title "{c}"'
            for i, c in enumerate(self.columns, 2))
        done = subprocess.run(
            [gnuplot()], text=True, capture_output=True,
            input=PLOT.format(png=path + ".png", title=self.title, x=self.x,
                              y=self.y, scale=self.scale, curves=curves))
        if done.returncode != 0:
            return "no plot: " + done.stderr.strip()[-200:]
        return f"plot: {path}.png"


class _CpuSeries(Series):
    """CPU added to a delivery of mails, and the floor of it."""
    columns = ("authres", "floor")
    y = "CPU ms per message"

    def deliveries(self, x):
        return 4 if self.args.quick else 100

    def measure(self):
        mails = {x: self.mails(x) for x in self.values()}
        self.publish()
        floors = floor.Floor(self.mail.zone)
        for x, found in mails.items():
            rows = cpu.measure_warm(
                *self.bench.sites, found, self.deliveries(x),
                1 if self.args.quick else 3)
            yield x, (cpu.added(rows, "warm"), floors.msecs(found)[0])


class Body(_CpuSeries):
    name, title, x = "body", "Size of the body", "KB"
    xs = (2, 20, 200, 1024, 5 * 1024, 20 * 1024, 50 * 1024)
    scale = "set logscale xy"

    def deliveries(self, x):
        return 4 if self.args.quick else max(4, min(100, 20 * 1024 // x))

    def mails(self, x):
        return [self.mail.mail(self.mail.add_domain(x), "plain", x * KB, False)]


class Signatures(_CpuSeries):
    name, title, x = "signatures", "DKIM signatures", "signatures"
    xs = (1, 2, 5, 10, 15, 20)

    def mails(self, x):
        return [self.mail.mail(self.mail.add_domain(x), "plain", 20 * KB, False,
                               signatures=x)]


class ArcSets(_CpuSeries):
    name, title, x = "arc", "ARC sets", "sets"
    xs = (0, 1, 2, 5, 10, 20, 50)

    def mails(self, x):
        return [self.mail.mail(self.mail.add_domain(x),
                               "list" if x else "plain", 20 * KB, False,
                               sets=x)]


class Includes(Series):
    name, title, x = "includes", "Includes in SPF, one in the other", "includes"
    columns = ("wall ms added, cold at 20 ms", "longest chain",
               "wall ms added, warm")
    xs = tuple(range(11))
    repeats = 5

    def measure(self):
        count = 1 if self.args.quick else self.repeats
        mails = {x: [self.mail.mail(
            self.mail.add_domain(x * 100 + i, includes=x), "plain", 2 * KB,
            True) for i in range(count)] for x in self.values()}
        self.publish()
        dns, sites = self.bench.dns, self.bench.sites
        dns.set_delay(others.WALL_DELAY_MSECS)
        for x, found in mails.items():
            cold = authres.wall(*sites, found)
            # both processes of the verifier know it then
            pair.deliver(sites, found * 4)
            yield x, (cold, float(others.WALL_DELAY_MSECS * found[0].chain),
                      authres.wall(*sites, found * 4, statistics.median))
        dns.set_delay(0)


class Connections(Series):
    name, title, x = "connections", "Connections", "connections"
    y = "deliveries a second"
    columns = ("with authres", "without")
    xs = (1, 2, 4, 8, 16, 32, 64)
    scale = "set logscale x 2; set yrange [0:*]"

    def measure(self):
        for x in self.values():
            with_, without, *_ = authres.throughput(
                *self.bench.sites, self.bench.corpus.mails, x,
                4 if self.args.quick else 400, 1 if self.args.quick else 3)
            yield x, (with_, without)


class Recipients(Series):
    name, title, x = "recipients", "Recipients of a message", "recipients"
    y = "ms per message"
    columns = ("with authres", "without")
    xs = (1, 2, 5, 10, 20, 50)

    def measure(self):
        mails = self.bench.corpus.fixed[20 * KB]
        for x in self.values():
            *_, with_, without = authres.throughput(
                *self.bench.sites, mails, 1,
                4 if self.args.quick else max(40, 400 // x), 3, x)
            yield x, (with_, without)


class Mailbox(Series):
    """list and explain read what delivery wrote; a move is what a user does in
    a mail client, out of Junk."""
    name, title, x = "mailbox", "Messages in the mailbox", "messages"
    columns = ("list, first time", "list", "list of one day",
               "move with authres", "move without")
    scale = "set logscale xy"
    moves = 10

    @property
    def xs(self):
        return (1000, 10000, 100000) + \
            ((1000000,) if self.args.large else ())

    def values(self):
        return (50, 100) if self.args.quick else self.xs

    def measure(self):
        for x in self.values():
            with_, without = ([], [])
            for site, found in zip(self.bench.sites, (with_, without)):
                site.new_users(1)
                user = site.users[0]
                fill(user, x)
                if site.authres:
                    lists = [self._list(site, user, *more) for more in
                             ((), (), ("--since", "1d"))]
                found += self._moves(user)
            yield x, (*lists, statistics.median(with_),
                      statistics.median(without))

    @staticmethod
    def _list(site, user, *more):
        started = time.monotonic()
        done = subprocess.run(
            ["doveadm", "-c", site.dovecot.config_path, "authres", "list",
             "-u", user.name, *more], capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError("list: " + done.stderr)
        return (time.monotonic() - started) * 1000

    def _moves(self, user):
        client = imaplib.IMAP4("127.0.0.1", user.dovecot.imap_port, 600)
        client.login(user.name, PASSWORD)
        client.select("Junk")
        taken = []
        for uid in range(1, self.moves + 1):
            started = time.monotonic()
            kind, data = client.uid("MOVE", str(uid), "INBOX")
            taken.append((time.monotonic() - started) * 1000)
            if kind != "OK":
                raise AssertionError(f"MOVE: {data}")
        client.logout()
        return taken


RECENT = 20


def fill(user, count):
    """count messages in INBOX and as many in Junk, as delivery would have left
    them; one of a hundred failed. The last RECENT are of today, the others a
    month old."""
    home = os.path.join(user.home, "Maildir")
    now = int(time.time()) - 30 * 86400
    for folder, base in ((home, 0), (os.path.join(home, ".Junk"), 1)):
        for part in ("cur", "new", "tmp"):
            os.makedirs(os.path.join(folder, part), exist_ok=True)
        for i in range(count):
            fails = base or i % 100 == 0
            word = "fail" if fails else "pass"
            data = (
                "Authentication-Results: mx.example;\n"
                f"\tdmarc={word} (p=quarantine) header.from=d{i % 97}.example"
                f"{' policy.dmarc=quarantine' if fails else ''};\n"
                f"\tspf={word} smtp.mailfrom=a@d{i % 97}.example;\n"
                f"\tdkim={word} header.d=d{i % 97}.example header.s=s1\n"
                "\t(authres: client=203.0.113.1 source=xclient)\n"
                f"From: a@d{i % 97}.example\nTo: b@mx.example\n"
                f"Subject: message {i}\nMessage-ID: <{i}.{base}@x.example>\n"
                "Date: Sun, 01 Nov 2026 12:00:00 +0000\n\nHello.\n")
            path = os.path.join(folder, "cur",
                                f"{now}.M{i}P1.bench,S={len(data)}:2,")
            with open(path, "w", encoding="ascii") as f:
                f.write(data)
            if i < count - RECENT:
                os.utime(path, (now, now))
    subprocess.run(["chown", "-R", f"{MAIL_UID}:{MAIL_UID}", home], check=True)
    with open(os.path.join(home, "subscriptions"), "w") as f:
        f.write("Junk\n")


ALL = (Body, Signatures, Includes, ArcSets, Connections, Recipients, Mailbox)


def run(bench, args):
    names = None if args.series == "all" else args.series.split(",")
    why_no_plot = None
    if gnuplot() is None:
        why_no_plot = "no plots: gnuplot is not installed"
    else:
        os.makedirs(args.output, exist_ok=True)
    for kind in ALL:
        if names is not None and kind.name not in names:
            continue
        series = kind(bench, args)
        series.run()
        print(why_no_plot or series.plot(args.output), flush=True)
