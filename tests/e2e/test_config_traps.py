"""doveadm authres config finds by itself what real sites stumble over. A row: a
configuration, the mail that came in, and what it says."""
import message
from case import needs_authres, time_limit
from dovecot import IS_24
from test_doveadm_config import report

HOUR = "mail of the last hour"
CLIENT = "192.0.2.77"
# config waits for so many
ENOUGH = 6
BY = "authres_trusted_hosts"
LOOPBACK = "127.0.0.0/8 ::1 "


def line(text):
    return "Received: " + text + "; Sun, 22 Nov 2026 12:00:00 +0000"


def by_postfix(ip, helo="out.example", name="mx.example (Postfix)"):
    return line(f"from {helo} (unknown [{ip}])\r\n\tby {name} with ESMTP id 4XyZ")


def junk(*mailboxes):
    """A namespace with these mailboxes: (name, special use, auto)"""
    return "namespace inbox {\n" + "".join(
        f"  mailbox {name} {{\n    special_use = {use}\n    auto = {auto}\n  }}\n"
        for name, use, auto in mailboxes) + "}\n"


# configuration, lines of each message or its sender; what is said: (topic,
# state, text)
TRAFFIC = [
    ("sound", {}, dict(lines=[by_postfix(CLIENT)]),
     (HOUR, "ok", "clients were found")),
    ("Postfix under another name", {},
     dict(lines=[by_postfix(CLIENT, name="mx.example (Postcow)")]),
     (HOUR, "ok", "clients were found")),
    ("the name after by is not listed", {},
     dict(lines=[line("from gate.example by gw.example.org (Foo) with ESMTP")]),
     (HOUR, "warning", "by gw.example.org (Foo) with ESMTP. See")),
    ("the reason is escaped", {},
     dict(lines=[line("from x by gw.example.org (\u00e4\x1b[2J) with ESMTP")]),
     (HOUR, "warning", "by gw.example.org (")),
    ("rootless container", {}, dict(lines=[by_postfix("127.0.0.1")]),
     (HOUR, "warning", "port proxy hides who sent it")),
    ("NAT", {}, dict(lines=[by_postfix("172.18.0.1")]),
     (HOUR, "warning", "private address, so NAT or a proxy hides the real")),
    ("NAT, IPv6", {}, dict(lines=[by_postfix("fd00::1")]),
     (HOUR, "warning", "private address, so NAT or a proxy hides the real")),
    ("an MTA of ours is not listed", {},
     dict(lines=[by_postfix("203.0.113.5", "mx2.example"),
                 by_postfix(CLIENT, name="mx2.example (Postfix)")]),
     (HOUR, "warning", "came from 203.0.113.5, which passes on mail for "
      "others")),
    ("a filter with sendmail(1)", {},
     dict(lines=[line("by mx.example (Postfix, from userid 110) id 1")]),
     (HOUR, "warning", "authres_filter_users")),
    ("SRS of our own, another domain", {},
     dict(lines=[by_postfix(CLIENT)],
          mail_from="SRS0=Hx2k=7V=example.org=a@srs.example.net"),
     (HOUR, "warning", "SRS rewrote to srs.example.net")),
    ("SRS of our own, listed", {BY: LOOPBACK + "mx.example srs.example.net"},
     dict(lines=[by_postfix(CLIENT)],
          mail_from="SRS0=Hx2k=7V=example.org=a@srs.example.net"),
     (HOUR, "ok", "clients were found")),
    ("XCLIENT configured, nobody says it",
     {"authres_client_source": "xclient"}, dict(lines=[by_postfix(CLIENT)]),
     (HOUR, "warning", "XCLIENT")),
    ("XCLIENT from the same host", {"authres_client_source": "xclient"},
     dict(lines=[], xclient=dict(ADDR="127.0.0.1")), (HOUR, "ok", "clients were found")),
]


def send(dovecot, user, lines, mail_from="a@example.org", xclient=None):
    mail = message.message("a@example.org", extra=lines)
    for _ in range(ENOUGH):
        reply = dovecot.deliver(mail, user, mail_from, xclient=xclient)
        assert reply.code == 250, reply


