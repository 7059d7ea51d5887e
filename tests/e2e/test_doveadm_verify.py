"""doveadm authres verify: rows, formats, offline DNS and clock, errors, and the
sandbox of the process that reads the message."""
import json
import os
import pwd
import re
import subprocess
import time

import message
import patience
from case import needs_authres, time_limit
from dovecot import wait_for

ZONE = message.RSA.record("s1", "example.org") + \
    message.ED25519.record("s2", "example.org") + \
    message.RSA.record("old", "example.org", "t=y; ") + """
$ORIGIN example.org.
@         TXT "v=spf1 ip4:192.0.2.0/25 -all"
_dmarc    TXT "v=DMARC1; p=reject"
sub       TXT "v=spf1 ~all"
dead      SERVFAIL
$ORIGIN example.net.
@         TXT "v=spf1 include:slow.example.net -all"
slow      TIMEOUT
_dmarc    TXT "v=DMARC1; p=quarantine; t=y"
$ORIGIN example.com.
@         TXT "v=spf1 ip4:192.0.2.1 -all"
_dmarc    TXT "v=DMARC1; p=none"
"""
COLUMNS = ["method", "result", "reason", "domain", "selector", "algorithm",
           "key_bits", "policy", "disposition", "override", "org_domain",
           "upstream"]
USUAL = ("--ip", "192.0.2.1", "--helo", "mx.example.org",
         "--mail-from", "alice@example.org")


class Verify:
    """A directory with a zone file, and the command."""

    def __init__(self, t, settings=None):
        self.t = t
        self.dovecot = t.dovecot(settings=settings or {})
        self.directory = t.directory("verify")
        self.zone = self.file("zone", ZONE.encode())

    def file(self, name, data):
        path = os.path.join(self.directory, name)
        with open(path, "wb") as f:
            f.write(data)
        return path

    def run(self, *arguments, form="json", stdin=None, zone=True):
        if zone:
            arguments = ("--zone", self.zone) + arguments
        return self.dovecot.doveadm("-f", form, "authres", "verify",
                                    *arguments, stdin=stdin)

    def rows(self, data, *arguments, zone=True):
        """Rows as dictionaries, without empty values."""
        done = self.run(*arguments, stdin=data, zone=zone)
        assert done.returncode == 0, done.stderr
        assert done.stderr == "", done.stderr
        rows = json.loads(done.stdout)
        assert all(list(row) == COLUMNS for row in rows), rows
        return [{k: v for k, v in row.items() if v} for row in rows]

    def row(self, data, method, *arguments, **options):
        return [row for row in self.rows(data, *arguments, **options)
                if row["method"] == method][0]


def signed(**options):
    data = message.message("alice@example.org")
    return message.dkim_sign(data, "example.org", **options)


@needs_authres
def test_every_column_of_a_pass(t):
    rows = Verify(t).rows(signed(), *USUAL)
    assert rows[0] == dict(
        method="dmarc", result="pass", domain="example.org", policy="reject",
        disposition="keep", org_domain="example.org"), rows
    assert dict(method="spf", result="pass", domain="example.org") in rows
    dkim = [r for r in rows if r["method"] == "dkim"]
    assert dkim == [dict(method="dkim", result="pass", domain="example.org",
                         selector="s1", algorithm="rsa-sha256",
                         key_bits="2048")], dkim


@needs_authres
def test_ed25519_key_bits(t):
    data = signed(selector="s2", key=message.ED25519)
    row = Verify(t).row(data, "dkim", *USUAL)
    assert (row["result"], row["algorithm"], row["key_bits"]) == \
        ("pass", "ed25519-sha256", "256"), row


@needs_authres
def test_domainkeys_are_named(t):
    """One sentence on standard error, and the same results as without."""
    verify = Verify(t)
    plain = signed()
    expected = verify.rows(plain, *USUAL)
    for value, of in (("a=rsa-sha1; q=dns; c=nofws;\r\n\ts=s1; "
                       "d=Old.example; b=AAAA", " of old.example"),
                      ("a=rsa-sha1; s=s1; d=<b>.example; b=AAAA", ""),
                      ("d=\x1b[31mred.example", ""),
                      ("", "")):
        data = f"DomainKey-Signature: {value}\r\n".encode() + plain
        for option in ((), ("--header",)):
            done = verify.run(*USUAL, *option, stdin=data)
            assert done.returncode == 0, done.stderr
            line, = done.stderr.splitlines()
            assert line.endswith(
                "authres verify: The message has an obsolete DomainKeys "
                f"signature{of}, which was not checked."), done.stderr
            assert "domainkeys" not in done.stdout.lower(), done.stdout
            if not option:
                rows = [{k: v for k, v in row.items() if v}
                        for row in json.loads(done.stdout)]
                assert rows == expected, rows


