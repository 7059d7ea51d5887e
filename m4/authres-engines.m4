dnl Second opinions, which a build may leave out. Both add to ENGINES_CPPFLAGS.

dnl AUTHRES_LIBSPF2: SPF2_LIBS, HAVE_LIBSPF2 (conditional and for C)
dnl There is no .pc file.
AC_DEFUN([AUTHRES_LIBSPF2], [
	AC_ARG_WITH([libspf2], [AS_HELP_STRING([--without-libspf2],
		[build without the second SPF engine])],
		[], [with_libspf2=yes])
	AS_IF([test "x$with_libspf2" != xno], [
		saved_LIBS=$LIBS
		AC_CHECK_HEADER([spf2/spf.h], [], [AUTHRES_MISSING([libspf2],
			[libspf2-dev], [--without-libspf2])],
			[#include <sys/types.h>
#include <netinet/in.h>
#include <arpa/nameser.h>])
		AC_SEARCH_LIBS([SPF_server_new], [spf2], [],
			[AUTHRES_MISSING([libspf2], [libspf2-dev],
				[--without-libspf2])])
		LIBS=$saved_LIBS
		SPF2_LIBS=-lspf2
		ENGINES_CPPFLAGS="$ENGINES_CPPFLAGS -DHAVE_LIBSPF2"
	])
	AC_SUBST([SPF2_LIBS])
	AC_SUBST([ENGINES_CPPFLAGS])
	AM_CONDITIONAL([HAVE_LIBSPF2], [test "x$with_libspf2" != xno])
])

dnl AUTHRES_LIBOPENDKIM: OPENDKIM_CFLAGS, OPENDKIM_LIBS, HAVE_LIBOPENDKIM
AC_DEFUN([AUTHRES_LIBOPENDKIM], [
	AC_ARG_WITH([libopendkim], [AS_HELP_STRING([--without-libopendkim],
		[build without the second DKIM engine])],
		[], [with_libopendkim=yes])
	AS_IF([test "x$with_libopendkim" != xno], [
		PKG_CHECK_MODULES([OPENDKIM], [opendkim], [],
			[AUTHRES_MISSING([libopendkim], [libopendkim-dev],
				[--without-libopendkim])])
		ENGINES_CPPFLAGS="$ENGINES_CPPFLAGS -DHAVE_LIBOPENDKIM"
	])
	AC_SUBST([ENGINES_CPPFLAGS])
	AM_CONDITIONAL([HAVE_LIBOPENDKIM], [test "x$with_libopendkim" != xno])
])
