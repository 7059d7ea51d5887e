#ifndef OFFLINE_DESTINATIONS_H
#define OFFLINE_DESTINATIONS_H

struct offline_place;

/* Where reports may go (report-destination.h), asked of DNS in an offline
   place, since records and answers are bytes of strangers. */

/* For the child after fork. Each line that it reads from fd, tab-escaped and
   ended by LF, is "rua" or "ruf", a policy domain, and the value of that tag of
   its record, separated by TAB. It answers with
   lines of tab-escaped columns:
     I sentence                                       an ignored URI
     D permission published bytes address bytes why   a report_destination;
                                                      address "" if it has none
     END                                              the next one may come
   in that order, within authres_timeout. Ends when fd is closed, or after
   offline_place_fail(). */
void offline_destinations_run(const struct offline_place *place, int fd)
	ATTR_NORETURN;

#endif
