"""doveadm authres config: what is trusted, and what cannot work."""
import json

from case import needs_authres
from dovecot import IS_24


def report(dovecot, config=None):
    """config: see doveadm(). Returns ({topic: [(state, value, explanation)]}, exit code)"""
    done = dovecot.doveadm("-f", "json", "authres", "config",
                           config=config)
    assert done.stderr == "", done.stderr
    rows = {}
    for row in json.loads(done.stdout):
        assert list(row) == ["state", "topic", "value", "explanation"], row
        rows.setdefault(row["topic"], []).append(
            (row["state"], row["value"], row["explanation"]))
    return rows, done.returncode


@needs_authres
def test_a_usual_configuration_works(t):
    name = t.domain()
    t.dns.add_zone(f'_dmarc.{name}. TXT "v=DMARC1; p=none"\n')
    dovecot = t.dovecot(settings={"authres_authserv_id": name})
    rows, code = report(dovecot)
    assert code == 0, rows
    assert all(row[0] in ("ok", "info") for found in rows.values()
               for row in found), rows
    assert rows["mail_plugins of lmtp"][0][0] == "ok", rows
    assert "authres" in rows["mail_plugins of lmtp"][0][1], rows
    assert rows["verifier confinement"][0][0] == "ok", rows
    assert rows["authres_learn"][0][0] == "ok", rows
    assert "chroot yes" in rows["verifier confinement"][0][1], rows
    assert name in rows["authres_dns_servers"][0][2], rows
    assert "sieve_before" in rows["authres_junk_sieve"][0][2], rows
    for form in ("table", "tab", "flow", "pager"):
        done = dovecot.doveadm("-f", form, "authres", "config")
        assert done.returncode == 0 and "authres_mode" in done.stdout, form


@needs_authres
def test_what_cannot_work(t):
    dovecot = t.own_dovecot(settings={
        "authres_authserv_id": "localhost",
        "authres_trusted_hosts": "0.0.0.0/0",
        "authres_local_networks": "127.0.0.0/8 64.0.0.0/2 10.1.0.0/16",
        "authres_client_source": "xclient",
        "authres_checks": "dmarc",
        "authres_upstream_below": "yes",
        "authres_arc_trusted_sealers": "example.org",
        "authres_mode": "tag",
        "authres_timeout": "100s"}, login_trusted="")
    rows, code = report(dovecot)
    assert code == 78, (code, rows)
    states = {topic: [row[0] for row in found]
              for topic, found in rows.items()}
    assert states["authres_authserv_id"] == ["warning"], rows
    assert "error" in states["authres_trusted_hosts"], rows
    assert "every address" in str(rows["authres_trusted_hosts"]), rows
    assert states["authres_local_networks"] == ["ok", "warning"], rows
    assert states["authres_client_source"] == ["error"], rows
    assert states["authres_checks"] == ["error"], rows
    assert states["authres_arc_trusted_sealers"] == ["error"], rows
    assert states["authres_upstream_below"] == ["warning"], rows
    assert states["authres_mode"] == ["info"], rows
    assert states["authres_timeout"] == ["warning"], rows


@needs_authres
def test_wrong_values_and_no_plugin(t):
    config = "protocol lmtp {\n  mail_plugins =\n}\n" \
             "protocol lda {\n  mail_plugins =\n}\n"
    if IS_24:
        # there Dovecot does not start with wrong values
        rows, code = report(t.own_dovecot(config=config))
        assert code == 78
        assert rows["mail_plugins of lmtp"][0][0] == "error", rows
        return
    dovecot = t.own_dovecot(settings={"authres_mode": "on",
                                      "authres_nonsense": "1"},
                            config=config)
    done = dovecot.doveadm("-f", "json", "authres", "config")
    rows = json.loads(done.stdout)
    wrong = " ".join(row["explanation"] for row in rows
                     if row["topic"] == "settings")
    assert "authres_mode" in wrong and "authres_nonsense" in wrong, rows
    assert done.returncode == 78
    assert [row["state"] for row in rows
            if row["topic"] == "mail_plugins of lmtp"] == ["error"], rows


@needs_authres
def test_verifier_down(t):
    dovecot = t.own_dovecot()
    dovecot.stop()
    rows, code = report(dovecot)
    assert code == 78
    assert [row[0] for row in rows["verifier"]] == ["error"], rows
    assert "authres_dns_servers" not in rows


@needs_authres
def test_dns_down(t):
    name = t.domain()
    t.dns.add_zone(f"_dmarc.{name}. SERVFAIL\n")
    dovecot = t.own_dovecot(settings={"authres_authserv_id": name})
    rows, code = report(dovecot)
    assert code == 78
    assert [row[0] for row in rows["authres_dns_servers"]] == ["error"], rows


@needs_authres
def test_sieve_for_junk(t):
    script = "/etc/dovecot/archive.sieve"
    for sieve, settings, state in (
            (False, {"sieve_before": script}, "warning"),
            (True, {}, "warning"),
            (True, {"sieve_before": script}, "ok"),
            (True, {"sieve_after": script}, "ok")):
        rows, _ = report(t.own_dovecot(sieve=sieve, settings=dict(
            settings, authres_junk_sieve="global")))
        assert [row[0] for row in rows["authres_junk_sieve"]] == [state], \
            (sieve, settings, rows["authres_junk_sieve"])
