/* Copyright (c) authres authors, see the included COPYING file */

/* The plain loop over libspf2, libopendkim and libopendmarc: what each message
   costs through their own APIs, without delivery, ARC, sandbox or process.

   usage: libs ROUNDS LIST
   LIST: lines of "FILE CLIENT-IP HELO MAIL-FROM AUTHOR-DOMAIN". A round begins
   with a byte of the standard input. Prints a line for each: seconds of CPU,
   seconds, and how many passed SPF, DKIM (signatures) and DMARC. What the
   libraries keep, they keep from round to round. Without HAVE_OPENDMARC there
   is no DMARC. */

#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <spf2/spf.h>
#include <opendkim/dkim.h>
#ifdef HAVE_OPENDMARC
#  include <sys/param.h>
#  include <resolv.h>
#  include <opendmarc/dmarc.h>
#endif

struct mail {
	char client_ip[64], helo[256], mail_from[320], author[256];
	unsigned char *data;
	size_t size;
};

struct passes {
	unsigned int spf, dkim, dmarc;
};

static struct mail mails[100000];
static unsigned int mails_count;

static double secs(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void read_list(const char *list)
{
	char path[1024];
	struct mail *mail = mails;
	FILE *file, *names = fopen(list, "r");

	if (names == NULL)
		exit(1);
	while (fscanf(names, "%1023s %63s %255s %319s %255s", path,
		      mail->client_ip, mail->helo, mail->mail_from,
		      mail->author) == 5) {
		file = fopen(path, "r");
		if (file == NULL || fseek(file, 0, SEEK_END) < 0)
			exit(1);
		mail->size = ftell(file);
		mail->data = malloc(mail->size);
		rewind(file);
		if (fread(mail->data, 1, mail->size, file) != mail->size)
			exit(1);
		fclose(file);
		mail = &mails[++mails_count];
	}
	fclose(names);
}

static SPF_result_t check_spf(SPF_server_t *server, const struct mail *mail)
{
	SPF_request_t *request = SPF_request_new(server);
	SPF_response_t *response = NULL;
	SPF_result_t result;

	SPF_request_set_ipv4_str(request, mail->client_ip);
	SPF_request_set_helo_dom(request, mail->helo);
	SPF_request_set_env_from(request, mail->mail_from);
	SPF_request_query_mailfrom(request, &response);
	result = SPF_response_result(response);
	SPF_response_free(response);
	SPF_request_free(request);
	return result;
}

static DKIM *check_dkim(DKIM_LIB *lib, const struct mail *mail,
			DKIM_SIGINFO ***sigs_r, int *count_r)
{
	DKIM_STAT stat;
	DKIM *dkim = dkim_verify(lib, (const unsigned char *)"bench", NULL,
				 &stat);

	*count_r = 0;
	(void)dkim_chunk(dkim, mail->data, mail->size);
	(void)dkim_chunk(dkim, NULL, 0);
	(void)dkim_eom(dkim, NULL);
	if (dkim_getsiglist(dkim, sigs_r, count_r) != DKIM_STAT_OK)
		*count_r = 0;
	return dkim;
}

#ifdef HAVE_OPENDMARC
static bool check_dmarc(const struct mail *mail, bool spf_pass,
			DKIM_SIGINFO **sigs, int count)
{
	DMARC_POLICY_T *policy =
		opendmarc_policy_connect_init((u_char *)mail->client_ip, 0);
	bool pass;
	int i;

	opendmarc_policy_store_from_domain(policy, (u_char *)mail->author);
	opendmarc_policy_store_spf(policy,
		(u_char *)strchr(mail->mail_from, '@') + 1,
		spf_pass ? DMARC_POLICY_SPF_OUTCOME_PASS :
		DMARC_POLICY_SPF_OUTCOME_FAIL,
		DMARC_POLICY_SPF_ORIGIN_MAILFROM, NULL);
	for (i = 0; i < count; i++) {
		if (DKIM_SIG_CHECK(sigs[i])) {
			opendmarc_policy_store_dkim(policy,
				dkim_sig_getdomain(sigs[i]),
				dkim_sig_getselector(sigs[i]),
				DMARC_POLICY_DKIM_OUTCOME_PASS, NULL);
		}
	}
	opendmarc_policy_query_dmarc(policy, (u_char *)mail->author);
	pass = opendmarc_get_policy_to_enforce(policy) == DMARC_POLICY_PASS;
	opendmarc_policy_connect_shutdown(policy);
	return pass;
}
#endif

static struct passes run(SPF_server_t *server, DKIM_LIB *lib)
{
	struct passes passes = { 0, 0, 0 };
	unsigned int i;

	for (i = 0; i < mails_count; i++) {
		DKIM_SIGINFO **sigs = NULL;
		int n, count;
		bool spf = check_spf(server, &mails[i]) == SPF_RESULT_PASS;
		DKIM *dkim = check_dkim(lib, &mails[i], &sigs, &count);

		passes.spf += spf;
		for (n = 0; n < count; n++)
			passes.dkim += DKIM_SIG_CHECK(sigs[n]) ? 1 : 0;
#ifdef HAVE_OPENDMARC
		passes.dmarc += check_dmarc(&mails[i], spf, sigs, count);
#endif
		dkim_free(dkim);
	}
	return passes;
}

int main(int argc, char *argv[])
{
	SPF_server_t *server;
	DKIM_LIB *lib;
	int round;
#ifdef HAVE_OPENDMARC
	static OPENDMARC_LIB_T dmarc;

	dmarc.tld_type = OPENDMARC_TLD_TYPE_NONE;
	opendmarc_policy_library_init(&dmarc);
#endif
	if (argc != 3)
		return 1;
	read_list(argv[2]);
	server = SPF_server_new(SPF_DNS_CACHE, 0);
	lib = dkim_init(NULL, NULL);
	for (round = 0; round < atoi(argv[1]) && getchar() != EOF; round++) {
		double wall = secs(CLOCK_MONOTONIC);
		double cpu = secs(CLOCK_PROCESS_CPUTIME_ID);
		struct passes passes = run(server, lib);

		printf("%.6f %.6f %u %u %u\n",
		       secs(CLOCK_PROCESS_CPUTIME_ID) - cpu,
		       secs(CLOCK_MONOTONIC) - wall,
		       passes.spf, passes.dkim, passes.dmarc);
		fflush(stdout);
	}
	return 0;
}
