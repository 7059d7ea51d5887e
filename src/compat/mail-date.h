#ifndef MAIL_DATE_H
#define MAIL_DATE_H

#include "time-util.h"

/* A date of RFC 5322 section 3.3, in UTC. (message_date_create() of Dovecot
   tells the time zone of this host.) Data stack. */
static inline const char *t_mail_date(time_t time)
{
	return t_strfgmtime("%a, %d %b %Y %H:%M:%S +0000", time);
}

#endif
