"""An administrator adds conf.d/90-authres*.conf to Debian's configuration
and no more."""
import os
import re
import shutil
import subprocess

import message
import sandbox
from case import needs_authres
from dovecot import CONF_NAME, IS_24

ETC = "/etc/dovecot"


@needs_authres
def test_what_is_installed(t):
    for path, mode in ((sandbox.LIB + "/authres", 0o755),
                       (sandbox.LIB + "/modules/lib95_authres_plugin.so", 0),
                       (sandbox.LIB + "/modules/settings/"
                        "libauthres_settings.so", 0),
                       (sandbox.LIB + "/modules/doveadm/"
                        "lib20_doveadm_authres_plugin.so", 0),
                       (ETC + "/conf.d/" + CONF_NAME, 0)):
        assert os.path.exists(path), path
        assert os.stat(path).st_mode & mode == mode, path


def stock(t):
    """Debian's configuration with authres, and Sieve in 20-lmtp.conf."""
    directory = t.directory("etc")
    etc = os.path.join(directory, "dovecot")
    shutil.copytree(ETC, etc)
    path = os.path.join(etc, "conf.d", "20-lmtp.conf")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    if IS_24:
        changed = text.replace("  #mail_plugins {\n  #  sieve = yes\n  #}",
                               "  mail_plugins {\n    sieve = yes\n  }")
    else:
        changed = text.replace("  #mail_plugins = $mail_plugins",
                               "  mail_plugins = $mail_plugins sieve")
    assert changed != text
    with open(path, "w", encoding="utf-8") as f:
        f.write(changed)
    # its certificate is made at installation
    os.remove(os.path.join(etc, "conf.d", "10-ssl.conf"))
    with open(os.path.join(etc, "local.conf"), "w", encoding="utf-8") as f:
        f.write("ssl = no\nbase_dir = %s\n" % directory)
    return os.path.join(etc, "dovecot.conf")


def plugins(config, protocol):
    done = subprocess.run(
        ["doveconf", "-c", config, "-f", f"protocol={protocol}"] +
        ([] if IS_24 else ["-h"]) + ["mail_plugins"],
        capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    if IS_24:
        return re.findall(r"^  (\w+) = yes$", done.stdout, re.M)
    return done.stdout.split()


@needs_authres
def test_debians_configuration_with_sieve_in_lmtp(t):
    config = stock(t)
    assert plugins(config, "lmtp") == ["sieve", "authres"]
    assert plugins(config, "lda") == ["authres"]
    assert plugins(config, "imap") == ["authres"]
    assert plugins(config, "pop3") == []
    assert plugins(config, "doveadm") == []


@needs_authres
def test_debians_configuration_is_accepted_whole(t):
    config = stock(t)
    done = subprocess.run(["doveconf", "-c", config], capture_output=True,
                          text=True)
    assert done.returncode == 0, done.stderr
    assert "authres" not in done.stderr, done.stderr
    done = subprocess.run(["doveconf", "-c", config, "service/authres"],
                          capture_output=True, text=True)
    assert "service authres {" in done.stdout, done


@needs_authres
def test_delivery_with_debians_configuration(t):
    """The conf.d files as they are, sieve in 20-lmtp.conf, our test's users
    on top."""
    directory = os.path.dirname(stock(t))
    dovecot = t.own_dovecot(stock=directory, sieve=False)
    user = dovecot.user()
    user.sieve('require "imap4flags"; addflag "mine"; keep;')
    domain = t.domain()
    t.dns.add_zone(message.RSA.record("s1", domain) +
                   f'_dmarc.{domain}. TXT "v=DMARC1; p=reject"\n')
    data = message.dkim_sign(message.message(f"a@{domain}"), domain)
    assert dovecot.deliver(data, user).code == 250
    mail = user.only_mail()
    assert "dmarc=pass" in mail.authres
    assert mail.keywords == {"$AuthPass", "mine"}
    spoof = message.message(f"a@{domain}", extra=[
        message.received("203.0.113.7", "pc.stranger.example")])
    user = dovecot.user()
    user.sieve('require "imap4flags"; addflag "mine"; keep;')
    t.dns.add_zone(f'{domain}. TXT "v=spf1 -all"\n')
    assert dovecot.deliver(spoof, user, f"a@{domain}").code == 250
    assert user.only_mail("Junk").keywords == {"$AuthFail", "$Junk", "Junk"}
