"""The configurations that doc/mta.md shows are the ones the tests run: its
blocks that begin with ```conf NAME/FILE."""
import os
import re

DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                        "..", "..", "doc", "mta.md")


def snippet(name, replace=None):
    """The block NAME/FILE of the document. replace: {text in it: text here},
    such as directories; each must be there."""
    with open(DOCUMENT, encoding="utf-8") as f:
        found = re.findall(
            r"(?ms)^```conf " + re.escape(name) + r"\n(.*?)^```$", f.read())
    if len(found) != 1:
        raise AssertionError(f"doc/mta.md: {len(found)} blocks {name}")
    text = found[0]
    for theirs, ours in (replace or {}).items():
        if theirs not in text:
            raise AssertionError(f"doc/mta.md: no {theirs} in {name}")
        text = text.replace(theirs, ours)
    return text


def lda(dovecot):
    """What to replace where dovecot-lda is run: it reads our configuration."""
    program = "/usr/lib/dovecot/dovecot-lda"
    return {program: f"{program} -c {dovecot.config_path}"}
