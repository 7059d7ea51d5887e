#ifndef SPF_EXPLAIN_H
#define SPF_EXPLAIN_H

struct spf_evaluation;
struct spf_host;

/* The explanation of a host with result fail (section 6.2), or NULL: none is
   given, or it is unusable in any way. Returned in the evaluation's pool.
   Printable ASCII, at most AUTHRES_MAX_SPF_EXPLANATION_BYTES. */
const char *spf_explain(struct spf_evaluation *evaluation,
			const struct spf_host *host);

#endif
