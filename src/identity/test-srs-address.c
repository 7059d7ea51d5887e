/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "test-common.h"
#include "test-file.h"
#include "srs-address.h"

static void test_srs_sender_domain(void)
{
	static const struct {
		const char *mail_from, *domain;
	} tests[] = {
		{ "SRS0=Hx2k=7V=Source.Example=user@fw.example",
		  "source.example" },
		{ "srs0=h=t=source.example=user@fw.example", "source.example" },
		{ "SRS0+h=t=source.example=user@fw.example", "source.example" },
		{ "SRS0-h=t=source.example=user@fw.example", "source.example" },
		{ "SRS0=h=t=source.example=a=b=c@fw.example",
		  "source.example" },
		{ "SRS0=h=t=source.example=\"a@b\"@fw.example",
		  "source.example" },
		{ "SRS1=h=first.example==h0=t0=source.example=user@fw.example",
		  "source.example" },
		{ "SRS1=h=first.example=+h0=t0=source.example=user@fw.example",
		  "source.example" },
		{ "SRS1-h=first.example=-h0=t0=source.example=user@fw.example",
		  "source.example" },
		{ "bob.external+SRS=h=t=source.example=user@fw.example",
		  "source.example" },
		{ "SRS0=h=t=b\xc3\xbc""cher.example=user@fw.example",
		  "xn--bcher-kva.example" },
		/* not rewritten */
		{ "", NULL },
		{ "@", NULL },
		{ "user@fw.example", NULL },
		{ "SRS0", NULL },
		{ "SRS0=h=t=source.example=user", NULL },
		{ "SRS00=h=t=source.example=user@fw.example", NULL },
		{ "SRS2=h=t=source.example=user@fw.example", NULL },
		{ "xSRS0=h=t=source.example=user@fw.example", NULL },
		{ "user+SRS0=h=t=source.example=user@fw.example", NULL },
		/* parts that are missing */
		{ "SRS0=@fw.example", NULL },
		{ "SRS0=h@fw.example", NULL },
		{ "SRS0=h=t@fw.example", NULL },
		{ "SRS0=h=t=source.example@fw.example", NULL },
		{ "SRS0=h=t=source.example=@fw.example", NULL },
		{ "SRS0==t=source.example=user@fw.example", NULL },
		{ "SRS0=h==source.example=user@fw.example", NULL },
		{ "SRS0=h=t==user@fw.example", NULL },
		{ "SRS1=h@fw.example", NULL },
		{ "SRS1=h=first.example@fw.example", NULL },
		{ "SRS1=h=first.example=@fw.example", NULL },
		{ "SRS1=h=first.example=h0=t0=source.example=user@fw.example",
		  NULL },
		{ "SRS1=h===t0=source.example=user@fw.example", NULL },
		/* no domain */
		{ "SRS0=h=t=localhost=user@fw.example", NULL },
		{ "SRS0=h=t=a b.example=user@fw.example", NULL },
		{ "SRS0=h=t=[192.0.2.1]=user@fw.example", NULL },
		{ "SRS0=h=t=a..example=user@fw.example", NULL },
		{ "SRS0=h=t=\xff.example=user@fw.example", NULL },
		{ "SRS0=h=t=a@b.example=user@fw.example", NULL },
	};

	test_begin("srs sender domain");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_strcmp_idx(t_srs_sender_domain(tests[i].mail_from),
				       tests[i].domain, i);
	}
	test_end();
}

static void test_srs_sender(void)
{
	static const struct {
		const char *mail_from, *sender;
	} tests[] = {
		{ "SRS0=Hx2k=7V=Source.Example=User@own.example",
		  "User@source.example" },
		{ "SRS0+h=t=source.example=a=b@own.example",
		  "a=b@source.example" },
		{ "SRS0-h=t=source.example=\"a@b\"@own.example",
		  "\"a@b\"@source.example" },
		/* what the forwarder before us had */
		{ "SRS1=h=first.example==h0=t0=source.example=user@own.example",
		  "SRS0=h0=t0=source.example=user@first.example" },
		{ "srs1+h=First.Example=-h0=t0=source.example=user@own.example",
		  "SRS0-h0=t0=source.example=user@first.example" },
		{ "bob+SRS=h=t=source.example=user@own.example",
		  "user@source.example" },
		{ "SRS1=h=fi rst==h0=t0=source.example=user@own.example",
		  "user@source.example" },
		{ "user@own.example", NULL },
		{ "SRS0=h=t@own.example", NULL },
		{ "", NULL },
	};

	test_begin("srs sender");
	for (unsigned int i = 0; i < N_ELEMENTS(tests); i++) {
		test_assert_strcmp_idx(t_srs_sender(tests[i].mail_from),
				       tests[i].sender, i);
	}
	test_end();
}

TEST_MAIN(void)
{
	static void (*const test_functions[])(void) = {
		test_srs_sender_domain,
		test_srs_sender,
		NULL
	};
	return test_run(test_functions);
}