@needs_authres
@time_limit(240)
def test_traps_that_mail_shows(t):
    for name, settings, mail, (topic, state, text) in TRAFFIC:
        # one process has seen it all
        dovecot = t.own_dovecot(settings=settings, config="service authres {\n"
                                "  process_min_avail = 1\n"
                                "  process_limit = 1\n}\n")
        rows, _ = report(dovecot)
        assert rows[HOUR][0][:2] == ("info", "0"), (name, rows[HOUR])
        send(dovecot, dovecot.user(), **mail)

        rows, _ = report(dovecot)
        assert [row for row in rows[topic]
                if row[0] == state and text in row[2]], (name, rows[topic])
        if state == "ok":
            assert [row[0] for row in rows[HOUR]] == ["ok"], (name, rows)
        t.end()


@needs_authres
@time_limit(120)
def test_a_stranger_who_sends_much(t):
    """31 messages of one host: its address is named only if it passes on mail
    of others, and then with what it calls itself."""
    for lines, warned in (
            ([by_postfix("203.0.113.5", "evil.example")], False),
            ([by_postfix("203.0.113.5", "mx2.example"),
              by_postfix(CLIENT, name="mx2.example (Postfix)")], True)):
        dovecot = t.own_dovecot(config="service authres {\n"
                                "  process_min_avail = 1\n"
                                "  process_limit = 1\n}\n")
        user = dovecot.user()
        for _ in range(6):
            send(dovecot, user, lines)
        if warned:
            log = dovecot.wait_log("messages of the last hour came from",
                                   "error")
            assert "203.0.113.5 (HELO mx2.example, name in DNS: unknown)" in \
                log, log
        else:
            dovecot.stop()
            log = "".join(dovecot.log_lines("error"))
            assert "203.0.113.5" not in log, log
        t.end()


