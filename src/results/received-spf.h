#ifndef RECEIVED_SPF_H
#define RECEIVED_SPF_H

struct verdict;

/* The Received-SPF field, RFC 7208 section 9.1: written and recognised. */

/* Append the field with the SPF result of the reverse-path (of postmaster@HELO
   for the null reverse-path), name and final line end included, folded like
   authres_field_write() does and as safe against any bytes in verdict.
   receiver: our host name. newline: "\n" or "\r\n". Appends nothing and
   returns FALSE when SPF was not evaluated. */
bool received_spf_write(string_t *dest, const struct verdict *verdict,
			const char *receiver, const char *newline);

/* Does this field say that one of our hosts wrote it, by receiver= or at the
   begin of its comment? value/size: what stands behind the colon; any bytes,
   folded or not, at most the first AUTHRES_MAX_FIELD_BYTES. When in doubt, it
   does. receivers is NULL-terminated. */
bool received_spf_claims(const unsigned char *value, size_t size,
			 const char *const *receivers);

#endif
