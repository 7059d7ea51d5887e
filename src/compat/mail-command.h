#ifndef MAIL_COMMAND_H
#define MAIL_COMMAND_H

#include "doveadm-mail.h"

/* doveadm commands on the mail of users, declared the same way on every
   Dovecot: options are read with doveadm_cmd_param_*() in init(), which is
   written

     static void
     cmd_x_init(struct doveadm_mail_cmd_context *ctx MAIL_COMMAND_INIT_ARGS)

   and alloc() calls mail_command_accept_options(). An option needs a short
   name, without which 2.3 takes none from a mail command. */

#if DOVECOT_PREREQ(2, 4, 0)
#define MAIL_COMMAND_INIT_ARGS

static inline void
mail_command_accept_options(struct doveadm_mail_cmd_context *ctx ATTR_UNUSED)
{
}
#else
#define MAIL_COMMAND_INIT_ARGS , const char *const args[] ATTR_UNUSED

static inline bool
mail_command_parse_arg(struct doveadm_mail_cmd_context *ctx ATTR_UNUSED,
		       int c ATTR_UNUSED)
{
	/* doveadm has matched it with the command's parameters */
	return TRUE;
}

static inline void
mail_command_accept_options(struct doveadm_mail_cmd_context *ctx)
{
	ctx->v.parse_arg = mail_command_parse_arg;
}
#endif

#endif
