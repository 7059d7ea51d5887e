#ifndef DOVEADM_AUTHRES_ALLOW_H
#define DOVEADM_AUTHRES_ALLOW_H

/* doveadm authres allow list, add, remove: what a user allows. */
void doveadm_authres_allow_register(void);

#endif
