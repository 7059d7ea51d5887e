dnl AUTHRES_SANDBOX
dnl With what the verifier confines itself. Sets SECCOMP_LIBS and
dnl SANDBOX_CPPFLAGS (HAVE_SECCOMP, HAVE_LANDLOCK for C).
AC_DEFUN([AUTHRES_SANDBOX], [
	AC_ARG_WITH([seccomp], [AS_HELP_STRING([--without-seccomp],
		[build without libseccomp, for systems that do not have it])],
		[], [with_seccomp=yes])
	AS_IF([test "x$with_seccomp" != xno], [
		PKG_CHECK_MODULES([SECCOMP], [libseccomp >= 2.4.0], [],
			[AUTHRES_MISSING([libseccomp], [libseccomp-dev],
				[--without-seccomp])])
		SANDBOX_CPPFLAGS="-DHAVE_SECCOMP $SECCOMP_CFLAGS"
	])
	AC_SUBST([SECCOMP_LIBS])
	AC_CHECK_HEADER([linux/landlock.h],
		[SANDBOX_CPPFLAGS="$SANDBOX_CPPFLAGS -DHAVE_LANDLOCK"])
	AC_SUBST([SANDBOX_CPPFLAGS])
])