@needs_authres
def test_results_of_many_messages(t):
    verify = Verify(t)
    plain = message.message("alice@example.org")
    cases = [
        # message, arguments, method, expected
        (plain, ("--ip", "198.51.100.1", "--mail-from", "a@example.org"),
         "dmarc", dict(result="fail", policy="reject", disposition="junk")),
        (plain, ("--ip", "198.51.100.1", "--mail-from", "a@example.org"),
         "spf", dict(result="fail", domain="example.org")),
        (plain, ("--ip", "198.51.100.1", "--mail-from", "a@sub.example.org"),
         "spf", dict(result="softfail", domain="sub.example.org")),
        (plain, ("--ip", "198.51.100.1", "--mail-from", "<>", "--helo",
                 "example.org"),
         "spf", dict(result="fail", domain="example.org")),
        (plain, ("--ip", "192.0.2.1", "--mail-from", "<a@example.org>"),
         "dmarc", dict(result="pass", disposition="keep")),
        (plain, ("--ip", "192.0.2.1", "--mail-from", "a@dead.example.org"),
         "spf", dict(result="temperror")),
        # an answer that never comes does not hang either
        (message.message("a@example.net"),
         ("--ip", "192.0.2.1", "--mail-from", "a@example.net"),
         "spf", dict(result="temperror")),
        (message.message("a@example.net"),
         ("--ip", "192.0.2.1", "--mail-from", "a@example.com"),
         "dmarc", dict(result="fail", policy="none", disposition="keep",
                       override="policy_test_mode")),
        (message.message("a@example.com"),
         ("--ip", "198.51.100.1", "--mail-from", "a@example.com"),
         "dmarc", dict(result="fail", policy="none", disposition="keep")),
        (message.message("a@nowhere.example"), USUAL,
         "dmarc", dict(result="none", domain="nowhere.example")),
        (signed()[:-4] + b"!\r\n", USUAL, "dkim",
         dict(result="fail", selector="s1")),
        (signed(selector="missing"), USUAL, "dkim",
         dict(result="permerror", selector="missing")),
        (plain.replace(b"\r\n", b"\n"), USUAL, "dmarc", dict(result="pass")),
        (signed().replace(b"\r\n", b"\n"), USUAL, "dkim",
         dict(result="pass")),
        (b"", USUAL, "dmarc", dict(result="permerror")),
        (b"\x00\xff\r\r\n" * 1000, USUAL, "dmarc", dict(result="permerror")),
    ]
    for i, (data, arguments, method, expected) in enumerate(cases):
        row = verify.row(data, method, *arguments)
        found = {k: row.get(k) for k in expected}
        assert found == expected, (i, expected, row)


@needs_authres
def test_client_from_the_trusted_boundary(t):
    verify = Verify(t, settings={"authres_trusted_hosts":
                                 "127.0.0.0/8 mx.example"})
    data = message.message("alice@example.org", extra=[
        "Return-Path: <alice@example.org>",
        message.received("198.51.100.7", "evil.example.com"),
        message.received("192.0.2.1", "mx.example.org", by="elsewhere")])
    row = verify.row(data, "spf")
    assert (row["result"], row["domain"]) == ("fail", "example.org"), row
    row = verify.row(data, "spf", "--ip", "192.0.2.1")
    assert row["result"] == "pass", row


@needs_authres
def test_clock_is_an_argument(t):
    verify = Verify(t)
    data = signed(tags="t=1700000000; x=1700001000; ")
    for now, result, reason in ((1700000500, "pass", None),
                                (1700100000, "permerror",
                                 "expired on 2023-11-14, 1 day ago"),
                                (1600000000, "permerror",
                                 "signed 1157 days in the future")):
        row = verify.row(data, "dkim", *USUAL, "--time", now)
        assert (row["result"], row.get("reason")) == (result, reason), row


