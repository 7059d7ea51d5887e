/* Copyright (c) authres authors, see the included COPYING file */

/* LMTP client of the bench that takes little CPU: some connections, each
   delivers one message after the other as Postfix does.

   usage: lmtp-load PORT CONNECTIONS DELIVERIES USERS LIST
   LIST: lines of "FILE CLIENT-IP HELO MAIL-FROM", FILE as DATA wants it. The
   recipients are the lines of the file USERS, by turns; those of a line
   separated by blanks get the same message. Prints the seconds it took, and
   the sum of the seconds of all deliveries. */

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define MAX_RCPTS 64

struct mail {
	char *data, client_ip[64], helo[256], mail_from[320];
	size_t size;
};

struct connection {
	int fd;
	size_t used;
	char input[65536];
};

static struct mail mails[100000];
static char *rcpts[100000];
static unsigned int mails_count, rcpts_count, deliveries, next_delivery, port;
static double delivery_secs;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static double now_secs(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void fail(const char *what, const char *detail)
{
	fprintf(stderr, "lmtp-load: %s: %s\n", what, detail);
	exit(1);
}

/* Wait for count whole replies that begin with one of these digits. */
static void replies(struct connection *conn, unsigned int count,
		    const char *digits)
{
	while (count > 0) {
		char *end = memchr(conn->input, '\n', conn->used);
		ssize_t size;

		if (end != NULL) {
			if (strchr(digits, conn->input[0]) == NULL) {
				*end = '\0';
				fail("reply", conn->input);
			}
			if (conn->input[3] == ' ')
				count--;
			end++;
			conn->used -= end - conn->input;
			memmove(conn->input, end, conn->used);
			continue;
		}
		size = read(conn->fd, conn->input + conn->used,
			    sizeof(conn->input) - conn->used);
		if (size <= 0)
			fail("server", "closed the connection");
		conn->used += size;
	}
}

static void send_all(struct connection *conn, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t sent = send(conn->fd, data, size, MSG_NOSIGNAL);

		if (sent <= 0)
			fail("server", "takes nothing");
		data += sent;
		size -= sent;
	}
}

static void deliver(struct connection *conn, const struct mail *mail,
		    const char *to)
{
	char text[MAX_RCPTS * 128], *name, *state, copy[MAX_RCPTS * 64];
	unsigned int count = 0;
	double started;
	size_t size;

	size = snprintf(text, sizeof(text), "XCLIENT ADDR=%s HELO=%s\r\n",
			mail->client_ip, mail->helo);
	send_all(conn, text, size);
	replies(conn, 1, "2");
	send_all(conn, "LHLO mx.example\r\n", 17);
	replies(conn, 1, "2");
	started = now_secs();
	size = snprintf(text, sizeof(text), "MAIL FROM:<%s>\r\n",
			mail->mail_from);
	(void)snprintf(copy, sizeof(copy), "%s", to);
	for (name = strtok_r(copy, " \n", &state); name != NULL;
	     name = strtok_r(NULL, " \n", &state), count++)
		size += snprintf(text + size, sizeof(text) - size,
				 "RCPT TO:<%s>\r\n", name);
	size += snprintf(text + size, sizeof(text) - size, "DATA\r\n");
	send_all(conn, text, size);
	replies(conn, count + 2, "23");
	send_all(conn, mail->data, mail->size);
	replies(conn, count, "2");
	pthread_mutex_lock(&lock);
	delivery_secs += now_secs() - started;
	pthread_mutex_unlock(&lock);
}

static void *session(void *context)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(port)
	};
	struct connection *conn = context;
	int one = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	conn->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(conn->fd, (struct sockaddr *)&address,
		    sizeof(address)) < 0)
		fail("connect", "refused");
	(void)setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &one,
			 sizeof(one));
	replies(conn, 1, "2");
	for (;;) {
		unsigned int i = __sync_fetch_and_add(&next_delivery, 1);

		if (i >= deliveries)
			break;
		deliver(conn, &mails[i % mails_count],
			rcpts[i % rcpts_count]);
	}
	close(conn->fd);
	return NULL;
}

static void read_mail(struct mail *mail, const char *path)
{
	FILE *file = fopen(path, "r");
	struct stat st;

	if (file == NULL || fstat(fileno(file), &st) < 0)
		fail("no file", path);
	mail->size = st.st_size;
	mail->data = malloc(mail->size + 1);
	if (mail->data == NULL ||
	    fread(mail->data, 1, mail->size, file) != mail->size)
		fail("read", path);
	fclose(file);
}

static void read_lists(const char *users_path, const char *mails_path)
{
	static char line[MAX_RCPTS * 64], path[1024];
	FILE *file = fopen(users_path, "r");

	if (file == NULL)
		fail("no file", users_path);
	while (fgets(line, sizeof(line), file) != NULL)
		rcpts[rcpts_count++] = strdup(line);
	fclose(file);
	file = fopen(mails_path, "r");
	if (file == NULL)
		fail("no file", mails_path);
	while (fgets(line, sizeof(line), file) != NULL) {
		struct mail *mail = &mails[mails_count++];

		if (sscanf(line, "%1023s %63s %255s %319s", path,
			   mail->client_ip, mail->helo, mail->mail_from) != 4)
			fail("line", line);
		read_mail(mail, path);
	}
	fclose(file);
}

int main(int argc, char *argv[])
{
	static pthread_t threads[1024];
	unsigned int i, count;
	double started;

	if (argc != 6)
		fail("usage", "lmtp-load PORT CONNECTIONS DELIVERIES USERS LIST");
	port = atoi(argv[1]);
	count = atoi(argv[2]);
	deliveries = atoi(argv[3]);
	read_lists(argv[4], argv[5]);
	started = now_secs();
	for (i = 0; i < count; i++) {
		struct connection *conn = calloc(1, sizeof(*conn));

		if (conn == NULL || pthread_create(&threads[i], NULL, session,
						   conn) != 0)
			fail("thread", "none");
	}
	for (i = 0; i < count; i++)
		(void)pthread_join(threads[i], NULL);
	printf("%.6f %.6f\n", now_secs() - started, delivery_secs);
	return 0;
}
