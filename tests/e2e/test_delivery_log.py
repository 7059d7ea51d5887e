"""authres_log: which messages get their line, and that statistics count all."""
import json
import re

import message
from case import needs_authres
from dovecot import wait_for


def zone(t):
    """A domain that fails, and the same with p=none below it."""
    domain = t.domain()
    t.dns.add_zone(f'{domain}. TXT "v=spf1 ip4:192.0.2.31 -all"\n'
                   f'_dmarc.{domain}. TXT "v=DMARC1; p=quarantine"\n'
                   f'none.{domain}. TXT "v=spf1 -all"\n'
                   f'_dmarc.none.{domain}. TXT "v=DMARC1; p=none"\n'
                   f'slow.{domain}. SERVFAIL\n_dmarc.slow.{domain}. SERVFAIL\n')
    return domain


# (client, subdomain, the line of authres_log=failures)
CASES = (("192.0.2.31", "", None),
         ("203.0.113.9", "", "dmarc=fail p=quarantine"),
         ("203.0.113.9", "none.", "dmarc=fail p=none"),
         ("203.0.113.9", "slow.", "dmarc=temperror"))


@needs_authres
def test_which_messages_are_logged(t):
    dovecot = t.dovecot()
    domain = zone(t)
    for value in ("all", "failures", "none"):
        user = dovecot.user(authres_log=value)
        for client, sub, failure in CASES:
            mark = dovecot.mark()
            name = sub + domain
            data = message.message(f"a@{name}", extra=[
                message.received(client, "client.example")])
            assert dovecot.deliver(data, user, f"a@{name}").code == 250
            # Our line comes after Dovecot's own, and a process writes its
            # lines in order: all are there when it tells of the session's end.
            saved = dovecot.wait_log(rf"\({user.name}\).*: saved mail to",
                                     since=mark)
            pid = re.search(r"<(\d+)>", saved).group(1)
            wait_for(lambda: f"lmtp({pid}): Info: Disconnect" in
                     "".join(dovecot.log_lines()).partition(saved)[2],
                     "the session's end in the log")
            lines = [line for line in dovecot.log_lines()[mark:]
                     if "authres: " in line]
            wanted = value == "all" or (value == "failures" and failure)
            assert len(lines) == (1 if wanted else 0), (value, lines)
            if wanted and failure:
                assert failure in lines[0], lines


METRICS = """
metric authres_all {
  filter = event=authres_message_finished
}
"""


@needs_authres
def test_statistics_count_what_is_not_logged(t):
    dovecot = t.dovecot(config=METRICS)
    domain = zone(t)
    user = dovecot.user(authres_log="none")
    data = message.message(f"a@{domain}", extra=[
        message.received("203.0.113.9", "client.example")])
    assert dovecot.deliver(data, user, f"a@{domain}").code == 250

    def counted():
        done = dovecot.doveadm("-f", "json", "stats", "dump", check=True)
        return [int(row["count"]) for row in json.loads(done.stdout)
                if row["metric_name"] == "authres_all"] == [1]
    wait_for(counted, "the message is counted")
    assert not [line for line in dovecot.log_lines() if "authres: " in line]
