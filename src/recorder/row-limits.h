#ifndef ROW_LIMITS_H
#define ROW_LIMITS_H

struct history_row;
struct row_limits;

/* How many rows strangers can make: with selectors, bounce domains and
   subdomains that are used once every message has a row of its own. */

struct row_limits *row_limits_init(void);
void row_limits_deinit(struct row_limits **limits);

/* Leave out details of row if its policy domain has too many rows this day: the
   results of DKIM and SPF and envelope_from above
   AUTHRES_MAX_HISTORY_DOMAIN_ROWS; all but what HISTORY_NO_DOMAIN has above
   AUTHRES_MAX_HISTORY_DOMAIN_PLAIN_ROWS, or if the day has
   AUTHRES_MAX_HISTORY_DAY_ROWS. Rows of what was taken back have a limit of
   their own, AUTHRES_MAX_TAKEN_BACK_ROWS a day. Rows that are known stay as
   they are. Counted since the process began, or since the day did. */
void row_limits_apply(struct row_limits *limits, struct history_row *row);

#endif
