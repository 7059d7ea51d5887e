"""Where the SMTP client's address comes from behind several hosts: MTAs of all
kinds, Dovecot proxies, forwarders, fetched mail, a field with a key. With the
real verifier: SPF passes only for the one address that is believed."""
import os
import re

import message
from case import needs_authres, time_limit
from test_client_source import CLIENT, OTHER, mail, spf, zone

PASSED, FAILED = ("pass", "pass", "INBOX"), ("fail", "fail", "Junk")
UNKNOWN = (None, "temperror", "INBOX")
KEY = "0123456789abcdefKEY"

# how each MTA writes what it knows about its client
LINES = {
    "exim": "from [{ip}] (helo={helo})\r\n\tby {by} with esmtps  (TLS1.3) tls "
            "TLS_AES_256_GCM_SHA384\r\n\t(Exim 4.96)\r\n\tid 1tEabc-0001xY-2Z",
    "exim verified": "from host.example ([{ip}] helo={helo})\r\n\tby {by} with "
                     "smtp (Exim 4.96)\r\n\tid 1tEabc-0001xY-2Z",
    "sendmail": "from {helo} (host.example [{ip}] (may be forged))\r\n\tby {by} "
                "(8.17.1.9/8.17.1.9/Debian-2) with ESMTPS id 3AM90ABC012345\r\n"
                "\t(version=TLSv1.3 cipher=X bits=256 verify=NOT)",
    "opensmtpd": "from {helo} (<unknown> [{ip}])\r\n\tby {by} (OpenSMTPD) with "
                 "ESMTP id 1f2e3d4c",
    "qmail": "from unknown (HELO {helo}) ({ip})\r\n  by {by} with SMTP; 22 Nov "
             "2026 09:00:00 -0000",
    "haraka": "from {helo} (host.example [{ip}])\r\n\tby {by} (Haraka/3.0.3) with"
              " ESMTPS id 0A1B2C3D.1\r\n\tenvelope-from <x@y>;\r\n\tSun",
    "courier": "from {helo} (host.example [::ffff:{ip}])\r\n  by {by} with ESMTP"
               "\r\n  id 000000000004C1B2.0000000065F0A1B2.00001A2B; Sun",
    "mox": "from {helo} (host.example [{ip}])\r\n\tby {by} ([198.51.100.1]) via "
           "tcp with ESMTPS\r\n\tid 4vEp9lxnL9tlRfDc3gPrSw",
    "postcow": "from {helo} (host.example [{ip}])\r\n\t(using TLSv1.3 with "
               "cipher X (256/256 bits))\r\n\t(No client certificate requested)"
               "\r\n\tby {by} (Postcow) with ESMTPS id 4A2165E874",
    "stalwart": "from {helo} (host.example [{ip}] (AS64496 EXAMPLE, US))\r\n"
                "\tby {by} (Stalwart SMTP) with ESMTPS id 36DAF29F3A02098",
    "kumomta": "from {helo} ({ip})\r\n  by {by} (KumoMTA 198.51.100.1)\r\n"
               "  with ESMTPS (TLSv1_3:X) id e3a3b8582dd3",
    "gmx": "from host.example (EHLO {helo}) [{ip}]\r\n  by {by} (mp033) with "
           "SMTP",
    "cisco": "from unknown (HELO {helo}) ([{ip}])\r\n  by {by} with ESMTP",
    "exchange": "from ({ip}) by {by} (198.51.100.1) with Microsoft SMTP\r\n "
                "Server id 14.3.195.1; Sun",
    "requiretls": "from {helo} (host.example [{ip}]) by {by}\r\n "
                  "([198.51.100.1]) via tcp with ESMTPS (requiretls) id 4vEp9",
    "microsoft": "from {helo} ({ip}) by\r\n {by} (10.0.0.9) with Microsoft SMTP "
                 "Server (version=TLS1_2,\r\n cipher=X) id 15.1.2507.1; Sun",
}


def line(mta, ip, helo, by="mx.example"):
    return "Received: " + LINES[mta].format(ip=ip, helo=helo, by=by)


