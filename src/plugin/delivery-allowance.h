#ifndef DELIVERY_ALLOWANCE_H
#define DELIVERY_ALLOWANCE_H

struct authres_user;
struct event;
struct verdict;

/* What the user's own allowance for a message with this verdict says it came
   through, such as "list:lists.example.org" (data stack), or NULL: there is
   none, or none could count (disposition_may_be_allowed()). One that is used is
   renewed. A dict that fails is one error, to event, and no allowance; one that
   let a delivery wait in vain is not asked again by this process for
   AUTHRES_DICT_SILENT_SECS. */
const char *
t_delivery_allowance(struct authres_user *auser, const struct verdict *verdict,
		     struct event *event);

#endif
