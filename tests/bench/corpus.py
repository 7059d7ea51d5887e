"""The mail that the bench delivers, and the DNS zone it is checked against.

Everything comes from one seed: the same seed gives the same bytes. Domains have
names, SPF records and keys of their own, so that the first message of a domain
finds nothing in a cache.
"""
import base64
import collections
import hashlib
import os
import pickle
import random

import machine
import message
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

SEED = 13
DOMAINS = 202
MESSAGES = 400
COLD_DOMAINS = 100
KB = 1024
LARGE_BYTES = 5 * KB * KB
LARGE_SHARE = 0.01
# all of one size, and how many different ones
FIXED_SIZES = ((2 * KB, 20), (20 * KB, 20), (LARGE_BYTES, 2))
# includes of an SPF record, one in the other, and how many domains have them
SPF_DEPTHS = ((0, 10), (1, 35), (2, 40), (3, 15))
SIGNED = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version",
          "Content-Type")
# of 100 messages; the others are plain: one signature, all passes
KINDS = (("two", 8), ("forwarded", 4), ("broken", 4), ("list", 6),
         ("forged", 2))
WORDS = """the of and to in that is was for it with as his on be at by this had
not are but from or have an they which one you were all her she there would
their we him been has when who will no more if out so up said what its about
than into them can only other time new some could these two may first then do
any like my now over such our man me even most made after also did many off
before must well back through years much where your way down should because
long each just state those people too mr how little good world make very year
still see work life get against message server invoice meeting tomorrow report
attached please regards question answer customer project deadline budget"""


class Mail(collections.namedtuple(
        "Mail", "data mail_from client_ip helo kind domain first names chain "
        "expected")):
    """data: as the MTA hands it over, lines end with CRLF. first: no message
    before had this author domain. names: what must be asked to judge it, as
    (name, type). chain: how many of them one after the other. expected: {spf,
    dkim, arc, dmarc: word}."""


class _RsaKey(message.Key):
    """Of two primes. It signs by itself (RFC 8017 section 8.2.1): OpenSSL would
    check each key first, which takes longer than all the rest."""
    DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")

    def __init__(self, p, q):
        super().__init__("ed25519")
        self.algorithm = "rsa"
        self._p, self._q, self._n = p, q, p * q
        self._d = pow(65537, -1, (p - 1) * (q - 1))
        self.private = self

    def public_key(self):
        return rsa.RSAPublicNumbers(65537, self._n).public_key()

    def sign(self, data):
        p, q = self._p, self._q
        info = self.DIGEST_INFO + hashlib.sha256(data).digest()
        m = int.from_bytes(b"\0\1" + b"\xff" * (253 - len(info)) + b"\0" +
                           info, "big")
        a, b = pow(m, self._d % (p - 1), p), pow(m, self._d % (q - 1), q)
        return (b + (a - b) * pow(q, -1, p) % p * q).to_bytes(256, "big")


class _RsaKeys:
    """A key of its own for each domain, of few primes in pairs. They are for
    tests and protect nothing."""
    SMALL = [p for p in range(3, 2000, 2)
             if all(p % q for q in range(3, int(p ** .5) + 1, 2))]

    def __init__(self, random):
        self._random = random
        self._primes = []
        self._pairs = self._next()

    def _prime(self):
        while True:
            n = self._random.getrandbits(1024) | 3 << 1022 | 1
            if all(n % p for p in self.SMALL) and n % 65537 != 1 and \
                    all(pow(a, n - 1, n) == 1 for a in (2, 3, 5)):
                return n

    def _next(self):
        while True:
            new = self._prime()
            for old in self._primes:
                yield _RsaKey(old, new)
            self._primes.append(new)

    def key(self):
        return next(self._pairs)


class _Domain:
    def __init__(self, name):
        self.name = name
        self.includes = 0
        self.client_ip = self.policy = self.key = self.second = None