@needs_authres
def test_formats(t):
    verify = Verify(t)
    path = verify.file("message", signed())
    lines = verify.run(*USUAL, path, form="tab").stdout.splitlines()
    assert lines[0].split("\t") == COLUMNS
    assert lines[1].split("\t") == ["dmarc", "pass", "", "example.org", "", "",
                                    "", "reject", "keep", "", "example.org", ""]
    lines = verify.run(*USUAL, path, form="flow").stdout.splitlines()
    assert "method=dmarc result=pass" in lines[0], lines
    lines = verify.run(*USUAL, path, form="table").stdout.splitlines()
    assert lines[0].split() == COLUMNS, lines


@needs_authres
def test_header_is_the_field_alone(t):
    verify = Verify(t)
    path = verify.file("message", signed())
    done = verify.dovecot.doveadm("authres", "verify", "--header", "--zone",
                                  verify.zone, *USUAL, path, check=True)
    assert done.stdout.startswith("Authentication-Results: mx.example;"), done
    lines = done.stdout.splitlines()
    assert all(line[0] in " \t" for line in lines[1:]), lines
    assert "dmarc=pass" in done.stdout and "header.s=s1" in done.stdout


@needs_authres
def test_message_from_a_slow_pipe(t):
    verify = Verify(t, settings={"authres_timeout": "1s"})
    data = signed()
    child = subprocess.Popen(
        ["doveadm", "-c", verify.dovecot.config_path, "-f", "json", "authres",
         "verify", "--zone", verify.zone, *USUAL],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    child.stdin.write(data[:100])
    child.stdin.flush()
    time.sleep(1.5)
    out, err = child.communicate(data[100:], timeout=patience.secs(20))
    rows = json.loads(out)
    assert rows[0]["result"] == "pass", (rows, err)


@needs_authres
def test_large_message(t):
    data = message.message("alice@example.org", body=b"x" * 70 + b"\r\n")
    data += (b"y" * 70 + b"\r\n") * 300000
    row = Verify(t).row(message.dkim_sign(data, "example.org"), "dkim", *USUAL)
    assert row["result"] == "pass", row


@needs_authres
def test_errors_say_what_and_where(t):
    verify = Verify(t)
    good = verify.file("message", signed())
    bad_zone = verify.file("bad", b"a A 192.0.2.1\nb TXT \"open\n")
    cases = [
        (("--ip", "192.0.2", good), 64, "--ip 192.0.2: Not an IP address"),
        (("--ip", "", good), 64, "Not an IP address"),
        (("--time", "yesterday", good), 64, "--time yesterday: Not a number"),
        (("--time", "-1", good), 64, "--time -1: Not a number"),
        (("--no-such-option", good), 64, "no-such-option"),
        ((good, good), 64, good),
        ((verify.directory + "/none",), 65, "none: open() failed: No such"),
        ((verify.directory,), 65, "Is a directory"),
        (("--zone", bad_zone, good), 65, "bad:2: Missing '\"'"),
        (("--zone", verify.directory + "/none", good), 65,
         "none: open() failed: No such"),
        (("--zone", verify.file("nul", b"a A 192.0.2.1\0\n"), good), 65,
         "nul: Zone file has a NUL byte"),
    ]
    for arguments, code, text in cases:
        done = verify.run(*arguments, zone=False)
        assert done.returncode == code, (arguments, done)
        assert text in done.stderr, (arguments, done.stderr)
        assert "result" not in done.stdout, (arguments, done.stdout)


@needs_authres
def test_hostile_values_stay_in_their_cell(t):
    verify = Verify(t)
    data = message.message("alice@example.org", extra=[
        "DKIM-Signature: v=1; a=rsa-sha256; d=x\x1b[31m.example; s=a\x07b; "
        "h=from; bh=AAAA; b=BBBB"])
    done = verify.run(*USUAL, "--helo", "a\x1b]0;b\x07\nc", form="tab",
                      stdin=data)
    assert done.returncode == 0, done
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f]", done.stdout), done.stdout
    assert all(line.count("\t") == len(COLUMNS) - 1
               for line in done.stdout.splitlines()), done.stdout


