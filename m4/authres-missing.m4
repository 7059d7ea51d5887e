dnl AUTHRES_MISSING(WHAT, PACKAGE, [OPTION])
dnl End configure: WHAT was not found. Names the Debian package that has it and
dnl the option that builds without it.
AC_DEFUN([AUTHRES_MISSING], [AC_MSG_ERROR(
	[$1 was not found. Install the Debian package $2]m4_ifval([$3],
	[ or give $3])[.])])
