#ifndef DOVEADM_AUTHRES_CONFIG_H
#define DOVEADM_AUTHRES_CONFIG_H

/* "doveadm authres config": config-report.h, a row for each finding. Asks the
   running verifier about itself and for a verdict on a message of our own
   making. Exit code 78 (EX_CONFIG) if anything cannot work. */

void doveadm_authres_config_register(void);

#endif
