#ifndef RESOLVER_UNBOUND_H
#define RESOLVER_UNBOUND_H

#include "unbound-configure.h"

struct resolver;

/* libunbound on the current ioloop.

   Identical questions under way are asked once, and answers are cached: in
   fresh_answers if there are any, and in libunbound. Each
   purpose has contexts of libunbound and room of its own
   (AUTHRES_MAX_DNS_POLICY_QUESTIONS, AUTHRES_MAX_DNS_MINOR_QUESTIONS), so minor
   names never stand before those that decide a policy. In each the first names
   of every message find room, however many the others ask for: the more of a
   message is under way, the smaller the part of the room it may fill. Who finds
   none waits. libunbound does not let go of what was cancelled, and names that
   are never answered make it take the DNS server for dead. So its context is
   replaced by a new one, for which no file is opened, when room is needed and
   before a question gets too old.

   A question is asked a second time after AUTHRES_DNS_SECOND_TRY_MSECS, since
   packets get lost, and of the next server if there are several; the answer to
   either counts, however late it comes. If only second questions are answered,
   the next server is asked first from then on.

   A name
   whose question stayed without an answer (until the timeout, until the DNS
   server gave up, or until it was cancelled after seconds) is remembered for
   AUTHRES_DNS_SILENT_SECS, and any question for it, or for a name below it, is
   TEMPORARY at once: a message need not wait where the one before it waited in
   vain. Just that name: its parent is never concluded to be silent, or a
   stranger's dead host could silence everything beside it. Top-level domains
   are not remembered, and nothing is while no other question is answered, for
   then it is our own DNS server that is silent. At most
   AUTHRES_MAX_DNS_SILENT_NAMES are kept, the oldest is forgotten first. For
   minor names more is concluded: after two silent names below the same three
   labels all below these are silent, until one of them is answered.

   libunbound's own zones are removed where a mail system may have real data:
   reverse zones of private networks, and "test". Names below "localhost",
   "invalid" and "onion" are never asked. */

/* Reads all files it needs, so call it before chroot, and after fork. Needs an
   ioloop; all questions are asked on it. Returns 0, or -1 and error_r (data
   stack). */
int resolver_unbound_init(const struct resolver_unbound_settings *set,
			  struct resolver **resolver_r, const char **error_r);

#endif
