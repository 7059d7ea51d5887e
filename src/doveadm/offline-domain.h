#ifndef OFFLINE_DOMAIN_H
#define OFFLINE_DOMAIN_H

struct domain_review_query;
struct offline_place;

/* domain_review() in an offline place, since DNS answers are bytes of
   strangers. */

/* For the child after fork. Writes lines of tab-escaped columns to fd: "R",
   number of the state, topic, value, explanation for each row, and at the end
   "END" and 1 if DNS did not answer for all, else 0. Ends then, or after
   offline_place_fail(). query->dmarc and min_key_bits are set here. */
void offline_domain_run(const struct offline_place *place,
			const struct domain_review_query *query, int fd)
	ATTR_NORETURN;

#endif
