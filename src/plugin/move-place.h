#ifndef MOVE_PLACE_H
#define MOVE_PLACE_H

struct authres_user;
struct mailbox;

/* What a mailbox means when its user moves mail there or away. */
enum move_place {
	/* not the user's own (a shared or public namespace, or somebody else
	   acts as the user), or virtual: says nothing */
	MOVE_PLACE_FOREIGN,
	MOVE_PLACE_JUNK,
	MOVE_PLACE_TRASH,
	MOVE_PLACE_OTHER
};

/* Junk is every mailbox that authres_junk_mailbox stands for
   (junk_mailbox_is()). Trash has that special use or a common name of it
   (trash-names.h), or is below such a mailbox. */
enum move_place move_place_get(struct authres_user *auser, struct mailbox *box);

#endif
