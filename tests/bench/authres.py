"""What authres costs beyond its CPU: time, DNS questions, deliveries a second,
recipients, memory. Always against a Dovecot without it, in turns."""
import collections
import os
import shutil
import statistics
import subprocess
import threading

import others
import pair
import programs
import sandbox
import verifier

LARGE_COUNT = 20
MANY_CONNECTIONS = 4


def wall(with_, without, mails, average=statistics.mean):
    """ms that a message takes longer with authres. The few large ones are left
    out: what they take has to do with CPU."""
    for site in (with_, without):
        site.new_users()
    taken = [result[0] for result in pair.deliver([with_, without], mails)]
    return average([a - b for a, b, mail in zip(*taken, mails)
                    if len(mail.data) < 1 << 20]) * 1000


def kind_of(name, mails_helo):
    """What a DNS question is for."""
    name, kind = name
    if name in mails_helo:
        return "HELO"
    if "._domainkey." in name:
        return "DKIM, ARC"
    if name.startswith("_dmarc."):
        return "DMARC" if name.count(".") > 1 else "walk"
    return "SPF" if kind == "TXT" else "other"


MAX_PASSES = 8


def walls_and_questions(with_, without, corpus, dns):
    """{"cold", "second", "cached": (ms added, {kind: questions per
    message})} for the first message of each domain, at WALL_DELAY_MSECS of
    DNS: when nothing is known, when the same mail comes again, and when each
    process of the verifier knows all."""
    first = corpus.first
    helo = {mail.helo for mail in first}
    for site in (with_, without):
        site.restart()
    dns.set_delay(others.WALL_DELAY_MSECS)
    found = {}

    def asked():
        kinds = collections.Counter(kind_of(name, helo)
                                    for name in dns.take()
                                    if "warm-up" not in name[0])
        return {kind: count / len(first) for kind, count in kinds.items()}
    for state in ("cold", "second"):
        dns.forget()
        msecs = wall(with_, without, first)
        found[state] = msecs, asked()
    for _ in range(MAX_PASSES):
        msecs = wall(with_, without, first, statistics.median)
        questions = asked()
        found["cached"] = msecs, questions
        if not questions:
            break
    dns.set_delay(0)
    return found


def questions_of_many(site, mails, dns, connections):
    """(cold, second time): questions per message when mail comes on so many
    connections, so that all processes of the verifier take part."""
    site.restart()
    site.new_users()
    load, found = Load(mails), []
    for _ in range(2):
        dns.forget()
        load.run(site, connections, len(mails))
        found.append(len(dns.take()) / len(mails))
    load.close()
    return found


class Load:
    """Deliveries a second by the program lmtp-load."""

    def __init__(self, mails):
        self._directory = sandbox.temporary_directory("load")
        self._list = others.write_list(self._directory, mails, stuffed=True)
        self._program = programs.program("lmtp-load", "-lpthread")

    def run(self, site, connections, deliveries, rcpts=1):
        """(deliveries a second, mean ms of one); rcpts: recipients of
        each."""
        users = os.path.join(self._directory, "users")
        names = [user.address for user in site.users]
        with open(users, "w", encoding="ascii") as f:
            for i in range(0, len(names) - rcpts + 1, rcpts):
                f.write(" ".join(names[i:i + rcpts]) + "\n")
        done = subprocess.run(
            [self._program, str(site.dovecot.lmtp_port), str(connections),
             str(deliveries), users, self._list], check=True,
            capture_output=True, text=True, timeout=300)
        secs, sum_secs = map(float, done.stdout.split())
        return deliveries / secs, sum_secs * 1000 / deliveries

    def close(self):
        shutil.rmtree(self._directory)


def throughput(with_, without, mails, connections, deliveries, pairs,
               rcpts=1):
    """(deliveries a second with, without, their ratio: medians of the pairs,
    ms of one delivery with, without)"""
    load = Load(mails)
    rates, msecs = ([], []), ([], [])
    users = max(pair.USERS, connections) * rcpts
    for site in (with_, without):
        site.new_users(users)
        load.run(site, connections, min(deliveries, 2 * connections + 20),
                 rcpts)
    for i in range(pairs):
        for number in (0, 1) if i % 2 else (1, 0):
            site = (with_, without)[number]
            site.new_users(users)
            rate, taken = load.run(site, connections, deliveries, rcpts)
            rates[number].append(rate)
            msecs[number].append(taken)
    load.close()
    return (statistics.median(rates[0]), statistics.median(rates[1]),
            statistics.median(a / b for a, b in zip(*rates)),
            statistics.median(msecs[0]), statistics.median(msecs[1]))


