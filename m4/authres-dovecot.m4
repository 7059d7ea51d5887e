dnl AUTHRES_DOVECOT
dnl Find Dovecot with the macros of its dovecot.m4. Sets what those set, and
dnl DOVECOT_24 (conditional: which files of src/settings and conf.d are for it).
AC_DEFUN([AUTHRES_DOVECOT], [
	AUTHRES_DOVECOT_FIND
	DC_DOVECOT
	DC_DOVECOT_MODULEDIR
	dnl Without Dovecot's directories (distcheck) both macros name each other's.
	AS_IF([test "x$moduledir" = 'x$(moduledir)'],
		[moduledir='$(libdir)/dovecot/modules'])
	DC_DOVECOT_CFLAGS
	DC_DOVECOT_HARDENING
	DC_DOVECOT_FUZZER
	AC_SUBST([DISTCHECK_CONFIGURE_FLAGS])
	AUTHRES_DOVECOT_LINK
	AUTHRES_DOVECOT_24
	AUTHRES_DOVECOT_CONFDIR
])

dnl dovecot-config is not below the default prefix on Debian: look where
dnl distributions put it before DC_DOVECOT looks below $prefix.
AC_DEFUN([AUTHRES_DOVECOT_FIND], [
	AS_IF([test "x$with_dovecot" = x], [
		for dir in /usr/lib/dovecot /usr/lib64/dovecot \
			/usr/local/lib/dovecot; do
			AS_IF([test -f "$dir/dovecot-config"],
				[with_dovecot=$dir; break])
		done
	])
	AS_IF([test "x$with_dovecot" = x], [AUTHRES_MISSING(
		[dovecot-config, which describes Dovecot to its plugins,],
		[dovecot-dev], [--with-dovecot=DIR])])
])

dnl Newer dovecot.m4 puts its flags in AM_CFLAGS, older in CFLAGS.
dnl Our own libraries are plain archives, which libtool need not wrap: their
dnl objects end up in modules, too. Only what is installed is linked by libtool.
AC_DEFUN([AUTHRES_DOVECOT_LINK], [
	AM_CFLAGS="$AM_CFLAGS -fPIC"
	AC_SUBST([AM_CFLAGS])
	LINK='$(CCLD) $(AM_CFLAGS) $(CFLAGS) $(AM_LDFLAGS) $(LDFLAGS) -o $[]@'
	AC_SUBST([LINK])
	ARFLAGS=cr
	AC_SUBST([ARFLAGS])
])

AC_DEFUN([AUTHRES_DOVECOT_24], [
	AC_MSG_CHECKING([whether this is Dovecot 2.4 or newer])
	saved_CPPFLAGS=$CPPFLAGS
	CPPFLAGS="$LIBDOVECOT_INCLUDE $CPPFLAGS"
	AC_PREPROC_IFELSE([AC_LANG_SOURCE([[#include "config.h"
#include "macros.h"
#if !DOVECOT_PREREQ(2,4,0)
#error
#endif]])], [dovecot_24=yes], [dovecot_24=no])
	CPPFLAGS=$saved_CPPFLAGS
	AC_MSG_RESULT([$dovecot_24])
	AM_CONDITIONAL([DOVECOT_24], [test "$dovecot_24" = yes])
])

dnl Our settings go where Dovecot's configuration is, which is not below our
dnl prefix; distcheck gets a directory below its prefix like everything else.
AC_DEFUN([AUTHRES_DOVECOT_CONFDIR], [
	AC_ARG_WITH([dovecot-confdir], [AS_HELP_STRING(
		[--with-dovecot-confdir=DIR],
		[Dovecot's configuration directory (default: /etc/dovecot)])],
		[dovecot_confdir=$withval],
		[AS_IF([test "x$use_install_dirs" = xno],
			[dovecot_confdir='$(sysconfdir)/dovecot'],
			[dovecot_confdir=/etc/dovecot])])
	AC_SUBST([dovecot_confdir])
])

dnl AUTHRES_PIGEONHOLE: SIEVE_CPPFLAGS (HAVE_SIEVE for C), HAVE_SIEVE
dnl Its header files only: its library is loaded by its own plugin.
AC_DEFUN([AUTHRES_PIGEONHOLE], [
	AC_MSG_CHECKING([for Pigeonhole's header files])
	saved_CPPFLAGS=$CPPFLAGS
	CPPFLAGS="$LIBDOVECOT_INCLUDE $CPPFLAGS"
	AC_PREPROC_IFELSE([AC_LANG_SOURCE(
		[[#if !__has_include("sieve/sieve-script.h")
#error
#endif]])], [have_sieve=yes], [have_sieve=no])
	CPPFLAGS=$saved_CPPFLAGS
	AC_MSG_RESULT([$have_sieve])
	AM_CONDITIONAL([HAVE_SIEVE], [test "$have_sieve" = yes])
	dnl not $(dovecot_pkgincludedir), which distcheck has below its prefix
	AS_IF([test "$have_sieve" = yes], [
		SIEVE_CPPFLAGS=-DHAVE_SIEVE
		for dir in $LIBDOVECOT_INCLUDE; do
			AS_CASE([$dir], [-I*],
				[SIEVE_CPPFLAGS="$SIEVE_CPPFLAGS $dir/sieve"])
		done
	])
	AC_SUBST([SIEVE_CPPFLAGS])
])