PROXY = "proxy::nowhere"
CONFIGURATION = [
    ("no full name", dict(settings={"authres_authserv_id": "mail"}),
     ("authres_authserv_id", "warning", "mail is not a full host name")),
    ("the name of a container",
     dict(settings={"authres_authserv_id": "3f2a9c1b7d55.lan"}),
     ("authres_authserv_id", "warning", "gets anew each time")),
    ("no name", dict(settings={BY: "127.0.0.0/8"}),
     (BY, "error", "no host name is listed")),
    ("a private network", dict(settings={BY: "mx.example 172.22.1.0/24"}),
     (BY, "info", "container proxy")),
    ("an SRS domain", dict(settings={BY: LOOPBACK + "mx.example.fr"}),
     ("srs", "info", "If SRS uses another domain")),
    ("XCLIENT is not accepted",
     dict(settings={"authres_client_source": "xclient"}, login_trusted=""),
     ("authres_client_source", "error", "XCLIENT is not accepted")),
    ("Sieve redirect by sendmail(1)", dict(sieve=True),
     ("sieve redirect", "info", "submission_host = your MTA")),
    ("Sieve redirect, sound", dict(
        sieve=True, config="submission_host = 127.0.0.1:25\n"),
     ("sieve redirect", "ok", "as the first delivery was")),
    ("Sieve redirect, another name",
     dict(sieve=True, config="hostname = imap.example\n", settings={
         BY: LOOPBACK + "mx.example", "authres_authserv_id": "mx.example"}),
     ("sieve redirect", "warning", "authres_trusted_hosts lacks it")),
    ("Sieve redirect, no line", dict(
        sieve=True, config="lmtp_add_received_header = no\n"),
     ("lmtp_add_received_header", "warning", "no line of the first")),
    ("one Junk", dict(config=junk(("Spam", r"\Junk", "no"))),
     ("authres_junk_mailbox", "ok", "Spam, made when it is needed")),
    ("several, auto", dict(config=junk(("Spam", r"\Junk", "no"), (
        "Bulk", r"\Junk", "subscribe"))),
     ("authres_junk_mailbox", "info", "Mail goes to Bulk, since")),
    ("several, none auto", dict(config=junk(("Spam", r"\Junk", "no"), (
        "Bulk", r"\Junk", "no"))),
     ("authres_junk_mailbox", "info", "else to the first that exists")),
    ("no Junk", {}, ("authres_junk_mailbox", "info", "no mailbox of the "
                     "configuration has this special use")),
    ("special use unknown",
     dict(settings={"authres_junk_mailbox": r"\Spam"}),
     ("authres_junk_mailbox", "error", r"Did you mean \Junk?")),
    ("INBOX", dict(settings={"authres_junk_mailbox": "INBOX"}),
     ("authres_junk_mailbox", "error", "stays in INBOX")),
    ("a name that cannot be", dict(
        config="namespace inbox {\n  separator = /\n}\n",
        settings={"authres_junk_mailbox": "Spam//x"}),
     ("authres_junk_mailbox", "error", "has an empty level")),
    ("a prefix of another server", dict(
        config="namespace inbox {\n  separator = .\n  prefix = INBOX.\n}\n",
        settings={"authres_junk_mailbox": "INBOX/Junk"}),
     ("authres_junk_mailbox", "error", 'has "/"')),
    ("no right", dict(
        config="namespace all {\n  separator = /\n  prefix = all/\n"
               "  type = public\n  location = maildir:/nonexistent\n}\n"
               "namespace inbox {\n  separator = /\n}\n",
        settings={"authres_junk_mailbox": "all/Junk"}),
     ("authres_junk_mailbox", "error", "not private")),
    ("no Trash", {}, ("trash", "info", "a usual name")),
    ("Trash", dict(config=junk(("Bin", r"\Trash", "no"))),
     ("trash", "ok", "teaches nothing")),
    ("policies forgotten", dict(settings={"authres_stale_policy": "0"}),
     ("authres_stale_policy", "warning", "forgotten")),
    ("dict unknown", dict(settings={"authres_dict": PROXY}),
     ("authres_dict", "error", "no dict of this name")),
    ("nobody sees moves", dict(config="protocol imap {\n  mail_plugins =\n}\n"),
     ("authres_learn", "warning", "no move is seen")),
    ("names that do not answer", dict(
        settings={"authres_temperror_action": "keep"}),
     ("authres_temperror_action", "warning", "escape every policy")),
    ("LMTP proxy", dict(config="protocol lmtp {\n  lmtp_proxy = yes\n}\n"),
     ("lmtp_proxy", "info", "judged there, not here")),
]
# 2.4 has these in another form, or not at all
CONFIGURATION_23 = [
    ("no dict", dict(settings={"authres_dict": ""}),
     ("authres_dict", "error", "no dict to keep")),
]


@needs_authres
@time_limit(240)
def test_traps_of_the_configuration(t):
    dovecot = t.dovecot()
    for name, options, (topic, state, text) in CONFIGURATION + (
            [] if IS_24 else CONFIGURATION_23):
        rows, code = report(dovecot, dovecot.config_for(**options))
        assert [row for row in rows.get(topic, ())
                if row[0] == state and text in row[2]], \
            (name, rows.get(topic), rows)
        wrong = [row for found in rows.values() for row in found
                 if row[0] == "error"]
        # what one row is about breaks nothing else
        assert len(wrong) == (state == "error"), (name, wrong)
        assert (code == 78) == bool(wrong), (name, code)


@needs_authres
def test_plugins_from_a_file(t):
    if IS_24:
        t.skip("2.4 takes no list of plugins from a file")
    path = t.directory() + "/plugins"
    # file, what is added; state
    for text, added, states in (("acl", "", []), ("acl", " authres", []),
                                ("acl\n", "", ["error"]),
                                ("acl\n", " authres", ["error"])):
        with open(path, "w") as f:
            f.write(text)
        config = t.dovecot().config_for(
            config=f"protocol lmtp {{\n  mail_plugins = <{path}\n}}\n"
            f"protocol lmtp {{\n  mail_plugins = $mail_plugins{added}\n}}\n")
        rows, _ = report(t.dovecot(), config)
        assert [row[0] for row in rows.get("mail_plugins", ())] == states, rows
        found = rows["mail_plugins of lmtp"][0]
        assert ("authres" in found[1]) == bool(added), found
