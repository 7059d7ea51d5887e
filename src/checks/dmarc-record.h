#ifndef DMARC_RECORD_H
#define DMARC_RECORD_H

#include "verdict.h"
#include "dmarc-settings.h"

/* DMARC policy record, RFC 9989 sections 4.7 and 4.8; RFC 7489 section 6.3. */

enum dmarc_psd {
	/* psd=u or absent: the walk decides */
	DMARC_PSD_UNKNOWN,
	/* psd=y: a public suffix domain */
	DMARC_PSD_YES,
	/* psd=n: the Organizational Domain is here */
	DMARC_PSD_NO
};

struct dmarc_record {
	/* FALSE: p is missing or invalid, or sp or np is invalid, and no rua
	   is valid: the record counts in the walk, but gives no policy
	   (section 4.10.1) */
	bool has_policy;
	/* why the record counts as p=none or gives no policy, such as "sp= is
	   not none, quarantine or reject"; NULL = p, sp and np are valid.
	   A literal. */
	const char *defect;
	enum dmarc_policy policy;
	/* meaningful only if they were given */
	enum dmarc_policy subdomain_policy;
	enum dmarc_policy nonexistent_policy;
	bool has_subdomain_policy;
	bool has_nonexistent_policy;

	bool strict_dkim;
	bool strict_spf;
	enum dmarc_psd psd;
	bool test_mode;
	/* 0..100, always 100 in RFC 9989 mode */
	unsigned int percent;

	/* what it was made of; not owned */
	const unsigned char *text;
	size_t text_size;
};

struct published_policy;

/* text: one TXT record, any bytes. Tags of the other RFC are ignored. Returns
   TRUE if it is a DMARC record: it begins with v=DMARC1. Broken tags have
   their defaults; of a tag that comes twice the first counts. */
bool dmarc_record_parse(enum dmarc_mode mode,
			const unsigned char *text, size_t size,
			struct dmarc_record *record_r);
/* The record as its owner published it, for the history. psl: the Public Suffix
   List led to it. Needs record->text. Strings live on the data stack. */
void dmarc_record_published(const struct dmarc_record *record, bool psl,
			    struct published_policy *policy_r);
/* text: a TXT record that is no DMARC record, any bytes. Returns what keeps it
   from being one if its owner seems to have meant one, such as "v=DMARC1 does
   not come first" (a literal); NULL if it is something else. */
const char *dmarc_record_near_miss(const unsigned char *text, size_t size);

#endif
