#ifndef STR_PREFIX_H
#define STR_PREFIX_H

/* TRUE if text begins with prefix, byte by byte. (str_has_prefix() of Dovecot
   takes other arguments in 2.3 than in 2.4.) */
static inline bool ATTR_PURE
str_has_prefix(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

#endif
