"""Which plugins are loaded when and where, who hears of a delivery, and a
Dovecot proxy in front."""
import json
import os

import fake_verifier
import message
from case import needs_authres
from dovecot import MAIL_UID, PASSWORD, wait_for

FORGED = message.message(extra=[
    "X-Verdict: dmarc=fail policy=none",
    "Authentication-Results: mx.example; dmarc=pass"])


def assert_tagged(user, mailbox="INBOX"):
    mail = user.only_mail(mailbox)
    fields = mail.fields("Authentication-Results")
    assert len(fields) == 1 and "dmarc=fail" in fields[0], fields
    assert "$AuthFail" in mail.keywords
    return mail


@needs_authres
def test_harmless_where_nothing_is_delivered(t):
    dovecot = fake_verifier.dovecot(t, plugins="authres")
    user = dovecot.user()
    errors = dovecot.mark("error")
    assert dovecot.deliver(FORGED, user).code == 250
    assert_tagged(user)
    client = user.imap()
    assert client.append("INBOX", None, None, FORGED)[0] == "OK"
    client.logout()
    appended = [m for m in user.mails() if m.data == FORGED]
    assert len(appended) == 1 and "$AuthFail" not in appended[0].keywords
    for command in (["fetch", "-u", user.name, "uid", "all"],
                    ["index", "-u", user.name, "INBOX"],
                    ["index", "-q", "-u", user.name, "INBOX"],
                    ["mailbox", "status", "-u", user.name, "all", "*"]):
        done = dovecot.doveadm(*command, check=True)
        assert "rror" not in done.stderr, done.stderr
    assert dovecot.log_lines("error")[errors:] == []


@needs_authres
def test_sieve_loaded_after_us(t):
    # One process (service_count=0, client_limit=1): the second user's
    # mail_plugins loads Sieve, which then has set its hook last.
    dovecot = fake_verifier.dovecot(
        t, config="service lmtp {\n  process_limit = 1\n}\n")
    one = dovecot.user()
    assert dovecot.deliver(FORGED, one).code == 250
    assert_tagged(one)
    for _ in range(2):
        two = dovecot.user(mail_plugins="authres,sieve")
        path = os.path.join(dovecot.passwd_dir, two.name)
        two.sieve('require ["fileinto", "mailbox"]; '
                  'fileinto :create "Work";\n')
        assert dovecot.deliver(FORGED, two).code == 250
        stored, = two.files()
        assert "/.Work/" in stored
        with open(stored, "rb") as f:
            data = f.read()
        assert data.startswith(b"Authentication-Results: mx.example;")
        assert data.count(b"Authentication-Results:") == 1
    three = dovecot.user()
    assert dovecot.deliver(FORGED, three).code == 250
    assert_tagged(three)


@needs_authres
def test_loaded_for_one_user_only(t):
    # No configuration names the plugin: the first connection was there before
    # it was loaded.
    dovecot = fake_verifier.dovecot(
        t, authres=False, config="service lmtp {\n  process_limit = 1\n}\n")
    for _ in range(2):
        without = dovecot.user()
        users = [dovecot.user(mail_plugins="authres") for _ in range(2)]
        replies = dovecot.deliver(FORGED, [users[0], without, users[1]])
        assert [r.code for r in replies] == [250] * 3, replies
        said = dovecot.verifier.last().arguments
        assert said["protocol"] == "lmtp" and ":R" not in said["session_id"]
        for user in users:
            assert_tagged(user)
        assert "$AuthFail" not in without.only_mail().keywords


EVENTS = """
event_exporter log {
  format = json
  format_args = time-rfc3339
  transport = log
}
metric authres_messages {
  filter = event=authres_message_finished AND category=authres
  group_by = dmarc disposition
  exporter = log
  exporter_include = name fields
}
metric authres_checks {
  filter = event=authres_check_finished
  group_by = method result
  exporter = log
  exporter_include = name fields
}
"""


