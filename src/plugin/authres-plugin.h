#ifndef AUTHRES_PLUGIN_H
#define AUTHRES_PLUGIN_H

/* The module's entry points: hooks of mail delivery (delivery-hook*.h) and of
   moves that a user makes over IMAP (moves-hook.h). */

struct module;

extern const char *authres_plugin_version;
extern const char *authres_plugin_dependencies[];

void authres_plugin_init(struct module *module);
void authres_plugin_deinit(void);

#endif
