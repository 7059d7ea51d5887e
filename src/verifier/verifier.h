#ifndef VERIFIER_H
#define VERIFIER_H

#include "verifier-state.h"

/* All connections of one verifier process, its byte budget and its
   counters. */

/* set is copied; what it points to must live until deinit. */
struct verifier *verifier_init(const struct verifier_settings *set);
/* Messages that are here get their verdict, but no more come: who was served
   and waits to be served again is disconnected, the others behind their
   verdict. */
void verifier_stop(struct verifier *verifier);
/* Disconnects everybody. */
void verifier_deinit(struct verifier **verifier);

/* A new client; fd is closed with it. Greets at once, or closes it at once
   when this user has enough. listener: name of the one that accepted it. */
void verifier_connection_create(struct verifier *verifier, int fd,
				const char *listener);

#endif
