#ifndef DOVEADM_AUTHRES_VERIFY_H
#define DOVEADM_AUTHRES_VERIFY_H

/* doveadm authres verify: run the checks on one message and show their
   results. */

void doveadm_authres_verify_register(void);

#endif
