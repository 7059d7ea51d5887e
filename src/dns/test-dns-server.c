/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "buffer.h"
#include "ioloop.h"
#include "llist.h"
#include "net.h"
#include "str.h"
#include "strnum.h"
#include "time-util.h"
#include "write-full.h"
#include "str-prefix.h"
#include "test-dns-message.h"
#include "test-dns-server.h"

#include <unistd.h>
#include <sys/time.h>
#include <sys/socket.h>
#include <netinet/in.h>

struct test_dns_tcp {
	struct test_dns_server *server;
	struct test_dns_tcp *prev, *next;
	int fd;
	struct io *io;
	buffer_t *input;
};

/* An answer that waits for its time. */
struct test_dns_reply {
	struct test_dns_server *server;
	struct test_dns_reply *prev, *next;
	/* NULL = UDP */
	struct test_dns_tcp *tcp;
	struct sockaddr_in peer;
	struct timeout *to;
	buffer_t *message;
};

struct test_dns_server {
	int udp_fd, tcp_fd;
	in_port_t port;
	struct io *udp_io, *tcp_io;
	unsigned int delay_msecs;
	bool silent;
	/* a question with "lost" got no answer */
	bool lost;
	/* the last wait-N name, and when it was asked first */
	char *waiting_name;
	struct timeval waiting_since;

	unsigned int questions, tcp_questions;
	struct test_dns_tcp *connections;
	struct test_dns_reply *replies;
};

static void reply_free(struct test_dns_reply *reply)
{
	DLLIST_REMOVE(&reply->server->replies, reply);
	timeout_remove(&reply->to);
	buffer_free(&reply->message);
	i_free(reply);
}

static void reply_send(struct test_dns_reply *reply)
{
	unsigned char size[2];

	if (reply->tcp == NULL) {
		(void)sendto(reply->server->udp_fd, reply->message->data,
			     reply->message->used, 0,
			     (void *)&reply->peer,
			     sizeof(reply->peer));
	} else {
		size[0] = reply->message->used >> 8;
		size[1] = reply->message->used & 0xff;
		(void)write_full(reply->tcp->fd, size, 2);
		(void)write_full(reply->tcp->fd, reply->message->data,
				 reply->message->used);
	}
	reply_free(reply);
}

/* Like a resolver that is busy with a name: asked again it does not begin
   anew. */
static unsigned int
wait_msecs(struct test_dns_server *server, const char *name,
	   unsigned int msecs)
{
	struct timeval now;
	int elapsed;

	i_gettimeofday(&now);
	if (null_strcmp(server->waiting_name, name) != 0) {
		i_free(server->waiting_name);
		server->waiting_name = i_strdup(name);
		server->waiting_since = now;
	}
	elapsed = timeval_diff_msecs(&now, &server->waiting_since);
	return elapsed < (int)msecs ? msecs - elapsed : 0;
}

