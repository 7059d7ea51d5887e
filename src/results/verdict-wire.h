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
             HISTORY <tab> number <tab> flags <tab> domain <tab> policy
                 <tab> record             (only for history=yes; once)
             REPORT <tab> field ...       (only for failure=yes; once, behind
             HISTORY)
             VERDICT <tab> key=value ...                         (ends it)
         or: FAIL <tab> reason       (only where the header was not read)
             ALIVE                       (before that, once, if VERIFY has
             tell_alive=yes and the verdict takes AUTHRES_ALIVE_MSECS)
     client: STATUS    server: STATUS <tab> key=value ...

   HISTORY is struct verdict_history: number in hex; flags the letters d
   (dkim_aligned), s (spf_aligned), a (automatic) in this order; domain, policy
   and record may be empty. REPORT is its failure (failure-text.h).

   One request at a time on a connection, any number one after the other; the
   server may close it between two. Neither end believes the other:
   both decoders check every value and refuse the whole message at the first
   bad byte. A server ignores keys of VERIFY that it does not know. */

#define VERDICT_WIRE_SERVICE "authres-verifier"
#define VERDICT_WIRE_MAJOR_VERSION 1
#define VERDICT_WIRE_MINOR_VERSION 0
#define VERDICT_WIRE_ALIVE "ALIVE\n"

struct verdict_decoder;

/* What may stand in a line that the server sends: printable ASCII, and TAB and
   \001 for its fields and their escapes. The encoder writes nothing else,
   whatever a message brought (the local part of an author address, which may
   be UTF-8, is written in percent-encoding), and every reader refuses anything
   else. */
bool verdict_wire_byte_is_valid(unsigned char byte);
/* TRUE if line, of which size bytes are there, consists of such bytes and is
   or becomes one of words (NULL-terminated), alone or followed by a TAB. The
   first *checked bytes are known to be good; *checked is moved on. */
bool verdict_wire_line_is_valid(const unsigned char *line, size_t size,
				const char *const *words, size_t *checked);

/* Append the VERIFY line with its LF. */
void
verify_request_encode(const struct verify_request *request, string_t *dest);
/* args: the line split by t_strsplit_tabescaped(), without "VERIFY".
   Strings of request_r live in pool. Returns 0, or -1 and error_r (data
   stack). An unknown key is ignored, a bad value is an error. */
int verify_request_decode(pool_t pool, const char *const *args,
			  struct verify_request *request_r,
			  const char **error_r);

/* Append the RESULT lines and the VERDICT line. The decoder takes whatever this
   writes. */
void verdict_encode(const struct verdict *verdict, string_t *dest);
/* Append the HISTORY line, and REPORT if there is one; to be called
   before. */
void verdict_history_encode(const struct verdict_history *history,
			    string_t *dest);
/* The same for a request with minimal=yes: results, domains and policy only,
   no text of anybody. */
void verdict_encode_minimal(const struct verdict *verdict, string_t *dest);

/* Decode a reply as its bytes come: the one reader of replies. The verdict's
   strings live in pool. */
struct verdict_decoder *verdict_decoder_init(pool_t pool);
/* TRUE if bytes came behind the end of the reply. */
bool verdict_decoder_has_more(const struct verdict_decoder *decoder);
void verdict_decoder_deinit(struct verdict_decoder **decoder);
/* Returns 1 and fills verdict_r at the end of the VERDICT line (what follows it
   in data is not looked at), 0 if more bytes are needed, -1 and error_r (data
   stack) at the first byte that makes no reply, above AUTHRES_MAX_REPLY_BYTES
   and AUTHRES_MAX_PROTOCOL_LINE_BYTES, and for FAIL: error_r then is
   "verifier: " and its reason. After anything but 0 it returns -1. */
int verdict_decoder_more(struct verdict_decoder *decoder,
			 const unsigned char *data, size_t size,
			 struct verdict *verdict_r, const char **error_r);
/* TRUE after a FAIL line: the reply was none, but it was not refused. */
bool verdict_decoder_is_fail(const struct verdict_decoder *decoder);

#endif
