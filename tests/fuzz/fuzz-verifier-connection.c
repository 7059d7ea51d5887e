/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "ioloop.h"
#include "net.h"
#include "str.h"
#include "fuzzer.h"
#include "authres-limits.h"
#include "str-prefix.h"
#include "resolver.h"
#include "resolver-zone.h"
#include "verdict-wire.h"
#include "evaluation.h"
#include "verifier.h"

#include <fcntl.h>
#include <unistd.h>
#include <sys/socket.h>

/* The server side of the protocol with the whole evaluation behind it. The
   first byte chooses in how large pieces the rest is sent by a client. Whatever
   it is, our own client accepts all that comes back. */

#define FUZZ_ZONE \
	"example.org. TXT \"v=spf1 ip4:192.0.2.1 include:b.example -all\"\n" \
	"b.example. TXT \"v=spf1 a mx ptr exists:%{i}.%{l1r+-}.b.example ~all\"\n" \
	"b.example. A 192.0.2.2\n" \
	"b.example. MX 10 b.example.\n" \
	"_dmarc.example.org. TXT \"v=DMARC1; p=reject; sp=quarantine\"\n" \
	"s1._domainkey.example.org. TXT \"v=DKIM1; k=ed25519; " \
	"p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n" \
	"dead.example. SERVFAIL\n"

/* turns of the ioloop after the last byte */
#define FUZZ_TURNS 8

static void fuzz_do_not_wait(void *context ATTR_UNUSED)
{
}

/* Call what is ready, wait for nothing. */
static void fuzz_turn(struct ioloop *ioloop)
{
	struct timeout *to =
		timeout_add_short(0, fuzz_do_not_wait, (void *)NULL);

	io_loop_set_running(ioloop);
	io_loop_handler_run(ioloop);
	timeout_remove(&to);
}

static bool fuzz_receive(int fd, string_t *output)
{
	char buf[4096];
	ssize_t ret;

	while ((ret = recv(fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
		str_append_data(output, buf, ret);
	return ret == -1 && errno == EAGAIN;
}

static void
fuzz_session(struct verifier *verifier, struct ioloop *ioloop,
	     const unsigned char *data, size_t size, string_t *output)
{
	size_t piece = size == 0 ? 1 : data[0] == 255 ? 65536 : data[0] + 1;
	size_t pos = size == 0 ? 0 : 1;
	unsigned int i;
	ssize_t ret;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
		i_fatal("socketpair() failed: %m");
	net_set_nonblock(fds[0], TRUE);
	net_set_nonblock(fds[1], TRUE);
	verifier_connection_create(verifier, fds[1], "fuzz");
	for (i = 0; i < FUZZ_TURNS; ) {
		ret = pos == size ? 0 :
			send(fds[0], data + pos, I_MIN(piece, size - pos),
			     MSG_NOSIGNAL);
		if (ret > 0)
			pos += ret;
		else if (pos == size || errno != EAGAIN)
			i++;
		fuzz_turn(ioloop);
		if (!fuzz_receive(fds[0], output))
			break;
	}
	i_close_fd(&fds[0]);
	fuzz_turn(ioloop);
}

/* What the reader of our clients makes of one line. Returns TRUE at the end of
   a reply. */
static bool fuzz_check_line(struct verdict_decoder *decoder, const char *line,
			    bool last)
{
	const char *with_lf = t_strconcat(line, "\n", NULL), *error = "";
	struct verdict verdict;
	int ret;

	ret = verdict_decoder_more(decoder, (const unsigned char *)with_lf,
				   strlen(with_lf), &verdict, &error);
	if (ret < 0 && verdict_decoder_is_fail(decoder))
		i_assert(last);
	else if (ret < 0)
		i_panic("our client refuses \"%s\": %s", line, error);
	return ret != 0;
}

static void fuzz_check_output(const char *output)
{
	struct verdict_decoder *decoder = NULL;
	const char *const *lines;
	pool_t pool = pool_alloconly_create("fuzz verdict", 1024);
	size_t len = strlen(output);

	i_assert(len > 0 && output[len - 1] == '\n');
	lines = t_strsplit(t_strndup(output, len - 1), "\n");
	i_assert(strcmp(lines[0], "VERSION\tauthres-verifier\t1\t0") == 0);
	for (lines++; *lines != NULL; lines++) {
		if (str_has_prefix(*lines, "STATUS\t"))
			continue;
		if (decoder == NULL)
			decoder = verdict_decoder_init(pool);
		if (fuzz_check_line(decoder, *lines, lines[1] == NULL))
			verdict_decoder_deinit(&decoder);
	}
	i_assert(decoder == NULL);
	pool_unref(&pool);
}

FUZZ_BEGIN_DATA(const unsigned char *data, size_t size)
{
	static const char *const no_names[] = { NULL };
	struct evaluation_settings evaluation_set;
	struct verifier_settings set;
	struct verifier *verifier;
	struct ioloop *ioloop;
	string_t *output = str_new(default_pool, 1024);
	const char *error;

	/* Dovecot 2.3's fuzzer_deinit() closes descriptor 0; no socket of ours
	   may get that number. */
	if (fcntl(STDIN_FILENO, F_GETFD) == -1 &&
	    open("/dev/null", O_RDONLY) != STDIN_FILENO)
		i_fatal("open(/dev/null) failed: %m");

	i_zero(&evaluation_set);
	evaluation_set.checks = 1U << CHECK_METHOD_SPF |
		1U << CHECK_METHOD_DKIM | 1U << CHECK_METHOD_ARC |
		1U << CHECK_METHOD_DMARC;
	evaluation_set.identity.trusted_hosts.names = no_names;
	evaluation_set.identity.local_networks.names = no_names;
	evaluation_set.identity.trusted_forwarders.names = no_names;
	evaluation_set.overrides.arc_trusted_sealers = no_names;
	evaluation_set.overrides.trusted_lists = no_names;
	evaluation_set.dkim.min_key_bits = 1024;
	evaluation_set.hostname = "mx.example";

	ioloop = io_loop_create();
	i_zero(&set);
	if (resolver_zone_init(FUZZ_ZONE, "zone", &set.resolver, &error) < 0)
		i_fatal("%s", error);
	set.evaluation = &evaluation_set;
	set.client_limit = 10;
	set.max_bytes = AUTHRES_MAX_PROCESS_BYTES;
	verifier = verifier_init(&set);
	fuzz_session(verifier, ioloop, data, size, output);
	verifier_deinit(&verifier);
	fuzz_check_output(str_c(output));
	str_free(&output);
	resolver_deinit(&set.resolver);
	io_loop_destroy(&ioloop);
}
FUZZ_END
