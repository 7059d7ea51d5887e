#ifndef REVIEW_COMMAND_H
#define REVIEW_COMMAND_H

#include "review-mailbox.h"

/* What the commands on stored messages have in common: list and impact read
   whole mailboxes, explain and release the messages that were named. */

/* of a user, mailbox, domain or reason on the terminal */
#define REVIEW_MAX_NAME_CHARS 256

/* Parameters of a command that reads whole mailboxes, and their usage. */
#define REVIEW_PARAMS_MAILBOXES \
DOVEADM_CMD_MAIL_COMMON \
DOVEADM_CMD_PARAM('m', "mailbox", CMD_PARAM_STR, 0) \
DOVEADM_CMD_PARAM('s', "since", CMD_PARAM_STR, 0) \
DOVEADM_CMD_PARAM('P', "no-progress", CMD_PARAM_BOOL, 0)
#define REVIEW_USAGE_MAILBOXES(options) DOVEADM_CMD_MAIL_USAGE_PREFIX \
	"[--mailbox <mailbox>] [--since <date>] " options " [--no-progress]"

/* Of a command on messages that are named. */
#define REVIEW_PARAMS_MESSAGES \
DOVEADM_CMD_MAIL_COMMON \
DOVEADM_CMD_PARAM('\0', "mailbox", CMD_PARAM_STR, CMD_PARAM_FLAG_POSITIONAL) \
DOVEADM_CMD_PARAM('\0', "uid", CMD_PARAM_ARRAY, CMD_PARAM_FLAG_POSITIONAL)
#define REVIEW_USAGE_MESSAGES(options) DOVEADM_CMD_MAIL_USAGE_PREFIX \
	options "<mailbox> <uid> [...]"

/* The command of REVIEW_PARAMS_MAILBOXES or REVIEW_PARAMS_MESSAGES; a command's
   own struct begins with it. */
struct review_command {
	struct doveadm_mail_cmd_context ctx;
	/* NULL = not given, with REVIEW_PARAMS_MAILBOXES only */
	const char *mailbox;
	/* with REVIEW_PARAMS_MESSAGES only */
	struct uid_selection *uids;
	/* show on a terminal how far it is */
	bool progress;
};

/* Allocate a command of struct type, whose first member is a struct
   review_command. */
#define review_command_alloc(type, v) \
	((type *)review_command_alloc_size(sizeof(type), v))
struct review_command *
review_command_alloc_size(size_t size, const struct doveadm_mail_cmd_vfuncs *v);

/* Read the arguments, and set ctx.search_args. End the program with EX_USAGE if
   they are missing or wrong. */
void review_command_read_mailboxes(struct review_command *cmd);
void review_command_read_messages(struct review_command *cmd);

/* What to open: the command's messages of a mailbox. vname must live as long as
   params_r. */
void review_command_params(const struct review_command *cmd, const char *vname,
			   struct review_params *params_r);

/* numbers: which of names are shown as numbers, NULL-terminated. */
void review_print_headers(const char *const *names, unsigned int count,
			  const char *const *numbers);
/* A column with text of anybody; NULL prints an empty one. */
void review_print(const char *text);
/* One with the name of a mailbox. */
void review_print_mailbox(const char *vname);
/* One with the date at which a message was received, empty if not known. */
void review_print_received(struct mail *mail);

#endif
