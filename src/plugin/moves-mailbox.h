#ifndef MOVES_MAILBOX_H
#define MOVES_MAILBOX_H

struct authres_user;
struct mailbox;

/* What a mailbox means when its user moves mail there or away. */
enum mailbox_role {
	/* not the user's own (a shared or public namespace, or somebody else
	   acts as the user), or virtual: says nothing */
	MAILBOX_ROLE_FOREIGN,
	MAILBOX_ROLE_JUNK,
	MAILBOX_ROLE_TRASH,
	MAILBOX_ROLE_OTHER
};

/* Junk is every mailbox that authres_junk_mailbox stands for
   (junk_mailbox_is()). Trash has that special use or a common name of it
   (moves-trash.h), or is below such a mailbox. */
enum mailbox_role
mailbox_role_get(struct authres_user *auser, struct mailbox *box);

#endif
