#ifndef MASTER_END_H
#define MASTER_END_H

/* A process of a Dovecot that was reloaded or stopped serves its connections to
   their end, but once it is back in its loop it may go before it has told what
   it did. Whoever blocks has to look here. */

/* TRUE if the master is gone or was reloaded. Never TRUE without a master. */
bool master_is_ending(void);
/* A descriptor that is readable from then on; -1 without a master. */
int master_end_fd(void);

#endif
