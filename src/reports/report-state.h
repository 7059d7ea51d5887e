#ifndef REPORT_STATE_H
#define REPORT_STATE_H

/* What the history remembers of reports, so that each is sent once: how far the
   report of a day to one address has come, and what is known of an address. */

enum report_progress {
	/* nothing was done yet */
	REPORT_PROGRESS_NONE,
	/* it is about to be handed to the MTA, or was handed over in vain: it
	   is tried again, as the same report, while its day is open */
	REPORT_PROGRESS_CLAIMED,
	/* the MTA has accepted it */
	REPORT_PROGRESS_SENT,
	/* nobody may have it there, or the MTA refused it for good */
	REPORT_PROGRESS_REFUSED,
	/* its day is over */
	REPORT_PROGRESS_GAVE_UP,
	/* the address is paused, or never to get any */
	REPORT_PROGRESS_SUPPRESSED
};

struct report_state {
	enum report_progress progress;
	/* since when */
	time_t time;
	/* how often it was claimed */
	unsigned int tries;
	/* for people, printable; NULL = none */
	const char *reason;
};

/* "sent", "gave-up"; "" for NONE. */
const char *report_progress_name(enum report_progress progress);
/* The text that is stored, less than AUTHRES_MAX_REPORT_STATE_BYTES. Data
   stack. */
const char *t_report_state_text(const struct report_state *state);
/* text: any. What makes no sense counts as sent, since nothing must be sent
   twice: returns -1 then, else 0. Strings live in pool,
   which is not the data stack. */
int report_state_parse(pool_t pool, const char *text,
		       struct report_state *state_r);
/* TRUE if something is still to be done about it. */
bool report_state_is_open(const struct report_state *state);
/* TRUE if reports of this day are still tried: until AUTHRES_REPORT_TRY_DAYS
   after it. */
bool report_day_is_open(unsigned int day, time_t now);

struct report_contact {
	/* when the MTA first accepted a report to this address; 0 = never */
	time_t first_sent;
	/* since the MTA refused one for good, it gets none until then, and the
	   next pause is twice as long; 0 = not since the last one that was
	   accepted */
	time_t paused_until;
	unsigned int pause_days;
	/* why it is paused; NULL = it is not */
	const char *reason;
};

const char *t_report_contact_text(const struct report_contact *contact);
/* text: any; pool as above. Returns 0, or -1 if it makes no sense: then nothing
   is known. */
int report_contact_parse(pool_t pool, const char *text,
			 struct report_contact *contact_r);
bool report_contact_is_paused(const struct report_contact *contact,
			      time_t now);
/* What the MTA said to a report to it. reason: any text, must live as long as
   contact. The first returns TRUE if that changes what is known. */
bool report_contact_accepted(struct report_contact *contact, time_t now);
void report_contact_refused(struct report_contact *contact, time_t now,
			    const char *reason);

#endif
