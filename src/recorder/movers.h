#ifndef MOVERS_H
#define MOVERS_H

/* Who says that mail was taken back from Junk: any local user. A lie makes a
   count wrong and nothing else, so what matters is how many there can be: of
   one user of the system AUTHRES_MAX_TAKEN_BACK_USER_PER_HOUR, of all
   AUTHRES_MAX_TAKEN_BACK_PER_HOUR. Virtual users are one user of the system. */

struct movers;

struct movers *movers_init(void);
void movers_deinit(struct movers **movers);

/* uid says that one message was taken back. Returns 1 if it counts, 0 if there
   were too many in this hour, -1 if that is so for the first time in it, to be
   told. */
int movers_count(struct movers *movers, uid_t uid, time_t now);

#endif