/* Returns FALSE if there is no answer. */
static bool
build_answer(struct test_dns_server *server, buffer_t *buf, const char *name,
	     unsigned int id, unsigned int type, bool tcp,
	     unsigned int *delay_msecs)
{
	const char *label = t_strcut(name, '.'), *number;
	string_t *big;

	test_dns_begin(buf, id, TEST_DNS_ANSWER_FLAGS, name, type);
	number = strchr(label, '-');
	if (strcmp(label, "drop") == 0)
		return FALSE;
	if (strncmp(label, "lost", 4) == 0 && !server->lost) {
		server->lost = TRUE;
		return FALSE;
	}
	if (strcmp(label, "nx") == 0) {
		test_dns_set16(buf, 2, TEST_DNS_ANSWER_FLAGS | ns_r_nxdomain);
		test_dns_soa(buf, "test", 120, 60);
	} else if (strcmp(label, "nodata") == 0) {
		test_dns_soa(buf, "test", 120, 60);
	} else if (strcmp(label, "servfail") == 0) {
		test_dns_set16(buf, 2, TEST_DNS_ANSWER_FLAGS | ns_r_servfail);
	} else if (strcmp(label, "refused") == 0) {
		test_dns_set16(buf, 2, TEST_DNS_ANSWER_FLAGS | ns_r_refused);
	} else if (strcmp(label, "garbage") == 0) {
		buffer_set_used_size(buf, 12);
		buffer_append(buf, "garbage garbage", 15);
	} else if (strcmp(label, "shape-1") == 0) {
		test_dns_record(buf, name, ns_t_txt, 300, "\5abcd", 5);
	} else if (strcmp(label, "shape-2") == 0) {
		test_dns_record(buf, name, ns_t_txt, 300, "\5abcd", 5);
		test_dns_set16(buf, 6, 7);
	} else if (strcmp(label, "alias") == 0) {
		test_dns_host(buf, name, ns_t_cname, "target.example.test");
	} else if (strcmp(label, "deadalias") == 0) {
		test_dns_host(buf, name, ns_t_cname, "nx.example.test");
	} else if (strcmp(label, "loop") == 0) {
		test_dns_host(buf, name, ns_t_cname, name);
	} else if (strncmp(label, "big", 3) == 0) {
		if (!tcp) {
			test_dns_set16(buf, 2, TEST_DNS_ANSWER_FLAGS |
				       TEST_DNS_TC_FLAG);
			return TRUE;
		}
		big = t_str_new(3000);
		while (str_len(big) < 3000)
			str_append(big, "0123456789");
		test_dns_txt(buf, name, str_data(big), str_len(big));
	} else {
		if (str_has_prefix(label, "wait-")) {
			if (str_to_uint(number + 1, delay_msecs) < 0)
				i_unreached();
			*delay_msecs = wait_msecs(server, name, *delay_msecs);
		}
		switch (type) {
		case ns_t_a:
			test_dns_a(buf, name, "192.0.2.1");
			break;
		case ns_t_aaaa:
			test_dns_a(buf, name, "2001:db8::1");
			break;
		case ns_t_mx:
			test_dns_mx(buf, name, 10, "mail.example.test");
			break;
		case ns_t_ptr:
			test_dns_host(buf, name, type, "host.example.test");
			break;
		case ns_t_txt:
			test_dns_txt(buf, name, "text", 4);
			break;
		}
	}
	return TRUE;
}

/* The question's name as a string, FALSE if the question is malformed. */
static bool read_question(const unsigned char *data, size_t size,
			  const char **name_r, unsigned int *type_r)
{
	string_t *name = t_str_new(64);
	size_t pos = 12;

	for (;;) {
		if (pos >= size)
			return FALSE;
		size_t label_size = data[pos++];
		if (label_size == 0)
			break;
		if (label_size > 63 || label_size > size - pos)
			return FALSE;
		if (str_len(name) > 0)
			str_append_c(name, '.');
		for (; label_size > 0; label_size--, pos++) {
			if (data[pos] == '\\')
				str_append_c(name, '\\');
			str_append_c(name, data[pos]);
		}
	}
	if (size - pos < 4)
		return FALSE;
	*name_r = str_c(name);
	*type_r = (data[pos] << 8) | data[pos + 1];
	return TRUE;
}

static void
question_received(struct test_dns_server *server, struct test_dns_tcp *tcp,
		  const struct sockaddr_in *peer,
		  const unsigned char *data, size_t size)
{
	struct test_dns_reply *reply;
	unsigned int type, delay_msecs = server->delay_msecs;
	const char *name;

	if (!read_question(data, size, &name, &type))
		return;
	server->questions++;
	if (tcp != NULL)
		server->tcp_questions++;
	if (server->silent)
		return;
	reply = i_new(struct test_dns_reply, 1);
	reply->server = server;
	reply->tcp = tcp;
	if (peer != NULL)
		reply->peer = *peer;
	reply->message = buffer_create_dynamic(default_pool, 512);
	DLLIST_PREPEND(&server->replies, reply);
	if (!build_answer(server, reply->message, name,
			  (data[0] << 8) | data[1], type, tcp != NULL,
			  &delay_msecs))
		reply_free(reply);
	else if (delay_msecs == 0)
		reply_send(reply);
	else
		reply->to = timeout_add_short(delay_msecs, reply_send, reply);
}

static void udp_input(struct test_dns_server *server)
{
	unsigned char data[2048];
	struct sockaddr_in peer;
	socklen_t peer_size = sizeof(peer);
	ssize_t ret;

	while ((ret = recvfrom(server->udp_fd, data, sizeof(data),
			       MSG_DONTWAIT, (void *)&peer,
			       &peer_size)) > 0) T_BEGIN {
		question_received(server, NULL, &peer, data, ret);
	} T_END;
}

