#ifndef DOVEADM_AUTHRES_EXPLAIN_H
#define DOVEADM_AUTHRES_EXPLAIN_H

void doveadm_authres_explain_register(void);

#endif
