#ifndef MOVES_TRASH_H
#define MOVES_TRASH_H

/* What mail clients call the mailbox for deleted mail, in the languages of
   their users, where no special use is set (RFC 6154).

   name: one level of a mailbox name, UTF-8, as users see it (no namespace
   prefix, no separator). Letters are the same in upper and lower case, and
   composed or not (Apple's clients write "e" and an accent). Returns FALSE also
   for a name that is no UTF-8. */
bool trash_name_is_known(const char *name);

#endif