@needs_authres
def test_asks_the_configured_dns(t):
    domain = t.domain()
    t.dns.add_zone(f'{domain}. TXT "v=spf1 ip4:192.0.2.1 -all"\n'
                   f'_dmarc.{domain}. TXT "v=DMARC1; p=reject"\n')
    mark = t.dns.mark()
    row = Verify(t).row(message.message(f"a@{domain}"), "dmarc", "--ip",
                        "192.0.2.1", "--mail-from", f"a@{domain}", zone=False)
    assert row["result"] == "pass", row
    assert any(q.name == domain for q in t.dns.questions(mark))


def child_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        children = f.read().split()
    # doveconf comes and goes, ours waits for DNS as somebody else; the filter
    # of system calls comes last
    for child in children:
        with open(f"/proc/{child}/status") as f:
            status = f.read()
        if re.search(r"^NoNewPrivs:\t1$", status, re.M) and \
                re.search(r"^Seccomp:\t2$", status, re.M):
            return child, status
    return None


@needs_authres
@time_limit(90)
def test_the_checks_live_in_a_sandbox(t):
    domain = t.domain()
    t.dns.add_zone(f"{domain}. TIMEOUT\n")
    verify = Verify(t, settings={"authres_timeout": "4s"})
    data = verify.file("message", message.message(f"a@{domain}"))
    child = subprocess.Popen(
        ["doveadm", "-c", verify.dovecot.config_path, "-f", "json", "authres",
         "verify", "--ip", "192.0.2.1", "--mail-from", f"a@{domain}", data],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    pid, status = wait_for(lambda: child_of(child.pid), "the child")
    uids = re.search(r"^Uid:\t(.*)$", status, re.M).group(1).split()
    assert "0" not in uids and len(set(uids)) == 1, uids
    assert set(uids) == {str(pwd.getpwnam("authres").pw_uid)}, uids
    assert re.search(r"^CapEff:\t0+$", status, re.M), status
    assert re.search(r"^CapBnd:\t0+$", status, re.M), status
    assert os.listdir(f"/proc/{pid}/root/") == []
    files = {int(n): os.readlink(f"/proc/{pid}/fd/{n}")
             for n in os.listdir(f"/proc/{pid}/fd")}
    assert files[0] == files[1] == "/dev/null", files
    assert data not in files.values(), files
    with open(f"/proc/{pid}/limits") as f:
        limits = f.read()
    assert re.search(r"^Max file size +0 ", limits, re.M), limits
    assert re.search(r"^Max processes +0 ", limits, re.M), limits
    out, err = child.communicate(timeout=patience.secs(30))
    rows = json.loads(out)
    assert child.returncode == 0, err
    assert [r["result"] for r in rows if r["method"] == "spf"] == \
        ["temperror"], rows


@needs_authres
def test_a_crash_of_the_checks_is_reported(t):
    domain = t.domain()
    t.dns.add_zone(f"{domain}. TIMEOUT\n")
    verify = Verify(t)
    data = verify.file("message", message.message(f"a@{domain}"))
    child = subprocess.Popen(
        ["doveadm", "-c", verify.dovecot.config_path, "authres", "verify",
         "--ip", "192.0.2.1", "--mail-from", f"a@{domain}", data],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    pid, _ = wait_for(lambda: child_of(child.pid), "the child")
    os.kill(int(pid), 11)
    out, err = child.communicate(timeout=patience.secs(30))
    assert child.returncode == 75, (child.returncode, err)
    assert b"The checks crashed (signal 11)" in err, err
    assert b"dmarc" not in out, out


@needs_authres
def test_engine_chosen_per_call(t):
    verify = Verify(t)
    data = signed()
    broken = data.replace(b"alice", b"alicf", 1)
    plain = verify.rows(data, *USUAL)
    for engine in "native", "libspf2", "libopendkim", "libspf2,libopendkim":
        rows = verify.rows(data, "--engine", engine, *USUAL)
        assert [(row["method"], row["result"]) for row in rows] == \
            [(row["method"], row["result"]) for row in plain], (engine, rows)
        row = verify.row(broken, "dkim", "--engine", engine, *USUAL)
        assert row["result"] == "fail", (engine, row)
    done = verify.run("--engine", "opendkim", *USUAL, stdin=data)
    assert done.returncode == 64, done
    assert "--engine opendkim: Not native" in done.stderr, done.stderr