static void tcp_free(struct test_dns_tcp *tcp)
{
	struct test_dns_reply *reply, *next;

	for (reply = tcp->server->replies; reply != NULL; reply = next) {
		next = reply->next;
		if (reply->tcp == tcp)
			reply_free(reply);
	}
	DLLIST_REMOVE(&tcp->server->connections, tcp);
	io_remove(&tcp->io);
	i_close_fd(&tcp->fd);
	buffer_free(&tcp->input);
	i_free(tcp);
}

static void tcp_input(struct test_dns_tcp *tcp)
{
	unsigned char data[2048];
	const unsigned char *input;
	ssize_t ret;
	size_t size;

	ret = recv(tcp->fd, data, sizeof(data), MSG_DONTWAIT);
	if (ret <= 0) {
		tcp_free(tcp);
		return;
	}
	buffer_append(tcp->input, data, ret);
	while (tcp->input->used >= 2) {
		input = tcp->input->data;
		size = (input[0] << 8) | input[1];
		if (tcp->input->used - 2 < size)
			break;
		T_BEGIN {
			question_received(tcp->server, tcp, NULL, input + 2,
					  size);
		} T_END;
		buffer_delete(tcp->input, 0, 2 + size);
	}
}

static void tcp_accept(struct test_dns_server *server)
{
	struct test_dns_tcp *tcp;
	int fd = accept(server->tcp_fd, NULL, NULL);

	if (fd == -1)
		return;
	tcp = i_new(struct test_dns_tcp, 1);
	tcp->server = server;
	tcp->fd = fd;
	tcp->input = buffer_create_dynamic(default_pool, 512);
	tcp->io = io_add(fd, IO_READ, tcp_input, tcp);
	DLLIST_PREPEND(&server->connections, tcp);
}

struct test_dns_server *test_dns_server_init(unsigned int delay_msecs)
{
	struct test_dns_server *server = i_new(struct test_dns_server, 1);
	struct ip_addr ip;
	struct sockaddr_in sin;

	server->delay_msecs = delay_msecs;
	if (net_addr2ip("127.0.0.1", &ip) < 0)
		i_unreached();
	/* some port may be free for one protocol only */
	for (unsigned int i = 0; i < 100; i++) {
		server->port = 0;
		server->tcp_fd = net_listen(&ip, &server->port, 128);
		if (server->tcp_fd == -1)
			i_fatal("listen(): %m");
		server->udp_fd = socket(AF_INET, SOCK_DGRAM, 0);
		i_zero(&sin);
		sin.sin_family = AF_INET;
		sin.sin_addr = ip.u.ip4;
		sin.sin_port = htons(server->port);
		if (bind(server->udp_fd, (void *)&sin,
			 sizeof(sin)) == 0)
			break;
		i_close_fd(&server->udp_fd);
		i_close_fd(&server->tcp_fd);
	}
	if (server->udp_fd == -1)
		i_fatal("bind(): %m");
	server->udp_io = io_add(server->udp_fd, IO_READ, udp_input, server);
	server->tcp_io = io_add(server->tcp_fd, IO_READ, tcp_accept, server);
	return server;
}

void test_dns_server_deinit(struct test_dns_server **_server)
{
	struct test_dns_server *server = *_server;

	*_server = NULL;
	while (server->connections != NULL)
		tcp_free(server->connections);
	while (server->replies != NULL)
		reply_free(server->replies);
	io_remove(&server->udp_io);
	io_remove(&server->tcp_io);
	i_close_fd(&server->udp_fd);
	i_close_fd(&server->tcp_fd);
	i_free(server->waiting_name);
	i_free(server);
}

const char *test_dns_server_address(const struct test_dns_server *server)
{
	return t_strdup_printf("127.0.0.1@%u", server->port);
}

unsigned int test_dns_server_questions(const struct test_dns_server *server)
{
	return server->questions;
}

unsigned int
test_dns_server_tcp_questions(const struct test_dns_server *server)
{
	return server->tcp_questions;
}

void test_dns_server_set_silent(struct test_dns_server *server, bool silent)
{
	server->silent = silent;
}
