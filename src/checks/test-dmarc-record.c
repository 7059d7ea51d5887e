/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "authres-limits.h"
#include "dmarc-record.h"
#include "test-common.h"
#include "test-file.h"

/* The record as a line; "-" = not a DMARC record. */
static const char *
record_str(enum dmarc_mode mode, const void *text, size_t size)
{
	struct dmarc_record record;
	string_t *str = t_str_new(64);

	if (!dmarc_record_parse(mode, text, size, &record))
		return "-";
	if (!record.has_policy)
		str_append(str, "nopolicy");
	else
		str_printfa(str, "p=%s", dmarc_policy_name(record.policy));
	if (record.has_subdomain_policy) {
		str_printfa(str, " sp=%s",
			    dmarc_policy_name(record.subdomain_policy));
	}
	if (record.has_nonexistent_policy) {
		str_printfa(str, " np=%s",
			    dmarc_policy_name(record.nonexistent_policy));
	}
	if (record.strict_dkim)
		str_append(str, " adkim=s");
	if (record.strict_spf)
		str_append(str, " aspf=s");
	if (record.psd != DMARC_PSD_UNKNOWN)
		str_printfa(str, " psd=%c",
			    record.psd == DMARC_PSD_YES ? 'y' : 'n');
	if (record.test_mode)
		str_append(str, " t=y");
	if (record.percent != 100)
		str_printfa(str, " pct=%u", record.percent);
	return str_c(str);
}

static const struct {
	const char *text, *rfc9989, *rfc7489;
} record_tests[] = {
	/* section 4.8: version */
	{ "v=DMARC1;p=reject", "p=reject", "p=reject" },
	{ "v=DMARC1; p=quarantine;", "p=quarantine", "p=quarantine" },
	{ "v \t=  DMARC1  ;  p\t= none  ; ", "p=none", "p=none" },
	{ "v=DMARC1", "nopolicy", "nopolicy" },
	{ "v=DMARC1;", "nopolicy", "nopolicy" },
	{ "", "-", "-" },
	{ "v=dmarc1; p=reject", "-", "-" },
	{ "V=DMARC1; p=reject", "-", "-" },
	{ " v=DMARC1; p=reject", "-", "-" },
	{ "p=reject; v=DMARC1", "-", "-" },
	{ "v=DMARC12; p=reject", "-", "-" },
	{ "v=DMARC1 p=reject", "-", "-" },
	{ "v=DMARC1, p=reject", "-", "-" },
	{ "v=\"DMARC1\"; p=reject", "-", "-" },
	{ "v=DMARC2; p=reject", "-", "-" },
	{ "v=; p=reject", "-", "-" },
	{ "v", "-", "-" },
	{ "v=spf1 -all", "-", "-" },
	{ "v=DKIM1; p=abc", "-", "-" },
	/* section 4.7: p, sp, np */
	{ "v=DMARC1; p=REJECT; sp=None; np=Quarantine", "p=reject sp=none np=quarantine", "p=reject sp=none" },
	{ "v=DMARC1; sp=none; p=reject", "p=reject sp=none", "p=reject sp=none" },
	{ "v=DMARC1; p=reject; np=bad", "nopolicy", "p=reject" },
	{ "v=DMARC1; p=reject; sp=bad", "nopolicy", "nopolicy" },
	{ "v=DMARC1; p=reject; sp=", "nopolicy", "nopolicy" },
	{ "v=DMARC1; p=reject; sp=bad; rua=mailto:a@b.example", "p=none", "p=none" },
	{ "v=DMARC1; p=reject; sp=none; np=bad; rua=mailto:a@b.example", "p=none", "p=reject sp=none" },
	{ "v=DMARC1; p=bad", "nopolicy", "nopolicy" },
	{ "v=DMARC1; p=", "nopolicy", "nopolicy" },
	{ "v=DMARC1; p=none reject", "nopolicy", "nopolicy" },
	{ "v=DMARC1; sp=reject", "nopolicy", "nopolicy" },
	{ "v=DMARC1; P=reject", "nopolicy", "nopolicy" },
	{ "v=DMARC1; p=reject; p=none", "p=reject", "p=reject" },
	{ "v=DMARC1; p=bad; p=none", "nopolicy", "nopolicy" },
	/* section 4.10.1: with a valid rua as p=none */
	{ "v=DMARC1; rua=mailto:a@b.example", "p=none", "p=none" },
	{ "v=DMARC1; p=bad; rua=mailto:a@b.example!10m", "p=none", "p=none" },
	{ "v=DMARC1; p=bad; rua = x , mailto:a@b.example", "p=none", "p=none" },
	{ "v=DMARC1; p=bad; rua=https://b.example/x", "p=none", "p=none" },
	{ "v=DMARC1; p=bad; rua=a@b.example", "nopolicy", "nopolicy" },
	{ "v=DMARC1; p=bad; rua=mailto:", "nopolicy", "nopolicy" },
	{ "v=DMARC1; p=bad; rua=mailto:@b.example", "nopolicy", "nopolicy" },
	{ "v=DMARC1; p=bad; rua=mailto:a@", "nopolicy", "nopolicy" },
	{ "v=DMARC1; p=bad; rua=mailto:a@!b", "nopolicy", "nopolicy" },
	{ "v=DMARC1; p=bad; rua=mailto:a b@c", "nopolicy", "nopolicy" },
	{ "v=DMARC1; p=bad; rua=,,", "nopolicy", "nopolicy" },
	{ "v=DMARC1; p=bad; ruf=mailto:a@b.example", "nopolicy", "nopolicy" },
	/* alignment, psd, t: bad values are the default */
	{ "v=DMARC1; p=none; adkim=s; aspf=S", "p=none adkim=s aspf=s", "p=none adkim=s aspf=s" },
	{ "v=DMARC1; p=none; adkim=r; aspf=x", "p=none", "p=none" },
	{ "v=DMARC1; p=none; psd=y; t=Y", "p=none psd=y t=y", "p=none" },
	{ "v=DMARC1; p=none; psd=N; t=n", "p=none psd=n", "p=none" },
	{ "v=DMARC1; p=none; psd=u; t=yes", "p=none", "p=none" },
	{ "v=DMARC1; psd=y", "nopolicy psd=y", "nopolicy" },
	/* RFC 7489 section 6.3: pct */
	{ "v=DMARC1; p=reject; pct=30", "p=reject", "p=reject pct=30" },
	{ "v=DMARC1; p=reject; pct=0", "p=reject", "p=reject pct=0" },
	{ "v=DMARC1; p=reject; pct=101", "p=reject", "p=reject" },
	{ "v=DMARC1; p=reject; pct=-1", "p=reject", "p=reject" },
	{ "v=DMARC1; p=reject; pct=x", "p=reject", "p=reject" },
	{ "v=DMARC1; p=reject; pct=99999999999999999999", "p=reject", "p=reject" },
	/* unknown, broken and empty tags */
	{ "v=DMARC1; p=reject; ri=86400; rf=afrf; fo=1; x=y", "p=reject", "p=reject" },
	{ "v=DMARC1;;; ;p=reject;;", "p=reject", "p=reject" },
	{ "v=DMARC1; garbage; p=reject", "p=reject", "p=reject" },
	{ "v=DMARC1; =; =x; p=reject", "p=reject", "p=reject" },
	{ "v=DMARC1; p=reject; sp=none\x01", "p=reject", "p=reject" },
	{ "v=DMARC1; p=reject; sp=n\xc3\xb6ne", "p=reject", "p=reject" },
	{ "v=DMARC1; p=rej\tect", "nopolicy", "nopolicy" },
	{ "v=DMARC1; pp=reject; p=none", "p=none", "p=none" },
	{ "v=DMARC1; p=reject; v=DMARC1", "p=reject", "p=reject" },
	{ "v=DMARC1; p=reject; sp==none", "nopolicy", "nopolicy" },
};

