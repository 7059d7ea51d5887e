#ifndef DOVEADM_AUTHRES_RELEASE_H
#define DOVEADM_AUTHRES_RELEASE_H

void doveadm_authres_release_register(void);

#endif
