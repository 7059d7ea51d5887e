"""CPU that authres adds to a delivery."""
import statistics

import pair
from pair import NAMES


def median(values):
    return statistics.median(values)


def spread(values):
    """Half of the distance between the quartiles."""
    if len(values) < 2:
        return 0
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return (high - low) / 2


class Pass:
    """CPU of a pass over mails, in ms per message."""

    def __init__(self, cpu, count):
        self.msecs = {name: 1000 * cpu[name].secs / count for name in NAMES}
        self.total = sum(self.msecs.values())
        self.ticks = {name: (cpu[name].user_ticks, cpu[name].system_ticks)
                      for name in NAMES}


class Rows:
    """The passes of one kind: with and without, cold and warm."""

    def __init__(self):
        self.passes, self.walls = [], []

    def add(self, secs, cpu):
        self.passes.append(Pass(cpu, len(secs)))
        self.walls.append(median(secs) * 1000)

    def of(self, name):
        """ms per message of each pass: (whole, user, system). The kernel
        samples user and system in ticks, so their shares are those of all
        passes together."""
        whole = [p.total if name == "all" else p.msecs[name]
                 for p in self.passes]
        names = NAMES if name == "all" else (name,)
        user = sum(p.ticks[n][0] for p in self.passes for n in names)
        system = sum(p.ticks[n][1] for p in self.passes for n in names)
        share = user / (user + system) if user + system else 0
        return whole, median(whole) * share, median(whole) * (1 - share)


KINDS = ("without cold", "with cold", "without warm", "with warm")


def measure(with_, without, mails, count):
    """{kind: Rows} of count pairs."""
    rows = {kind: Rows() for kind in KINDS}
    for _ in range(count):
        for site in (with_, without):
            site.restart()
        for state in ("cold", "warm"):
            for site in (with_, without):
                site.new_users()
            results = pair.deliver([with_, without], mails)
            for who, result in zip(("with", "without"), results):
                rows[f"{who} {state}"].add(*result)
    return rows


def print_rows(rows):
    print(f"{'CPU ms per message':22}{'median':>8}{'spread':>8}{'user':>8}"
          f"{'system':>8}")
    for kind in KINDS:
        for name in NAMES + ("all",):
            whole, user, system = rows[kind].of(name)
            if any(whole):
                print(f"{kind + ' ' + name:22}{median(whole):8.3f}"
                      f"{spread(whole):8.3f}{user:8.3f}{system:8.3f}")
    for state in ("cold", "warm"):
        for name in NAMES + ("all",):
            with_, without = (rows[f"{who} {state}"].of(name)
                              for who in ("with", "without"))
            added = [a - b for a, b in zip(with_[0], without[0])]
            user, system = with_[1] - without[1], with_[2] - without[2]
            print(f"{'added ' + state + ' ' + name:22}{median(added):8.3f}"
                  f"{spread(added):8.3f}{user:8.3f}{system:8.3f}")
    print("wall ms, median: " + ", ".join(
        f"{kind} {median(rows[kind].walls):.2f}" for kind in KINDS))


def added(rows, state):
    """ms of CPU added to a message: the median of the pairs."""
    return median([a - b for a, b in zip(rows[f"with {state}"].of("all")[0],
                                         rows[f"without {state}"].of("all")[0])
                   ])


def measure_warm(with_, without, mails, deliveries, count):
    """{kind: Rows} of count pairs of so many deliveries of mails in turns,
    when all of DNS is known."""
    rows = {kind: Rows() for kind in KINDS}
    sites = [with_, without]
    for site in sites:
        site.new_users()
    pair.deliver(sites, mails * 3)
    for _ in range(count):
        for site in sites:
            site.new_users()
        results = pair.deliver(
            sites, [mails[i % len(mails)] for i in range(deliveries)])
        for who, result in zip(("with", "without"), results):
            rows[f"{who} warm"].add(*result)
    return rows