static void test_dmarc_record_parse(void)
{
	unsigned int i;

	test_begin("dmarc_record_parse");
	for (i = 0; i < N_ELEMENTS(record_tests); i++) T_BEGIN {
		const char *text = record_tests[i].text;

		test_assert_strcmp_idx(record_str(DMARC_MODE_RFC9989, text,
						  strlen(text)),
				       record_tests[i].rfc9989, i);
		test_assert_strcmp_idx(record_str(DMARC_MODE_RFC7489, text,
						  strlen(text)),
				       record_tests[i].rfc7489, i);
	} T_END;
	test_end();
}

static void test_dmarc_record_hostile(void)
{
	static const char nul[] = "v=DMARC1;\0p=reject; sp=n\0ne; p=none";
	static const char nul_version[] = "v=DMARC1\0; p=reject";
	static const char *const repeats[] = {
		";", "p=", "p=bad;", "rua=,", "x=y;", "=", " ", "\xff",
	};
	string_t *str = t_str_new(AUTHRES_MAX_TXT_BYTES);
	unsigned int i;

	test_begin("dmarc_record_parse hostile");
	test_assert_strcmp(record_str(DMARC_MODE_RFC9989, nul,
				      sizeof(nul) - 1), "p=none");
	test_assert_strcmp(record_str(DMARC_MODE_RFC9989, nul_version,
				      sizeof(nul_version) - 1), "-");
	for (i = 0; i < N_ELEMENTS(repeats); i++) {
		str_truncate(str, 0);
		str_append(str, "v=DMARC1; np=reject; ");
		while (str_len(str) < AUTHRES_MAX_TXT_BYTES - 16)
			str_append(str, repeats[i]);
		str_append(str, "; p=reject");
		test_assert_strcmp_idx(
			record_str(DMARC_MODE_RFC9989, str_data(str),
				   str_len(str)),
			i == 1 || i == 2 ? "nopolicy" : "p=reject np=reject", i);
	}
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_dmarc_record_parse,
		test_dmarc_record_hostile,
		NULL
	};
	return test_run(test_functions);
}
