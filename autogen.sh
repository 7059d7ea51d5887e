#!/bin/sh
# Makes ./configure from configure.ac. Needs autoconf, automake, libtool,
# pkgconf and dovecot-dev (for dovecot.m4).
set -e
cd "$(dirname "$0")"
test -f /usr/share/aclocal/dovecot.m4 || test -n "$ACLOCAL_PATH" || {
	echo "autogen.sh: dovecot.m4 was not found. Install the Debian package dovecot-dev." >&2
	exit 1
}
exec autoreconf -fi