class Corpus:
    """mails: the list; the large ones are at its end. fixed: {size: mails of
    that size}. prefix: of all domains, for another corpus in the same
    zone."""

    def __init__(self, seed=SEED, messages=MESSAGES, domains=DOMAINS,
                 prefix="", fixed_sizes=FIXED_SIZES):
        self._random = random.Random(seed)
        self._rsa_keys = _RsaKeys(random.Random(seed + 1))
        self._zone = ["$ORIGIN .", "$TTL 3600"]
        self._numbers = 0
        self._prefix = prefix
        domains = min(domains, messages)
        self._domains = [self.add_domain(i) for i in range(domains)]
        self._lists = [self.add_domain(i, "list") for i in range(4)]
        self._forwarders = [self.add_domain(i, "forwarder")
                            for i in range(3)]
        self.mails = self._mix(messages)
        self.fixed = {size: self._fixed(size, count)
                      for size, count in fixed_sizes}

    @property
    def first(self):
        """The first messages of COLD_DOMAINS domains: nothing that they need
        is known from another."""
        return [mail for mail in self.mails if mail.first][:COLD_DOMAINS]

    @property
    def zone(self):
        """The text of a zone file."""
        return "\n".join(self._zone) + "\n"

    def forget_keys(self):
        """No message can be signed any more; then it can be pickled."""
        self._rsa_keys = self._domains = self._lists = self._forwarders = None

    # the zone

    def add_domain(self, number, kind="d", includes=None):
        """A domain that signs and sends; includes: of its SPF record."""
        r = self._random
        domain = _Domain(f"{self._prefix}{kind}{number}.example")
        name = domain.name
        domain.client_ip = f"203.0.{113 if kind == 'd' else 114}." \
            f"{number % 250 + 1}"
        depths, weights = zip(*SPF_DEPTHS)
        if includes is None:
            includes = r.choices(depths, weights)[0]
        domain.includes = includes
        self._add_spf(name, domain.client_ip, domain.includes)
        domain.policy = r.choices(["none", "quarantine", "reject"],
                                  [40, 20, 40])[0]
        self._zone.append(f'_dmarc.{name}. IN TXT "v=DMARC1; '
                          f'p={domain.policy}; rua=mailto:dmarc@{name}"')
        if r.random() < 0.03:
            domain.key = self._ed25519()
        else:
            domain.key = self._rsa_keys.key()
        self._zone.append(domain.key.record("s1", name).rstrip())
        domain.second = self._ed25519()
        self._zone.append(domain.second.record("s2", name).rstrip())
        return domain

    def _ed25519(self):
        key = message.Key("ed25519")
        key.private = ed25519.Ed25519PrivateKey.from_private_bytes(
            self._random.randbytes(32))
        return key

    def _add_spf(self, name, client_ip, includes):
        """One include in the other; the last names the client."""
        for depth in range(includes + 1):
            owner = name if depth == 0 else f"_spf{depth}.{name}"
            what = f"ip4:{client_ip}" if depth == includes else \
                f"include:_spf{depth + 1}.{name}"
            self._zone.append(f'{owner}. IN TXT "v=spf1 ip4:198.51.100.'
                              f'{depth + 1} {what} -all"')

    @staticmethod
    def _spf_names(domain):
        return [(domain.name if depth == 0 else f"_spf{depth}.{domain.name}",
                 "TXT") for depth in range(domain.includes + 1)]

    # messages

    def _mix(self, messages):
        r = self._random
        order = self._domains + r.choices(
            self._domains, k=messages - len(self._domains))
        r.shuffle(order)
        large = max(1, round(messages * LARGE_SHARE))
        kinds, seen, mails = [], set(), []
        for kind, share in KINDS:
            kinds += [kind] * max(1, round(messages * share / 100))
        kinds += ["plain"] * (messages - len(kinds))
        r.shuffle(kinds)
        for i, (domain, kind) in enumerate(zip(order, kinds)):
            size = LARGE_BYTES if i >= messages - large else self._size()
            mails.append(self.mail(domain, kind, size,
                                   domain.name not in seen))
            seen.add(domain.name)
        return mails

    def _size(self):
        """Mostly 2 to 30 KB, one in ten with an attachment."""
        r = self._random
        if r.random() < 0.1:
            return int(r.uniform(60, 390) * KB)
        return int(2 ** r.uniform(1, 5) * KB)

    def _body(self, size):
        """(Content-Type, body): text, or from 16 KB on text with an attachment
        in base64."""
        r, lines, length = self._random, [], 0
        text = size if size < 16 * KB else 4 * KB
        words = WORDS.split()
        while length < text:
            line = " ".join(r.choices(words, k=12))[:72].rstrip() + "\r\n"
            lines.append(line)
            length += len(line)
        text = "".join(lines).encode()
        plain = b"text/plain; charset=utf-8"
        if size < 16 * KB:
            return plain, text
        raw = base64.b64encode(r.randbytes((size - len(text)) * 57 // 78))
        return b'multipart/mixed; boundary="=_b"', (
            b"--=_b\r\nContent-Type: " + plain + b"\r\n\r\n" + text +
            b"--=_b\r\nContent-Type: application/octet-stream\r\n"
            b"Content-Disposition: attachment; filename=a.bin\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n" +
            b"\r\n".join(raw[i:i + 76] for i in range(0, len(raw), 76)) +
            b"\r\n--=_b--\r\n")

    def _fixed(self, size, count):
        """count messages of that size: one signature, everything passes."""
        return [self.mail(domain, "plain", size, False)
                for domain in (self._domains * count)[:count]]

    def mail(self, domain, kind, size, first, signatures=1, sets=1):
        r = self._random
        self._numbers += 1
        name = domain.name
        mail_from, client = f"bounce-{self._numbers}@{name}", domain
        # the name in HELO has no record
        expected = dict(spf="none pass", dkim="pass", arc="none", dmarc="pass")
        names = [(f"_dmarc.{name}", "TXT")]
        fields = [f"Received: by mail-{n}.{name} with SMTP id "
                  f"{hashlib.md5(b'%d' % (self._numbers * 8 + n)).hexdigest()}"
                  f";\r\n\tSun, 22 Nov 2026 11:59:{50 + n} +0000"
                  for n in range(2)]
        content_type, body = self._body(max(0, size - 1800))
        data = message.message(
            f"Person {self._numbers} <person{self._numbers}@{name}>",
            body, to="Bob <user1@mx.example>",
            subject=" ".join(r.choices(WORDS.split(), k=6)),
            message_id=f"<{self._numbers}.bench@{name}>",
            extra=fields + [f"X-Mailer: bench {r.getrandbits(64):x}",
                            "List-Unsubscribe: <https://"
                            f"{name}/u/{r.getrandbits(128):x}>"])
        data = data.replace(b"text/plain; charset=utf-8", content_type, 1)
        if kind != "forged":
            for n in range(signatures):
                data = message.dkim_sign(data, name, "s1", domain.key,
                                         headers=SIGNED)
                names.append((f"s1._domainkey.{name}", "TXT"))
        if kind == "two":
            data = message.dkim_sign(data, name, "s2", domain.second,
                                     headers=SIGNED)
            names.append((f"s2._domainkey.{name}", "TXT"))
            expected["dkim"] = "pass pass"
        elif kind == "broken":
            data += b"-- \r\nScanned by the gateway of the sender.\r\n"
            expected["dkim"] = "fail"
        elif kind == "forwarded":
            client = r.choice(self._forwarders)
            mail_from = f"forward@{client.name}"
        elif kind == "forged":
            client = r.choice(self._forwarders)
            mail_from = f"x@{client.name}"
            expected.update(dkim="none", dmarc="fail")
        elif kind == "list":
            client = r.choice(self._lists)
            mail_from = f"list-bounces@{client.name}"
            results = (f"{client.name}; spf=pass smtp.mailfrom={name}; "
                       f"dkim=pass header.d={name}; dmarc=pass "
                       f"header.from={name}")
            data += b"_______\r\nlist mailing list\r\n"
            for _ in range(sets):
                data = message.arc_seal(data, client.name, results, "s1",
                                        client.key, headers=SIGNED)
            data = message.dkim_sign(data, client.name, "s1", client.key,
                                     headers=SIGNED)
            names.append((f"s1._domainkey.{client.name}", "TXT"))
            expected.update(arc="pass", dkim="fail pass", dmarc="fail")
        spf = self._spf_names(client)
        helo = f"mail.{client.name}"
        names += spf + [(helo, "TXT")]
        data = (message.received(client.client_ip, helo, helo) +
                "\r\n").encode() + data
        return Mail(data, mail_from, client.client_ip, helo, kind, name, first,
                    sorted(set(names)), len(spf), expected)


CACHE = machine.UNPACKED


def load(seed=SEED, messages=MESSAGES):
    """The corpus; it is kept from run to run, as making it takes seconds."""
    made_by = hashlib.sha256()
    for module in (__file__, message.__file__):
        with open(module, "rb") as f:
            made_by.update(f.read())
    name = f"bench-{made_by.hexdigest()[:16]}-{seed}-{messages}"
    path = os.path.join(CACHE, name)
    try:
        with open(path, "rb") as f:
            return pickle.load(f)
    except (OSError, EOFError):
        pass
    corpus = Corpus(seed, messages)
    corpus.forget_keys()
    os.makedirs(CACHE, exist_ok=True)
    for old in os.listdir(CACHE):
        if old.startswith("bench-") and old.split("-")[2:] == \
                name.split("-")[2:]:
            os.unlink(os.path.join(CACHE, old))
    with open(path + ".new", "wb") as f:
        pickle.dump(corpus, f)
    os.rename(path + ".new", path)
    return corpus