def deliver(dovecot, domain, fields, user=None, mail_from=None, **options):
    user = user or dovecot.user()
    reply = dovecot.deliver(mail(domain, *fields), user,
                            f"a@{domain}" if mail_from is None else mail_from,
                            **options)
    assert reply.code == 250, reply
    return user


@needs_authres
def test_lines_of_all_mtas(t):
    dovecot = t.dovecot()
    domain = zone(t)
    helo = "out." + domain
    forged = message.received(CLIENT, helo)
    for mta in LINES:
        for ip, expected in ((CLIENT, PASSED), (OTHER, FAILED)):
            user = deliver(dovecot, domain, [line(mta, ip, helo), forged])
            assert spf(user) == expected, (mta, spf(user))
    # the same through a filter behind the MTA
    amavis = ("Received: from mx.example ([127.0.0.1])\r\n by localhost "
              "(mx.example [127.0.0.1]) (amavisd-new, port 10024)\r\n with ESMTP"
              " id aBcDeFgHiJkL;\r\n Sun")
    user = deliver(dovecot, domain, [
        message.received("127.0.0.1", "localhost"), amavis,
        line("exim", OTHER, helo), forged])
    assert spf(user) == FAILED
    where = user.only_mail("Junk").authres
    assert "received=4" in where and f"client={OTHER}" in where, where


@needs_authres
def test_an_unknown_shape_helps_no_stranger(t):
    """A gateway that cleans nothing: its client adds an address, ends the line
    early, or is at a host that nobody listed."""
    dovecot = t.dovecot()
    domain = zone(t)
    forged = message.received(CLIENT, "out." + domain)
    for helo in (f"x ([{CLIENT}])", f"x ([{CLIENT}]) by mx.example with ESMTPSA"
                 " id 1", "x ([", f"x [{CLIENT}] ["):
        user = deliver(dovecot, domain, [
            f"Received: from {helo} ([{OTHER}])\r\n\tby mx.example (Gate 1) "
            "with SMTP id 7", forged])
        assert spf(user) == (None, "fail", "Junk"), (helo, spf(user))
    user = deliver(dovecot, domain, [
        f"Received: from x ([{OTHER}])\r\n\tby gate.other.example (Gate 1) "
        "with SMTP id 7", forged])
    assert spf(user) == UNKNOWN
    where = user.only_mail().authres
    assert "field 2 has an unknown format" in where and \
        "by gate.other.example" in where, where


@needs_authres
def test_what_the_client_says_moves_nothing(t):
    """HELO as junk as Exim can be told to let through, and longer than a line
    of SMTP, which Postfix breaks."""
    dovecot = t.dovecot()
    domain = zone(t)
    long = "a" * 1500
    broken = message.received(OTHER, long).replace("\r\n", "\n")
    broken = broken[:998] + "\r\n " + broken[998:].replace("\n", "\r\n")
    lines = [broken]
    for helo in (f"x) by mx.example with esmtpsa (Exim 4.96) id 1 ([{CLIENT}]",
                 f"[{CLIENT}])", f"x ([{CLIENT}]) by mx.example (Postfix) with "
                 "ESMTPSA id 1;", "(((", ")))", "\\", '"', "a" * 16000):
        lines.append(line("exim", OTHER, helo))
        lines.append(line("exim verified", OTHER, helo))
    for received in lines:
        user = deliver(dovecot, domain,
                       [received, message.received(CLIENT, "out." + domain)])
        assert spf(user) == FAILED, (received[:200], spf(user))


