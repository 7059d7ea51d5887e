#ifndef DOVEADM_AUTHRES_IMPACT_H
#define DOVEADM_AUTHRES_IMPACT_H

void doveadm_authres_impact_register(void);

#endif
