#ifndef CONFIG_PLACE_H
#define CONFIG_PLACE_H

/* Find where Dovecot's configuration file at path, or one that it includes,
   sets key: the line that has word in its value, else the last that sets key.
   Dovecot itself tells the line only of what is wrong by its type.
   Returns TRUE and place_r ("/etc/dovecot/dovecot.conf line 5", data stack), or
   FALSE if no file that can be read sets it. */
bool config_place_find(const char *path, const char *key, const char *word,
		       const char **place_r);

#endif
