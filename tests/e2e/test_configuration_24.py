"""Settings as Dovecot 2.4 has them: known, shown and checked by doveconf, in
both forms of a list, per protocol, from userdb and by -o."""
import os
import re
import subprocess

import fake_verifier
import message
from case import needs_authres
from dovecot import AUTHRES_CONF, IS_24

FAIL = message.message(extra=["X-Verdict: dmarc=fail policy=quarantine"])
VERSIONS = "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n"


def only_24(t):
    if not IS_24:
        t.skip("of Dovecot 2.4")


def doveconf(t, text, *arguments):
    """A configuration of its own, checked and shown."""
    path = os.path.join(t.directory("c"), "dovecot.conf")
    with open(path, "w") as f:
        f.write(VERSIONS + "ssl = no\n" + text)
    return path, subprocess.run(["doveconf", "-c", path, *arguments],
                                capture_output=True, text=True)


def documented():
    """{name: default} of the installed configuration file"""
    with open(AUTHRES_CONF) as f:
        return dict(re.findall(r"^#(authres_\w+) =[ ]?(.*)$", f.read(), re.M))


def timeout_secs(dovecot):
    """What the verifier was told, rounded up: some of it had passed."""
    msecs = int(dovecot.verifier.last().arguments["timeout_msecs"])
    return -(-msecs // 1000)


def in_secs(value):
    """7d and 1 weeks are the same; what is no time stays as it is."""
    match = re.fullmatch(r"(\d+) ?([smhdw])(ecs|ins|ours|ays|eeks)?", value)
    if match is None:
        return value
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
    return int(match[1]) * units[match[2]]


@needs_authres
def test_all_settings_are_known(t):
    only_24(t)
    defaults = documented()
    assert len(defaults) > 30
    shown = dict(re.findall(
        r"^(authres_\w+) = ?(.*)$", doveconf(t, "", "-a")[1].stdout, re.M))
    assert set(shown) == set(defaults), set(shown) ^ set(defaults)
    # those of lists doveconf leaves empty, as for any list of Dovecot's
    for name, value in shown.items():
        assert value == "" or in_secs(value) == in_secs(defaults[name]), \
            (name, value)
    assert shown["authres_timeout"] == "10 secs"
    assert shown["authres_allow_days"] == defaults["authres_allow_days"]
    # each of them can be set to its default
    done = doveconf(t, "".join(f"{n} = {v}\n" for n, v in defaults.items()),
                    "-n")[1]
    assert done.returncode == 0, done.stderr


@needs_authres
def test_wrong_values_are_refused(t):
    only_24(t)
    for line, text in (
            ("authres_mode = on", "authres_mode: Invalid value: on"),
            ("authres_timeout = fast", "authres_timeout: Invalid"),
            ("authres_dnssec = perhaps", "authres_dnssec: Invalid"),
            ("authres_dkim_min_key_bits = x", "authres_dkim_min_key_bits: "),
            ("authres_mod = tag", "authres_mod: Unknown setting"),
            ("authres_timeout = 121s", 'authres_timeout: "121000ms" is not '
             "allowed here; allowed: 100ms to 120000ms"),
            ("authres_dkim_min_key_bits = 512", '"512" is not allowed here; '
             "allowed: 1024 to 16384"),
            ("authres_checks = spf dikm", '"dikm" is not allowed here; '
             "allowed: spf, dkim, arc, dmarc, senderid"),
            ("authres_keyword_pass = $A(", 'authres_keyword_pass: "$A(" is'),
            ("authres_trusted_hosts = 10.0.0.0/99", '"10.0.0.0/99" is not '
             "allowed here; allowed: networks such as"),
            ("authres_dns_servers = dns.example", '"dns.example" is not'),
            ("authres_client_source = header:", 'authres_client_source: ')):
        path, done = doveconf(t, "authres_junk_sieve = skip\n" + line + "\n",
                              "-n")
        assert done.returncode != 0, line
        last = done.stderr.splitlines()[-1]
        assert text in last, (line, last)
        assert f"{path} line 5" in last, (line, last)
        assert "using" not in last, last


@needs_authres
def test_wrong_values_in_blocks_and_included_files(t):
    only_24(t)
    included = os.path.join(t.directory("i"), "more.conf")
    with open(included, "w") as f:
        f.write("\nauthres_keyword_junk {\n  ok = yes\n  a]b = yes\n}\n")
    _, done = doveconf(t, f"!include {included}\n", "-n")
    last = done.stderr.splitlines()[-1]
    assert done.returncode != 0 and 'authres_keyword_junk: "a]b"' in last, last
    assert f"{included} line 4" in last, last
    path, done = doveconf(t, "protocol lmtp {\n  authres_timeout = 1ms\n}\n",
                          "-n")
    assert done.returncode != 0 and f"{path} line 5" in done.stderr, done


@needs_authres
def test_dovecot_does_not_start_with_wrong_values(t):
    only_24(t)
    for settings, text in (
            ({"authres_quarantine_action": "jnuk"},
             r"line \d+: authres_quarantine_action: Invalid value: jnuk"),
            ({"authres_quarantin_action": "keep"},
             r"line \d+: .*Unknown setting: authres_quarantin_action"),
            ({"authres_checks": "spf dkmi"},
             r'authres_checks: "dkmi" is not allowed here.* line \d+')):
        said = t.refused(settings=settings)
        assert re.search(text, said), said


@needs_authres
def test_lists_as_text_and_as_block(t):
    only_24(t)
    dovecot = fake_verifier.dovecot(t, config="""
authres_keyword_fail = $One, $Two $Three
authres_keyword_junk {
  $More = yes
  Junk = no
}
authres_authserv_id = mx.example two.example
""")
    user = dovecot.user()
    # the second of our names is removed, too
    forged = message.message(extra=[
        "X-Verdict: dmarc=fail policy=quarantine",
        "Authentication-Results: two.example; dmarc=pass"])
    assert dovecot.deliver(forged, user).code == 250
    mail = user.only_mail("Junk")
    assert mail.keywords >= {"$One", "$Two", "$Three", "$Junk", "$More"}
    assert "Junk" not in mail.keywords and "$AuthFail" not in mail.keywords
    assert mail.authres.startswith("mx.example;")
    assert mail.fields("Authentication-Results") == [mail.authres]


@needs_authres
def test_protocols_userdb_and_command_line(t):
    only_24(t)
    dovecot = fake_verifier.dovecot(t, config="""
authres_keyword_fail = $Everywhere
authres_quarantine_action = keep
protocol lda {
  authres_keyword_fail = $Lda
  authres_timeout = 7s
}
protocol lmtp {
  authres_timeout = 9s
}
""")
    user = dovecot.user()
    assert dovecot.deliver(FAIL, user).code == 250
    assert "$Everywhere" in user.only_mail().keywords
    assert timeout_secs(dovecot) == 9
    user = dovecot.user()
    assert dovecot.lda(FAIL, user).returncode == 0
    assert "$Lda" in user.only_mail().keywords
    assert timeout_secs(dovecot) == 7

    # userdb wins, but not for what is all users' ...
    user = dovecot.user(**{"authres_quarantine_action": "junk",
                           "authres_keyword_fail": "$A,$B",
                           "authres_keyword_junk/$More": "yes",
                           "authres_authserv_id": "evil.example",
                           "authres_timeout": "1s"})
    assert dovecot.deliver(FAIL, user).code == 250
    mail = user.only_mail("Junk")
    assert mail.keywords >= {"$A", "$B", "$Junk", "Junk", "$More"}, mail.flags
    assert mail.authres.startswith("mx.example;")
    assert timeout_secs(dovecot) == 9
    # ... and -o over userdb, for all; what a protocol's block says wins over
    # both, as for every setting of Dovecot 2.4
    assert dovecot.lda(FAIL, user, settings=[
        "authres_quarantine_action=keep", "authres_keyword_junk=$C $D",
        "authres_keyword_fail=$E", "authres_timeout=6s",
        "authres_authserv_id=cli.example"]).returncode == 0
    mail = user.only_mail()
    assert mail.authres.startswith("cli.example;")
    assert "$Lda" in mail.keywords and not mail.keywords & {"$A", "$E"}
    assert timeout_secs(dovecot) == 7


@needs_authres
def test_hostname_is_the_default_name(t):
    only_24(t)
    dovecot = fake_verifier.dovecot(t, config="hostname = %{system:hostname}\n")
    user = dovecot.user()
    assert dovecot.deliver(message.message(), user).code == 250
    name = subprocess.run(["hostname"], capture_output=True,
                          text=True).stdout.strip() or os.uname().nodename
    assert user.only_mail().authres.startswith(name + ";")