@needs_authres
def test_own_and_authenticated_mail(t):
    dovecot = t.dovecot(settings={"authres_filter_users": "110 debian-spamd"})
    domain = zone(t)
    by = "\r\n\tby mx.example "
    for received, words in (
            (f"from laptop (x.example [{OTHER}])" + by +
             "(Postfix) with ESMTPSA id 1", "auth=pass"),
            (f"from [{OTHER}] (helo=laptop)" + by +
             "with esmtpsa (TLS1.3) tls X\r\n\t(Exim 4.96)\r\n\tid 1",
             "auth=pass"),
            (f"from laptop (x.example [{OTHER}])\r\n\t(authenticated bits=0)" +
             by + "(8.17.1.9/8.17.1.9) with ESMTPSA id 1", "auth=pass"),
            ("\r\n\tby mx.example (OpenSMTPD) with ESMTPSA id 1", "auth=pass"),
            ("from bob by mx.example with local (Exim 4.96)\r\n\tid 1", "none"),
            ("(from bob@localhost)" + by + "(8.17.1.9/8.17.1.9/Submit) id 1",
             "none"),
            ("by mx.example (Postfix, from userid 1000)\r\n\tid 1", "none"),
            ("(qmail 4711 invoked by uid 1000); 22 Nov 2026 09:00:00 -0000",
             "none")):
        user = deliver(dovecot, domain, ["Received: " + received])
        field = user.only_mail().authres
        assert words in field and "dmarc=" not in field, (received, field)
        assert user.mails("Junk") == []
    # a login at somebody else's MTA, and one a stranger writes of
    for fields in ([message.received(OTHER, "x", by="mx.stranger.example",
                                     with_="ESMTPSA")],
                   [message.received(OTHER, "x"),
                    message.received(CLIENT, "x", with_="ESMTPSA")]):
        user = deliver(dovecot, domain, fields)
        assert "auth=" not in (user.mails() + user.mails("Junk"))[0].authres
    # a filter put it back: it is what came in
    for back in ("by mx.example (Postfix, from userid 110)\r\n\tid 1",
                 "from debian-spamd by mx.example with spam-scanned (Exim 4.96)"
                 "\r\n\tid 1"):
        for ip, expected in ((CLIENT, PASSED), (OTHER, FAILED)):
            user = deliver(dovecot, domain, [
                "Received: " + back, message.received(ip, "out." + domain)])
            assert spf(user) == expected, (back, spf(user))


@needs_authres
def test_container_proxy_and_nat(t):
    """All clients have one private address: it is nobody's, is not walked
    through, and does not switch the policy off."""
    dovecot = t.dovecot()
    domain = zone(t)
    for ip in ("172.17.0.1", "100.64.0.1", "192.168.1.1", "10.0.0.1"):
        user = deliver(dovecot, domain, [
            message.received(ip, "out." + domain),
            message.received(CLIENT, "out." + domain)])
        assert spf(user) == (None, "fail", "Junk"), (ip, spf(user))
        where = user.only_mail("Junk").authres
        assert "client=unknown" in where and "NAT or a proxy" in where, where
        story = dovecot.doveadm("authres", "explain", "-u", user.name, "Junk",
                                "1").stdout
        assert f"the host {ip}" not in story, story


@needs_authres
def test_srs_of_our_own(t):
    """PostSRSd as a canonical map rewrites every sender on its way in."""
    dovecot = t.dovecot()
    domain = zone(t)
    sender = f"SRS0=Hx2k=7V={domain}=a@mx.example"
    for ip, expected in ((CLIENT, PASSED), (OTHER, FAILED)):
        user = deliver(dovecot, domain, [
            message.received(ip, "out." + domain)], mail_from=sender)
        assert spf(user) == expected, (ip, spf(user))
    # a stranger's: his own domain passes, the author's does not
    user = deliver(dovecot, domain, [message.received(OTHER, "x")],
                   mail_from=f"SRS0=Hx2k=7V={domain}=a@other.example")
    assert spf(user)[1:] == ("fail", "Junk")