def documented_fields():
    """{event: set of fields} of doc/events.md"""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                        "..", "..", "doc", "events.md")
    found, event = {}, None
    with open(path, encoding="utf-8") as f:
        for line in f:
            if line.startswith("## "):
                event = found.setdefault(line[3:].strip(), set())
            elif event is not None and line.startswith("| ") and \
                    not line.startswith("| field"):
                event |= set(line.split("|")[1].replace(",", " ").split())
    return found


@needs_authres
def test_events(t):
    dovecot = fake_verifier.dovecot(t, config=EVENTS)
    users = [dovecot.user(), dovecot.user()]
    dovecot.deliver(message.message(
        extra=["X-Verdict: dmarc=fail policy=quarantine dns_questions=3",
               "Authentication-Results: mx.example; x=y"]), users)
    dovecot.deliver(message.message(), users[0])

    def count(name):
        done = dovecot.doveadm("-f", "json", "stats", "dump", check=True)
        for row in json.loads(done.stdout):
            if row["metric_name"] == name:
                return int(row["count"])
        return 0
    assert count("authres_messages") == 3
    assert count("authres_messages_fail_junk") == 2
    assert count("authres_messages_pass_keep") == 1
    # once per message
    assert count("authres_checks_dmarc_fail") == 1
    assert count("authres_checks_dmarc_pass") == 1

    def exported():
        found = [json.loads(line[line.index("{"):])
                 for line in dovecot.log_lines() if '{"event":' in line]
        return len(found) == 9 and found
    events = wait_for(exported, "exported events")
    documented = documented_fields()
    inherited = {"user", "session", "protocol", "mail_from", "rcpt_to",
                 "remote_ip", "remote_port", "remote_pid", "remote_uid",
                 "duration", "transaction_id", "connection_id",
                 "reason_code",
                 # of Dovecot 2.4
                 "remote_gid", "net_in_bytes", "net_out_bytes", "service"}
    for event in events:
        added = {name for name in event["fields"]
                 if not name.startswith(("message_", "rcpt_", "mail_"))}
        added -= inherited
        unknown = added - documented[event["event"]]
        assert not unknown, (event["event"], unknown)
    first = [e for e in events if e["event"] == "authres_message_finished"][0]
    said = first["fields"]
    for name, value in dict(
            dmarc="fail", policy="quarantine", disposition="junk",
            override_reason="none", author_domain="example.org",
            mailbox="Junk", spf="pass", dkim="none", client_ip="192.0.2.1",
            client_source="received", origin="external", dns_questions=3,
            forged_fields=1).items():
        assert said[name] == value, (name, said)
    assert said["verifier_msecs"] < 5000 and "error" not in said


@needs_authres
def test_one_info_line_per_message_and_recipient(t):
    dovecot = fake_verifier.dovecot(t)
    users = [dovecot.user(), dovecot.user(authres_mode="tag")]
    mark = dovecot.mark()
    dovecot.deliver(message.message(extra=[
        "X-Verdict: dmarc=fail policy=quarantine"]), users)
    for user in users:
        dovecot.wait_log(rf"lmtp\({user.name}\).*authres: .*dmarc=fail",
                         since=mark)
    lines = [line for line in dovecot.log_lines()[mark:] if "authres: " in line]
    assert len(lines) == 2, lines
    assert "-> Junk" in lines[0] and "-> INBOX" in lines[1], lines


@needs_authres
def test_behind_a_proxy(t):
    backend = fake_verifier.dovecot(t)
    user, second = backend.user(), backend.user()
    proxy = t.dovecot(dns=None, authres=False,
                      config="lmtp_proxy = yes\n")
    for name in (user.name, second.name):
        with open(os.path.join(proxy.passwd_dir, name), "w") as f:
            f.write(f"{name}:{PASSWORD}:{MAIL_UID}:{MAIL_UID}::/tmp::"
                    f"proxy=y host=127.0.0.1 port={backend.lmtp_port} "
                    "nopassword=y\n")
    with proxy.lmtp(tcp=True) as session:
        replies = session.deliver("alice@example.org",
                                  [user.address, second.address], FORGED)
    assert [r.code for r in replies] == [250, 250], replies
    assert_tagged(user)
    assert_tagged(second)
