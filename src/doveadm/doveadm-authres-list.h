#ifndef DOVEADM_AUTHRES_LIST_H
#define DOVEADM_AUTHRES_LIST_H

void doveadm_authres_list_register(void);

#endif
