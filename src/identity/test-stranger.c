/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "str.h"
#include "test-received-parse.h"
#include "test-stranger.h"
#include "test-common.h"

unsigned int test_random(struct stranger *stranger, unsigned int max)
{
	stranger->state = stranger->state * 1103515245 + 12345;
	return (stranger->state >> 8) % max;
}

/* Any bytes but NUL, CR and LF: those end a command. */
const char *
stranger_text(struct stranger *stranger, unsigned int max_bytes)
{
	static const char *const pieces[] = {
		"([10.0.0.1])", " ([10.0.0.1])", "[10.0.0.1]", "(10.0.0.1)",
		") by mx.example.fr (Postfix) with ESMTPSA id 1 ",
		") by mx.example.fr with esmtpsa (Exim 4.96) id 1 (",
		" [10.0.0.1])", "(HELO x) (10.0.0.1)", "(", ")", "[", "]",
		"\\", "\"", ";", " ", "  ", "\t", "by ", " by mx", "from ",
		"helo=", " ident=", "port=1", "@", "<", ">", ".", ":", "=",
		"unknown", "IPv6:", "::1", "10.0.0.1", "a", "mx.example.fr",
		"(may be forged)", "(authenticated bits=0)", "\x01", "\x7f",
		"\x80", "\xff", "\xc3\xa9", "with LMTP id S", "%eth0",
		"mx.google.com",
	};
	string_t *str = t_str_new(256);
	unsigned int i, count = test_random(stranger, 12);

	for (i = 0; i < count; i++)
		str_append(str, pieces[test_random(stranger,
						   N_ELEMENTS(pieces))]);
	if (test_random(stranger, 8) == 0) {
		count = test_random(stranger, max_bytes);
		while (str_len(str) < count)
			str_append_c(str, "aab( )["[test_random(stranger, 7)]);
	}
	if (str_len(str) > max_bytes)
		str_truncate(str, max_bytes);
	return str_c(str);
}

const char *
replaced(const char *text, const char *bad, bool keep_control, char by)
{
	char *copy = t_strdup_noconst(text);

	for (char *p = copy; *p != '\0'; p++) {
		if (strchr(bad, *p) != NULL ||
		    (!keep_control && ((unsigned char)*p < ' ' || *p == 0x7f)))
			*p = by;
	}
	return copy;
}

const char *kept(const char *text, const char *good)
{
	string_t *str = t_str_new(64);

	for (; *text != '\0'; text++) {
		if (strchr(good, *text) != NULL)
			str_append_c(str, *text);
	}
	return str_c(str);
}

const char *word(const char *text, const char *good)
{
	text = kept(text, good);
	return *text == '\0' ? "x" : text;
}

/* As an MTA on the way to us breaks lines that are too long. */
const char *stranger_lines_broken(const char *text)
{
	string_t *str = t_str_new(1024);
	/* "Received: " */
	unsigned int column = 10;

	for (; *text != '\0'; text++) {
		if (*text == '\n')
			column = 0;
		else if (*text != '\r' && column++ == 998) {
			str_append(str, "\r\n ");
			column = 1;
		}
		str_append_c(str, *text);
	}
	return str_c(str);
}

static void
show_received(const char *text, const struct received *received)
{
	i_error("%s\nby %s from %s%s%s%s%s%s", text, received->by,
		net_ip2addr(&received->from_ip),
		received->masked ? " masked" : "",
		received->authenticated ? " auth" : "",
		received->local_pickup ? " local" : "",
		received->fetched ? " fetched" : "",
		received->continues ? " continues" : "");
}

static bool
stranger_field(struct stranger *stranger,
	       const struct stranger_program *program, unsigned int idx)
{
	static const char *const ips[] = {
		"192.0.2.1", "203.0.113.254", "2001:db8::1", "10.0.0.99",
	};
	pool_t pool = pool_alloconly_create("test", 4096);
	struct received received;
	const char *text;
	bool ok;

	i_zero(&received);
	stranger->ip = ips[test_random(stranger, N_ELEMENTS(ips))];
	text = program->write(stranger, idx);
	ok = test_received_parse_by(pool, text, strlen(text), program->writers,
				    &received) == 0 &&
		program->is_right(&received, stranger->ip, idx);
	test_assert_idx(ok, idx);
	if (!ok)
		show_received(text, &received);
	pool_unref(&pool);
	return ok;
}

void test_stranger_fields(struct stranger *stranger,
			  const struct stranger_program *program,
			  unsigned int idx)
{
	bool ok = TRUE;

	for (unsigned int round = 0; ok && round < 2000; round++) T_BEGIN {
		ok = stranger_field(stranger, program, idx);
	} T_END;
}
