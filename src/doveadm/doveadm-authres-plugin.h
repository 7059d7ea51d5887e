#ifndef DOVEADM_AUTHRES_PLUGIN_H
#define DOVEADM_AUTHRES_PLUGIN_H

struct module;

/* What doveadm finds in our module. */

extern const char *doveadm_authres_plugin_version;

void doveadm_authres_plugin_init(struct module *module);
void doveadm_authres_plugin_deinit(void);

#endif