def user_behind(proxy, backend):
    """A user of backend, to whom the proxy hands everything on."""
    user = backend.user("to" + os.path.basename(backend.directory).lower() +
                        str(len(os.listdir(proxy.passwd_dir))))
    path = os.path.join(proxy.passwd_dir, user.name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(f"{user.name}:x:::::: proxy=y nopassword=y host=127.0.0.1 "
                f"port={backend.lmtp_port}\n")
    return user


@needs_authres
def test_dovecot_proxy(t):
    """What the proxy says by XCLIENT is the MTA: the next hop, no client."""
    domain = zone(t)
    helo = "out." + domain
    t.dns.add_zone(f'x{domain}. TXT "v=spf1 ip4:127.0.0.9 -all"\n'
                   f'_dmarc.x{domain}. TXT "v=DMARC1; p=reject"\n')
    hosts = "127.0.0.1 mx.example"
    local = {"authres_local_networks": "::1"}
    strict = t.own_dovecot(settings={
        "authres_trusted_hosts": hosts, **local})
    trusting = t.own_dovecot(settings={
        "authres_trusted_hosts": hosts + " 127.0.0.9", **local})
    chosen = t.own_dovecot(settings={
        "authres_trusted_hosts": hosts, "authres_client_source": "xclient",
        **local})
    proxy = t.own_dovecot(config="lmtp_proxy = yes\n", authres=False)
    for backend, name, ip, expected in (
            # the MTA is not in trusted_hosts: its lines are not believed
            (strict, domain, CLIENT, UNKNOWN),
            (strict, domain, OTHER, UNKNOWN),
            (trusting, domain, CLIENT, PASSED),
            (trusting, domain, OTHER, FAILED),
            (chosen, "x" + domain, OTHER, PASSED),
            (chosen, domain, CLIENT, FAILED)):
        user = user_behind(proxy, backend)
        with proxy.lmtp(tcp=True, source="127.0.0.9") as session:
            reply, = session.deliver(
                f"a@{name}", [user.address],
                mail(name, message.received(ip, helo)))
        assert reply.code == 250, reply
        assert spf(user) == expected, (expected, spf(user))
        found = user.only_mail(expected[2])
        lines = found.fields("Received")
        assert len(lines) == 3 and "127.0.0.9" in lines[0], lines
        if backend is trusting:
            assert "received=3 " in found.authres
        elif backend is chosen:
            assert "client=127.0.0.9 source=xclient" in found.authres
        else:
            assert "127.0.0.9 is not in authres_trusted_hosts" in found.authres


@needs_authres
def test_trusted_forwarder_is_a_hop(t):
    dovecot = t.dovecot(settings={"authres_trusted_forwarders":
                                  "198.51.100.0/28 .forward.example"})
    domain = zone(t)
    helo = "out." + domain
    ours = message.received("198.51.100.7", "mx.forward.example",
                            rdns="out.forward.example")

    def there(ip, by="mx.forward.example", **options):
        return message.received(ip, helo, by=by, **options)

    for fields, expected, words in (
            ([ours, there(CLIENT)], PASSED, f"client={CLIENT}"),
            # a spoof sent through the forwarder
            ([ours, there(OTHER), there(CLIENT)], FAILED, f"client={OTHER}"),
            # no line of the forwarder: what follows is the sender's
            ([ours, there(CLIENT, by="mx.bank.example")], FAILED,
             "client=198.51.100.7"),
            ([ours], FAILED, "client=198.51.100.7"),
            # it hides its client, who shows another
            ([ours, "Received: by mx.forward.example (OpenSMTPD) with ESMTPS\r\n"
              "\tid 1; Tue, 17 Mar 2026 10:00:00 +0000", there(CLIENT)],
             FAILED, "client=198.51.100.7"),
            # a stranger's host in the forwarder's network writes its name
            ([message.received("198.51.100.9", "mx.forward.example"),
              there(CLIENT)], FAILED, "client=198.51.100.9"),
            ([message.received("198.51.100.9", "mx.forward.example",
                               rdns="vm.hoster.example"), there(CLIENT)],
             FAILED, "client=198.51.100.9"),
            # a host that claims to be the forwarder
            ([message.received(OTHER, "mx.forward.example",
                               rdns="out.forward.example"), there(CLIENT)],
             FAILED, f"client={OTHER}"),
            # its own user sent it: SPF is checked for the forwarder
            ([ours, there(CLIENT, with_="ESMTPSA")], FAILED,
             "client=198.51.100.7")):
        user = deliver(dovecot, domain, fields)
        assert spf(user) == expected, (fields, spf(user))
        assert words in user.only_mail(expected[2]).authres


@needs_authres
def test_fetched_mail(t):
    dovecot = t.dovecot(settings={
        "authres_fetch_hosts": ".provider.example 172.20.0.0/16"})
    domain = zone(t)
    helo = "out." + domain
    fetchmail = ("Received: from imap.provider.example [203.0.113.5]\r\n\tby "
                 "mx.example with IMAP (fetchmail-6.4.37)\r\n\tfor <me@localhost>"
                 " (single-drop); Sun")
    getmail = ("Received: from imap.provider.example (203.0.113.5) by mx.example"
               " with IMAP4-SSL getmail6\r\n  for <me>; 22 Nov 2026")
    path = f"Return-Path: <a@{domain}>"
    inside = message.received("172.20.1.1", "mx1.provider.example",
                              by="store.provider.example")

    def provider(ip, by="mx1.provider.example"):
        return message.received(ip, helo, by=by)

    for fields, expected in (
            ([fetchmail, path, provider(CLIENT)], PASSED),
            ([fetchmail, path, inside, provider(CLIENT)], PASSED),
            ([message.received("127.0.0.1", "localhost"), fetchmail, path,
              provider(CLIENT)], PASSED),
            ([fetchmail, path, provider(OTHER), provider(CLIENT)], FAILED),
            # without Return-Path MAIL FROM is not known
            ([fetchmail, provider(CLIENT), path], UNKNOWN),
            ([getmail, provider(CLIENT)], UNKNOWN),
            # the provider's MTA is not listed; below it a stranger's line
            ([fetchmail, path, provider(OTHER, "mx.other.example"),
              provider(CLIENT)], UNKNOWN)):
        user = dovecot.user()
        done = dovecot.lda(mail(domain, *fields), user, "fetchmail@mx.example")
        assert done.returncode == 0, done.stderr
        assert spf(user) == expected, (fields, spf(user))
    report = dovecot.doveadm("authres", "config").stdout
    assert re.search(r"authres_fetch_hosts.*\.provider\.example", report)
    # sent to us, not fetched
    user = deliver(dovecot, domain, [message.received(OTHER, helo), fetchmail,
                                     path, provider(CLIENT)])
    assert spf(user) == FAILED


@needs_authres
def test_field_of_the_mta(t):
    """authres_client_source=header:NAME, above the boundary."""
    dovecot = t.dovecot(settings={
        "authres_client_source": "header:X-Client"})
    domain = zone(t)
    ours = message.received(OTHER, "out." + domain)
    helo = f" helo=out.{domain}"
    for fields, expected in (
            ([f"X-Client: ip={CLIENT}" + helo, ours], PASSED),
            ([f"X-Client: ip={OTHER}" + helo, ours,
              f"X-Client: ip={CLIENT}" + helo], FAILED),
            ([ours, f"X-Client: ip={CLIENT}" + helo], UNKNOWN),
            ([f"X-Client: ip={CLIENT}" + helo], UNKNOWN),
            ([f"X-Client: ip={OTHER} helo=x\" auth=y ip={CLIENT}", ours],
             FAILED)):
        user = deliver(dovecot, domain, fields)
        assert spf(user) == expected, (fields, spf(user))
        found = user.only_mail(expected[2])
        assert found.fields("X-Client") == []
        assert f"@{domain}".encode() in found.data
        if expected is not UNKNOWN:
            assert "source=header" in found.authres
    user = deliver(dovecot, domain,
                   [f"X-Client: ip={OTHER} auth=bob" + helo, ours])
    assert "auth=pass" in user.only_mail().authres


@needs_authres
def test_field_with_a_key(t):
    """Wherever the MTA puts it; the key is never seen again."""
    dovecot = t.own_dovecot(settings={
        "authres_client_source": "header:X-Client",
        "authres_client_header_key": "another-0123456789 " + KEY})
    domain = zone(t)
    ours = message.received(OTHER, "out." + domain)
    helo = f" helo=out.{domain}"
    kept = {}
    for name, fields, expected in (
            ("below", [ours, f"X-Client: key={KEY} ip={CLIENT}" + helo],
             PASSED),
            ("above", [f"X-Client: ip={CLIENT} key={KEY}" + helo, ours,
                       f"X-Client: ip={OTHER}" + helo], PASSED),
            ("wrong", [f"X-Client: key={KEY}x ip={CLIENT}" + helo, ours],
             UNKNOWN),
            ("none", [f"X-Client: ip={CLIENT}" + helo, ours], UNKNOWN),
            ("twice", [f"X-Client: key={KEY} ip={CLIENT}" + helo] * 2 + [ours],
             UNKNOWN),
            # the sender's fields push it out of what is read
            ("cut off", [ours] + ["X: y"] * 1000 +
             [f"X-Client: key={KEY} ip={OTHER}" + helo],
             (None, "fail", "Junk"))):
        user = deliver(dovecot, domain, fields)
        assert spf(user) == expected, (name, spf(user))
        kept[name] = user.only_mail(expected[2]).data
    # those who want nothing of us, too; and by dovecot-lda
    off = dovecot.user(authres_mode="off")
    data = mail(domain, ours, f"X-Client: key={KEY} ip={CLIENT}" + helo)
    assert dovecot.deliver(data, off, f"a@{domain}").code == 250
    kept["off"] = off.only_mail().data
    assert b"Authentication-Results" not in kept["off"]
    both = [dovecot.user(authres_mode="off"), dovecot.user()]
    assert [r.code for r in dovecot.deliver(data, both, f"a@{domain}")] == \
        [250, 250]
    kept["both"] = both[0].only_mail().data + both[1].only_mail().data
    user = dovecot.user(authres_mode="off")
    done = dovecot.lda(data, user, f"a@{domain}")
    assert done.returncode == 0, done.stderr
    kept["lda"] = user.only_mail().data
    for name, found in kept.items():
        assert KEY.encode() not in found, name
        assert b"x-client:" not in found.lower(), name
        assert b"\r\n\r\n" in found and f"a@{domain}".encode() in found, name
    log = "".join(dovecot.log_lines("info") + dovecot.log_lines("error"))
    assert KEY not in log and "another-0123456789" not in log
    assert KEY not in dovecot.doveadm("authres", "config").stdout


@needs_authres
def test_verify_names_the_source(t):
    """doveadm authres verify on what was delivered."""
    domain = zone(t)
    helo = "out." + domain
    forward = [message.received("198.51.100.7", "mx.forward.example",
                                rdns="out.forward.example"),
               message.received(CLIENT, helo, by="mx.forward.example")]
    dovecot = t.dovecot(settings={"authres_trusted_forwarders":
                                  "198.51.100.0/28 .forward.example"})
    for fields, words in (
            ([line("exim", CLIENT, helo)],
             f"client={CLIENT} received=2"),
            (forward, f"client={CLIENT} received=3")):
        user = deliver(dovecot, domain, fields)
        found = user.only_mail()
        assert words in found.authres, found.authres
        done = dovecot.doveadm("authres", "verify", "--header",
                               stdin=found.data)
        field = re.sub(r"\r?\n[ \t]+", " ", done.stdout)
        # one line more: what delivery wrote on top is there, too
        assert words in field and "dmarc=pass" in field, (done, field)


@needs_authres
@time_limit(120)
def test_warnings_about_where_mail_comes_in(t):
    """Most of it without a client, from one client, from a local filter."""
    domain = zone(t, "none")
    one_process = "service authres {\n  process_min_avail = 1\n" \
                  "  process_limit = 1\n}\n"
    for fields, words in (
            ([message.received(CLIENT, "x", by="mx.new.example")],
             r"had no trustworthy client address, .* mx\.new\.example, which "
             r"is not in authres_trusted_hosts"),
            ([message.received("172.17.0.1", "x")],
             r"had no trustworthy client address, .* client 172\.17\.0\.1 "
             r"has a private address"),
            # rootless containers
            ([message.received("127.0.0.1", "x")],
             r"came to our MTA from our own host and were not judged"),
            (["Received: by mx.example (Postfix, from userid 110)\r\n\tid 1"],
             r"handed over by local users .* authres_filter_users")):
        dovecot = t.own_dovecot(config=one_process)
        user = dovecot.user()
        data = mail(domain, *fields)
        with dovecot.lmtp() as session:
            for _ in range(33):
                reply, = session.deliver(f"a@{domain}", [user.address], data)
                assert reply.code == 250
        found = dovecot.wait_log(r"authres.*Warning: .*" + words, "error")
        assert "30 of 30" in found, found
        again = [l for l in dovecot.log_lines("error") if "last hour" in l]
        assert len(again) == 1, again
