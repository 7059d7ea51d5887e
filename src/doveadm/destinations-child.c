/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "fd-util.h"
#include "str.h"
#include "str-sanitize.h"
#include "strescape.h"
#include "str-prefix.h"
#include "write-full.h"
#include "smtp-address.h"
#include "authres-limits.h"
#include "authres-settings.h"
#include "offline-place.h"
#include "offline-destinations.h"
#include "destinations-child.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define CHILD_GRACE_MSECS 5000
#define CHILD_MAX_REPLY_BYTES (64 * 1024)
#define CHILD_MAX_DESTINATIONS \
	(AUTHRES_MAX_REPORT_URIS * AUTHRES_MAX_REPORT_URIS)
#define CHILD_MAX_REASON_BYTES 400
#define CHILD_END "END\n"

struct destinations_child {
	pid_t pid;
	int fd;
	unsigned int timeout_msecs;
	string_t *reply;
};

int destinations_child_init(const struct offline_place *place,
			    struct destinations_child **child_r,
			    const char **error_r)
{
	struct destinations_child *child;
	pid_t pid;
	int fd;

	if (offline_place_fork(&pid, &fd, error_r) < 0)
		return -1;
	if (pid == 0)
		offline_destinations_run(place, fd);
	child = i_new(struct destinations_child, 1);
	child->pid = pid;
	child->fd = fd;
	fd_close_on_exec(child->fd, TRUE);
	child->timeout_msecs = place->set->timeout_msecs + CHILD_GRACE_MSECS;
	child->reply = str_new(default_pool, 1024);
	*child_r = child;
	return 0;
}

static bool reply_is_complete(string_t *reply)
{
	size_t size = str_len(reply), end = strlen(CHILD_END);

	return size >= end &&
		memcmp(str_data(reply) + size - end, CHILD_END, end) == 0 &&
		(size == end || str_data(reply)[size - end - 1] == '\n');
}

/* What the child said last. */
static const char *t_failure(const char *said)
{
	char *reason;

	if (!str_has_prefix(said, "FAIL\t"))
		return "DNS questions: the child ended";
	reason = t_strdup_noconst(t_strcut(strchr(said, '\t') + 1, '\n'));
	return str_sanitize(str_tabunescape(reason), 512);
}

/* Read up to END, or to what is no more than a failure. */
static int
destinations_child_read(struct destinations_child *child, const char **error_r)
{
	char buf[4096];
	struct pollfd poll_fd = { .fd = child->fd, .events = POLLIN };
	ssize_t size;

	str_truncate(child->reply, 0);
	while (!reply_is_complete(child->reply)) {
		if (poll(&poll_fd, 1, child->timeout_msecs) <= 0) {
			*error_r = "DNS questions: no answer in time";
			return -1;
		}
		size = read(child->fd, buf, sizeof(buf));
		if (size <= 0 || (size_t)size > CHILD_MAX_REPLY_BYTES -
					str_len(child->reply)) {
			*error_r = t_failure(str_c(child->reply));
			return -1;
		}
		str_append_data(child->reply, buf, size);
	}
	return 0;
}

/* address: "local@domain" as report_uris_parse() makes them. */
static const struct report_uri *
uri_parse(pool_t pool, const char *address, const char *max_bytes)
{
	struct report_uri *uri = p_new(pool, struct report_uri, 1);
	struct smtp_address *parsed;

	if (strlen(address) > AUTHRES_MAX_REPORT_ADDRESS_BYTES ||
	    smtp_address_parse_mailbox(pool_datastack_create(), address, 0,
				       &parsed, NULL) < 0 ||
	    strcmp(smtp_address_encode(parsed), address) != 0 ||
	    str_to_uint64(max_bytes, &uri->max_bytes) < 0)
		return NULL;
	for (const char *p = address; *p != '\0'; p++) {
		if (*p <= ' ' || *p >= 0x7f)
			return NULL;
	}
	uri->address = p_strdup(pool, address);
	uri->domain = strrchr(uri->address, '@') + 1;
	return uri;
}

static int
destination_parse(pool_t pool, const char *const *columns,
		  ARRAY_TYPE(report_destination) *destinations)
{
	struct report_destination destination;
	unsigned int permission;

	i_zero(&destination);
	if (str_array_length(columns) != 7 ||
	    array_count(destinations) == CHILD_MAX_DESTINATIONS ||
	    str_to_uint(columns[1], &permission) < 0 ||
	    permission > REPORT_PERMISSION_UNKNOWN)
		return -1;
	destination.permission = permission;
	destination.published = uri_parse(pool, columns[2], columns[3]);
	if (destination.published == NULL)
		return -1;
	if (permission == REPORT_PERMISSION_GIVEN) {
		destination.uri = uri_parse(pool, columns[4], columns[5]);
		if (destination.uri == NULL)
			return -1;
	}
	destination.reason = p_strdup(pool,
		str_sanitize(columns[6], CHILD_MAX_REASON_BYTES));
	array_push_back(destinations, &destination);
	return 0;
}

static int
reply_parse(pool_t pool, const char *reply,
	    ARRAY_TYPE(report_destination) *destinations,
	    ARRAY_TYPE(const_string) *ignored)
{
	const char *const *lines = t_strsplit(reply, "\n");
	const char *const *columns, *sentence;

	for (; *lines != NULL && strcmp(*lines, "END") != 0; lines++) {
		columns = t_strsplit_tabescaped(*lines);
		if (strcmp(columns[0], "I") == 0 && columns[1] != NULL) {
			sentence = p_strdup(pool, str_sanitize(columns[1],
						CHILD_MAX_REASON_BYTES));
			array_push_back(ignored, &sentence);
		} else if (strcmp(columns[0], "D") != 0 ||
			   destination_parse(pool, columns, destinations) < 0)
			return -1;
	}
	return 0;
}

int destinations_child_ask(struct destinations_child *child, pool_t pool,
			   enum report_kind kind, const char *policy_domain,
			   const char *uris,
			   ARRAY_TYPE(report_destination) *destinations_r,
			   ARRAY_TYPE(const_string) *ignored_r,
			   const char **error_r)
{
	string_t *question = t_str_new(256);

	p_array_init(destinations_r, pool, AUTHRES_MAX_REPORT_URIS);
	p_array_init(ignored_r, pool, 2);
	str_printfa(question, "%s\t", report_kind_tag(kind));
	str_append_tabescaped(question, policy_domain);
	str_append_c(question, '\t');
	str_append_tabescaped(question, uris);
	str_append_c(question, '\n');
	/* a child that is gone says why when its answer is read */
	(void)send(child->fd, str_data(question), str_len(question),
		   MSG_NOSIGNAL);
	if (destinations_child_read(child, error_r) < 0)
		return -1;
	if (reply_parse(pool, str_c(child->reply), destinations_r,
			ignored_r) < 0) {
		*error_r = "DNS questions: the child answered nonsense";
		return -1;
	}
	return 0;
}

void destinations_child_deinit(struct destinations_child **_child)
{
	struct destinations_child *child = *_child;

	if (child == NULL)
		return;
	*_child = NULL;
	i_close_fd(&child->fd);
	(void)kill(child->pid, SIGKILL);
	(void)waitpid(child->pid, NULL, 0);
	str_free(&child->reply);
	i_free(child);
}