def verifications(site):
    """How many messages the verifier processes have judged."""
    return sum(int(s["requests"]) for s in statuses(site.dovecot).values())


def statuses(dovecot):
    """{process id: its status}: all of them are found, as each connection
    is taken by one that is free."""
    wanted, found, held = set(dovecot.processes("authres")), {}, []
    try:
        for _ in range(200):
            connection = verifier.Connection(dovecot)
            held.append(connection)
            status = connection.status()
            found[int(status["pid"])] = status
            if wanted <= set(found):
                return found
        raise AssertionError(f"verifier: {wanted} have not all answered")
    finally:
        for connection in held:
            connection.close()


def recipients(site, mail, dns, count=5):
    """(verifications, hard links, DNS questions) of a message to so many."""
    site.restart()
    site.new_users(count)
    before = verifications(site)
    dns.forget()
    with pair.Session(site) as session:
        session.send(mail, [user.address for user in site.users])
    asked = [name for name in dns.take() if "warm-up" not in name[0]]
    message_id = mail.data[mail.data.index(b"Message-ID:"):].split(b"\r\n")[0]
    links = set()
    for _, path in site.mails():
        with open(path, "rb") as f:
            if message_id in f.read():
                links.add(os.stat(path).st_nlink)
    return verifications(site) - before, min(links), len(asked)


def _grown(processes, run):
    """run(); returns how far each process's memory was above what it was
    before, at its peak. processes: {process id: name}."""
    before = {}
    for pid in processes:
        with open(f"/proc/{pid}/clear_refs", "w") as f:
            f.write("5")
        before[pid] = pair.rss_bytes(pid, "VmHWM")
    run()
    grown = collections.defaultdict(int)
    for pid, name in processes.items():
        grown[name] = max(grown[name], pair.rss_bytes(pid, "VmHWM") -
                          before[pid])
    return grown


def memory_of_large(site, corpus):
    """{"lmtp", "authres": bytes that large mail adds to a process at its
    peak}, after mail of 20 KB."""
    small, large = (corpus.fixed[size] for size in sorted(corpus.fixed)[1:])
    site.new_users()
    with pair.Session(site) as session:
        def send(mails, count):
            for i in range(count):
                session.send(mails[i % len(mails)],
                             [site.users[i % len(site.users)].address])
        send(small, 40)
        processes = {pid: name for pid, name in site.processes().items()
                     if name != "other"}
        return _grown(processes, lambda: send(large, LARGE_COUNT))


def many_domains_zone(count):
    """A zone in which each of count domains has SPF and DMARC records."""
    return "".join(
        f'm{i}.many.example. IN TXT "v=spf1 ip4:203.0.115.1 -all"\n'
        f'_dmarc.m{i}.many.example. IN TXT "v=DMARC1; p=none"\n'
        for i in range(count))


def many_domains(site, count):
    """Memory of the largest verifier process before and after mail of so many
    different domains, which the verifier gets without delivery."""
    site.restart()
    errors = []

    def ask(first):
        try:
            connection = verifier.Connection(site.dovecot, timeout=60)
            for i in range(first, count, MANY_CONNECTIONS):
                domain = f"m{i}.many.example"
                results, verdict = connection.verify(
                    f"From: a@{domain}\r\nSubject: {i}\r\n\r\nx\r\n".encode(),
                    mail_from=f"a@{domain}", argument_ip="203.0.115.1")
                if results is None:
                    raise AssertionError(f"verifier: {verdict}")
            connection.close()
        except Exception as e:
            errors.append(e)
    statuses(site.dovecot)
    before = _largest(site)
    threads = [threading.Thread(target=ask, args=(i,))
               for i in range(MANY_CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return before, _largest(site)


def _largest(site):
    return max(pair.rss_bytes(pid)
               for pid in site.dovecot.processes("authres"))
