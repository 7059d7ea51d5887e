dnl Libraries that every build needs.

dnl AUTHRES_OPENSSL, AUTHRES_IDN2, AUTHRES_PSL
dnl Set OPENSSL_, IDN2_ and PSL_, each with CFLAGS and LIBS.
AC_DEFUN([AUTHRES_OPENSSL], [PKG_CHECK_MODULES([OPENSSL], [libcrypto >= 3.0.0],
	[], [AUTHRES_MISSING([OpenSSL 3.0 or newer (libcrypto)], [libssl-dev])])])
AC_DEFUN([AUTHRES_IDN2], [PKG_CHECK_MODULES([IDN2], [libidn2 >= 2.0.5],
	[], [AUTHRES_MISSING([libidn2], [libidn2-dev])])])
AC_DEFUN([AUTHRES_PSL], [PKG_CHECK_MODULES([PSL], [libpsl >= 0.20],
	[], [AUTHRES_MISSING([libpsl], [libpsl-dev])])])

dnl AUTHRES_LIBXML2, AUTHRES_ZLIB
dnl Set XML2_ and ZLIB_, each with CFLAGS and LIBS, for reports.
AC_DEFUN([AUTHRES_LIBXML2], [PKG_CHECK_MODULES([XML2], [libxml-2.0 >= 2.9.4],
	[], [AUTHRES_MISSING([libxml2], [libxml2-dev])])])
AC_DEFUN([AUTHRES_ZLIB], [PKG_CHECK_MODULES([ZLIB], [zlib],
	[], [AUTHRES_MISSING([zlib], [zlib1g-dev])])])

dnl AUTHRES_UNISTRING: UNISTRING_LIBS
AC_DEFUN([AUTHRES_UNISTRING], [
	saved_LIBS=$LIBS
	AC_CHECK_HEADER([unictype.h], [],
		[AUTHRES_MISSING([libunistring], [libunistring-dev])])
	AC_SEARCH_LIBS([uc_is_property_default_ignorable_code_point],
		[unistring], [],
		[AUTHRES_MISSING([libunistring], [libunistring-dev])])
	LIBS=$saved_LIBS
	UNISTRING_LIBS=-lunistring
	AC_SUBST([UNISTRING_LIBS])
])

dnl AUTHRES_UNBOUND: UNBOUND_LIBS
dnl libunbound.pc asks for libevent's .pc on Debian 12: look for header and
dnl symbol instead.
AC_DEFUN([AUTHRES_UNBOUND], [
	saved_LIBS=$LIBS
	AC_CHECK_HEADER([unbound-event.h], [], [AUTHRES_MISSING(
		[libunbound with its event interface (unbound-event.h)],
		[libunbound-dev])])
	AC_SEARCH_LIBS([ub_ctx_create_ub_event], [unbound], [],
		[AUTHRES_MISSING([libunbound with its event interface],
			[libunbound-dev])])
	LIBS=$saved_LIBS
	UNBOUND_LIBS=-lunbound
	AC_SUBST([UNBOUND_LIBS])
])

dnl AUTHRES_RESOLV: RESOLV_LIBS, empty where libc reads DNS messages itself
AC_DEFUN([AUTHRES_RESOLV], [
	saved_LIBS=$LIBS
	AC_SEARCH_LIBS([ns_initparse], [resolv])
	AS_CASE([$ac_cv_search_ns_initparse],
		[-l*], [RESOLV_LIBS=$ac_cv_search_ns_initparse])
	LIBS=$saved_LIBS
	AC_SUBST([RESOLV_LIBS])
])
