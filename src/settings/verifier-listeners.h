#ifndef VERIFIER_LISTENERS_H
#define VERIFIER_LISTENERS_H

/* The UNIX sockets of our services, in Dovecot's base_dir. */

/* 0666: any local user may ask; a stranger gets a bounded part */
#define AUTHRES_LISTENER "authres"
/* 0600, of the user that Dovecot was started as: deliveries. Who can open it
   is trusted as root is. The verifier's client looks for it where the other
   one is, with this ending. */
#define AUTHRES_DELIVERY_ENDING "-delivery"
#define AUTHRES_DELIVERY_LISTENER AUTHRES_LISTENER AUTHRES_DELIVERY_ENDING
/* of the service authres-history; 0600, as above: who can open it is believed
   what he says about messages */
#define AUTHRES_HISTORY_LISTENER "authres-history"
/* of the same; 0666: any local user may say that a message was taken back, and
   is believed that much as a bounded count */
#define AUTHRES_TAKEN_BACK_LISTENER "authres-taken-back"

#endif
