#ifndef LOG_LINE_H
#define LOG_LINE_H

struct disposition;
struct verdict;

/* "spf=softfail dkim=none dmarc=fail p=quarantine from=example.net
   ip=192.0.2.1(received) dns=9q/2w/31ms -> Junk": the one info line of a
   message, without the prefix "authres: ". No local parts. mailbox: where it
   went, NULL = unknown. Data stack; sanitised. */
const char *t_log_line(const struct verdict *verdict,
		       const struct disposition *disposition,
		       const char *mailbox);

#endif
