# Sourced by check and demo: what both do before they build.

policy=/usr/sbin/policy-rc.d
policy_saved=

policy_restore() {
	if [ "$policy_saved" = none ]; then
		rm -f "$policy"
	elif [ -n "$policy_saved" ]; then
		mv -f "$policy_saved" "$policy"
	fi
	policy_saved=
}

# install_packages NAME...: install what is missing of these Debian packages,
# start no service. Set install_log before; call
# policy_restore at the end.
install_packages() {
	missing=
	for package in "$@"; do
		status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=
		[ "$status" = installed ] || missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	echo "Installing Debian packages:$missing"
	if [ -e "$policy" ]; then
		policy_saved=$(mktemp "$policy.XXXXXX")
		cp -p "$policy" "$policy_saved"
	else
		policy_saved=none
	fi
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
	export DEBIAN_FRONTEND=noninteractive
	failed=0
	{
		apt-get -q update &&
		apt-get -q -y --no-install-recommends install $missing
	} >"$install_log" 2>&1 </dev/null || failed=1
	policy_restore
	return $failed
}

build_packages='gcc make libc6-dev autoconf automake libtool pkg-config
	dovecot-dev libssl-dev libunbound-dev libidn2-dev libpsl-dev
	libspf2-dev libopendkim-dev'
run_packages='dovecot-core dovecot-imapd dovecot-lmtpd dovecot-sieve
	python3 python3-dnslib python3-cryptography util-linux procps'

# copy_tree FROM TO: the sources as they are now, without anything built
copy_tree() {
	mkdir -p "$2"
	if git -c safe.directory='*' -C "$1" rev-parse --git-dir >/dev/null 2>&1; then
		(cd "$1" && git -c safe.directory='*' ls-files -z -co --exclude-standard |
			xargs -0 sh -c 'for f; do [ ! -e "$f" ] || printf "%s\0" "$f"; done' sh |
			tar --null -T - -cf -) | tar -C "$2" -xf -
	else
		(cd "$1" && tar -cf - .) | tar -C "$2" -xf - &&
		{ [ ! -f "$2/Makefile" ] || make -C "$2" distclean; }
	fi
}
