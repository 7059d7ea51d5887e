"""What the MTA is told is what is stored, also when Dovecot is reloaded or
stopped while a message waits for its verdict."""
import threading

import message
from case import needs_authres, time_limit
from dovecot import wait_for


class Delivery(threading.Thread):
    """One transaction; told is one code for each user, None = nothing."""

    def __init__(self, dovecot, users, domain):
        super().__init__()
        self.dovecot, self.users, self.domain = dovecot, users, domain
        self.told = [None] * len(users)

    def run(self):
        field = message.received("192.0.2.41", "out.example")
        data = (field + "\r\n").encode() + message.message(f"a@{self.domain}")
        try:
            self.told = [r.code for r in self.dovecot.deliver(
                data, self.users, f"a@{self.domain}")]
        except (OSError, ConnectionError):
            pass


def interrupted(t, dovecot, interrupt, count=4):
    """Of count transactions that wait for DNS none may store anything that
    nobody is told of. Returns what was told."""
    mark = t.dns.mark()
    deliveries = []
    for _ in range(count):
        users = [dovecot.user() for _ in range(3)]
        domain = t.domain()
        t.dns.add_zone(f"_dmarc.{domain}. TIMEOUT\n")
        deliveries.append(Delivery(dovecot, users, domain))
        deliveries[-1].start()
    wait_for(lambda: all(any(d.domain in q.name for q in t.dns.questions(mark))
                         for d in deliveries), "all messages wait for DNS")
    interrupt()
    for delivery in deliveries:
        delivery.join()
    for delivery in deliveries:
        assert 250 not in delivery.told, delivery.told
        for user in delivery.users:
            assert user.files() == [], (delivery.told, user.files())
    return [code for d in deliveries for code in d.told]


@needs_authres
@time_limit(120)
def test_reload_while_messages_wait(t):
    dovecot = t.own_dovecot(settings={"authres_timeout": "20s"})
    for _ in range(2):
        told = interrupted(t, dovecot, lambda: dovecot.doveadm("reload"))
        assert set(told) <= {451, None}, told
    user = dovecot.user()
    wait_for(lambda: deliver(dovecot, user), "Dovecot is there again")
    user.only_mail()


@needs_authres
@time_limit(120)
def test_stop_while_messages_wait(t):
    dovecot = t.own_dovecot(settings={"authres_timeout": "20s"})
    told = interrupted(t, dovecot, dovecot.stop)
    assert set(told) <= {421, 451, None}, told
    dovecot.start()


def deliver(dovecot, user):
    try:
        return dovecot.deliver(message.message(), user).code == 250
    except (OSError, ConnectionError):
        return False
