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
	apt_failed=0
	{
		apt-get -q update &&
		apt-get -q -y --no-install-recommends install $missing
	} >"$install_log" 2>&1 </dev/null || apt_failed=1
	policy_restore
	return $apt_failed
}

build_packages='gcc make libc6-dev autoconf automake libtool pkg-config
	dovecot-dev libssl-dev libunbound-dev libidn2-dev libpsl-dev
	libspf2-dev libopendkim-dev libseccomp-dev libunistring-dev
	libxml2-dev zlib1g-dev'
run_packages='dovecot-core dovecot-imapd dovecot-lmtpd dovecot-sieve
	python3 python3-dnslib python3-cryptography util-linux procps iproute2'
# what only tests/check needs: other compilers, second opinions
check_packages='clang libclang-rt-dev valgrind python3-yaml xz-utils git mandoc
	file dovecot-sqlite dovecot-pgsql postgresql libxml2-utils dmarc-cat'
# what tests/package needs
package_packages='build-essential debhelper dpkg-dev lintian apparmor
	apparmor-profiles dovecot-pop3d'
# what makes a root of another release (tests/debian-root)
root_packages='debootstrap debian-archive-keyring util-linux iproute2'

# MTAs exclude each other, and this machine may have one of its own. So they are
# not installed but unpacked here, and only the namespaces of a test see them.
unpacked=${AUTHRES_UNPACKED:-/var/cache/authres-tests}
mta_packages='postfix exim4-daemon-light opensmtpd sendmail-bin
	opendkim opendmarc rspamd postsrsd'

# a program that reads reports, unpacked as well
reader_packages='dmarcts-report-parser libdbd-pg-perl'

# what single tests use: mail clients as a person does, a server for a dict
client_packages='roundcube-core roundcube-sqlite3 roundcube-plugins php-cli
	php-sqlite3 chromium chromium-driver python3-selenium neomutt tmux
	redis-server'

# unpack_package NAME: it and what else apt would install for it into
# $unpacked/NAME, once. What apt says goes to the standard output.
unpack_package() (
	tree=$unpacked/$1
	mkdir -p "$unpacked" && exec 9>"$unpacked/.lock" && flock 9 || exit 1
	[ ! -e "$tree/.complete" ] || exit 0
	rm -rf "$tree" "$tree.debs"
	mkdir -p "$tree.debs/partial" "$tree/usr/bin" "$tree/usr/sbin" "$tree/usr/lib" &&
	ln -s usr/bin usr/sbin usr/lib "$tree" || exit 1
	download_package "$1" "$tree.debs" ||
		{ apt-get -q update && download_package "$1" "$tree.debs"; } || exit 1
	for deb in "$tree.debs"/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" |
			tar -C "$tree" --keep-directory-symlink -xpf - || exit 1
	done
	rm -rf "$tree.debs"
	: >"$tree/.complete"
)

download_package() {
	apt-get -q -y --no-install-recommends --reinstall --download-only \
		-o Dir::Cache::archives="$2" -o Debug::NoLocking=1 install "$1" </dev/null
}

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
