#ifndef VERDICT_WIRE_H
#define VERDICT_WIRE_H

#include "verdict.h"
#include "verify-request.h"

/* Both ends of the verifier's socket. The protocol, version 1, lines end with
   LF, fields are separated by TAB and escaped as in Dovecot (strescape.h):

     both:   VERSION <tab> authres-verifier <tab> 1 <tab> 0
     client: VERIFY <tab> key=value ...
             then the message in chunks: "<bytes>\n" and that many bytes, at
             most AUTHRES_MAX_CHUNK_BYTES; "0\n" ends it
     server: RESULT <tab> method <tab> word <tab> key=value ...  (0..n lines)
             VERDICT <tab> key=value ...                         (ends it)
         or: FAIL <tab> reason
     client: STATUS    server: STATUS <tab> key=value ...

   One request at a time on a connection. Neither end believes the other:
   both decoders check every value and refuse the whole message at the first
   bad byte. */

#define VERDICT_WIRE_SERVICE "authres-verifier"
#define VERDICT_WIRE_MAJOR_VERSION 1
#define VERDICT_WIRE_MINOR_VERSION 0

struct verdict_decoder;

/* Append the VERIFY line with its LF. */
void verify_request_encode(const struct verify_request *request, string_t *dest);
/* args: the line split by t_strsplit_tabescaped(), without "VERIFY".
   Strings of request_r live in pool. Returns 0, or -1 and error_r (data
   stack). An unknown key is ignored, a bad value is an error. */
int verify_request_decode(pool_t pool, const char *const *args,
			  struct verify_request *request_r,
			  const char **error_r);

/* Append the RESULT lines and the VERDICT line. */
void verdict_encode(const struct verdict *verdict, string_t *dest);

/* Decode a reply line by line. The verdict's strings live in pool. */
struct verdict_decoder *verdict_decoder_init(pool_t pool);
void verdict_decoder_deinit(struct verdict_decoder **decoder);
/* line: one line without its LF, no NUL. Returns 1 and fills verdict_r when
   this was the VERDICT line, 0 if more lines are needed, -1 and error_r (data
   stack) if the reply is refused or is FAIL (error_r then begins with
   "verifier: " and holds its reason, sanitised). */
int verdict_decoder_line(struct verdict_decoder *decoder, const char *line,
			 struct verdict *verdict_r, const char **error_r);

#endif
