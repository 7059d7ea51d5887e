/* Copyright (c) authres authors, see the included COPYING file */

/* DNS server of the bench: as little CPU as possible, a latency that can be
   set, and a list of what was asked.

   usage: dnsd PORT < COMMANDS, answers go to the standard output:
     zone FILE    read records, lines of "NAME TYPE-NUMBER RDATA-IN-HEX"
     delay USECS  answer so much later
     silent NAME  never answer what is asked below NAME
     take         what was asked since the last take: a line "NAME TYPE" for
		  each, then an empty one
     forget       the same without the lines
   Each command is answered by "ok" in the end. UDP only; names are not
   compressed beyond the question's. */

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_PACKET 4096
#define BUCKETS (1 << 18)
#define TTL_SECS 3600

struct record {
	struct record *next;
	unsigned int type, size;
	unsigned char *rdata;
};

struct name {
	struct name *next;
	struct record *records;
	char text[];
};

struct pending {
	struct sockaddr_in to;
	int64_t due_nsecs;
	size_t size;
	unsigned char *packet;
};

struct question {
	char *name;
	unsigned int type;
};

static struct name *names[BUCKETS];
/* a ring: all are delayed alike */
static struct pending *pending;
static size_t pending_first, pending_count, pending_size;
static struct question *asked;
static size_t asked_count, asked_size;
static int64_t delay_nsecs;
static char silent[256];

static void *grown(void *array, size_t count, size_t item_size)
{
	array = realloc(array, count * item_size);
	if (array == NULL)
		abort();
	return array;
}

static int64_t now_nsecs(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * (int64_t)1000000000 + ts.tv_nsec;
}

static struct name **bucket(const char *text)
{
	uint32_t hash = 2166136261U;

	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619;
	return &names[hash % BUCKETS];
}

static struct name *name_find(const char *text)
{
	struct name *name;

	for (name = *bucket(text); name != NULL; name = name->next) {
		if (strcmp(name->text, text) == 0)
			return name;
	}
	return NULL;
}

static struct name *name_add(const char *text)
{
	struct name *name = name_find(text), **first = bucket(text);

	if (name != NULL)
		return name;
	name = grown(NULL, 1, sizeof(*name) + strlen(text) + 1);
	memcpy(name->text, text, strlen(text) + 1);
	name->records = NULL;
	name->next = *first;
	*first = name;
	/* those above it exist, too */
	text = strchr(text, '.');
	if (text != NULL)
		(void)name_add(text + 1);
	return name;
}

static int read_zone(const char *path)
{
	static char line[2 * 65536 + 300], text[256], hex[2 * 65536];
	unsigned int type, i, byte;
	FILE *file = fopen(path, "r");

	if (file == NULL)
		return -1;
	while (fgets(line, sizeof(line), file) != NULL) {
		struct record *record, **last;

		if (sscanf(line, "%255s %u %131071s", text, &type, hex) != 3)
			continue;
		record = grown(NULL, 1, sizeof(*record));
		record->next = NULL;
		record->type = type;
		record->size = strlen(hex) / 2;
		record->rdata = grown(NULL, record->size + 1, 1);
		for (i = 0; i < record->size; i++) {
			(void)sscanf(hex + 2 * i, "%2x", &byte);
			record->rdata[i] = byte;
		}
		last = &name_add(text)->records;
		while (*last != NULL)
			last = &(*last)->next;
		*last = record;
	}
	fclose(file);
	return 0;
}

/* Returns the end of the question, or 0. */
static size_t read_question(const unsigned char *packet, size_t size,
			    char *text, unsigned int *type_r)
{
	size_t pos = 12, length = 0;

	while (pos < size && packet[pos] != 0) {
		unsigned int i, label = packet[pos++];

		if (label > 63 || pos + label >= size || length + label > 250)
			return 0;
		if (length > 0)
			text[length++] = '.';
		for (i = 0; i < label; i++)
			text[length++] = tolower(packet[pos++]);
	}
	text[length] = '\0';
	if (pos + 5 > size)
		return 0;
	*type_r = packet[pos + 1] << 8 | packet[pos + 2];
	return pos + 5;
}

static unsigned char *put16(unsigned char *p, unsigned int value)
{
	*p++ = value >> 8;
	*p++ = value;
	return p;
}

static unsigned char *put_fixed(unsigned char *p, unsigned int owner,
				unsigned int type, unsigned int size)
{
	p = put16(p, owner);
	p = put16(p, type);
	p = put16(p, 1);
	p = put16(p, 0);
	p = put16(p, TTL_SECS);
	return put16(p, size);
}

/* Without it nobody may cache that there is nothing (RFC 2308 section 5). It
   belongs to the last label of the question. */
static unsigned char *put_soa(unsigned char *p, const unsigned char *packet)
{
	static const unsigned char soa[] = {
		0, 0, 0, 0, 0, 1, 0, 0, 14, 16, 0, 0, 14, 16, 0, 0, 14, 16,
		0, 0, 14, 16
	};
	unsigned int pos = 12;

	while (packet[pos] != 0 && packet[pos + 1 + packet[pos]] != 0)
		pos += 1 + packet[pos];
	p = put_fixed(p, 0xc000 | pos, 6, sizeof(soa));
	memcpy(p, soa, sizeof(soa));
	return p + sizeof(soa);
}

static int is_silent(const char *text)
{
	size_t size = strlen(text), end = strlen(silent);

	return end > 0 && size > end && text[size - end - 1] == '.' &&
		strcmp(text + size - end, silent) == 0;
}

/* Turns the query into the reply. Returns its size, 0 = none. */
static size_t answer(unsigned char *packet, size_t size)
{
	char text[256];
	unsigned int type, count = 0;
	size_t end = size < 12 ? 0 : read_question(packet, size, text, &type);
	int edns = packet[11] != 0;
	const struct name *name;
	const struct record *record = NULL;
	unsigned char *p;

	if (end == 0)
		return 0;
	if (asked_count == asked_size) {
		asked_size = asked_size * 2 + 1024;
		asked = grown(asked, asked_size, sizeof(*asked));
	}
	asked[asked_count].name = strdup(text);
	asked[asked_count++].type = type;
	if (is_silent(text))
		return 0;

	p = packet + end;
	name = name_find(text);
	if (name != NULL)
		record = name->records;
	for (; record != NULL; record = record->next) {
		if (record->type != type ||
		    p - packet + record->size + 64 > MAX_PACKET)
			continue;
		p = put_fixed(p, 0xc00c, type, record->size);
		memcpy(p, record->rdata, record->size);
		p += record->size;
		count++;
	}
	/* QR AA RD RA, and NXDOMAIN */
	packet[2] = 0x85;
	packet[3] = 0x80 | (name == NULL ? 3 : 0);
	put16(packet + 6, count);
	put16(packet + 8, count == 0 ? 1 : 0);
	put16(packet + 10, edns);
	if (count == 0)
		p = put_soa(p, packet);
	if (edns) {
		static const unsigned char opt[] = {
			0, 0, 41, MAX_PACKET >> 8, 0, 0, 0, 0, 0, 0, 0
		};
		memcpy(p, opt, sizeof(opt));
		p += sizeof(opt);
	}
	return p - packet;
}

static void send_later(const struct sockaddr_in *to,
		       const unsigned char *packet, size_t size)
{
	struct pending *new;

	if (pending_count == pending_size) {
		size_t i, old = pending_size;

		pending_size = pending_size * 2 + 1024;
		pending = grown(pending, pending_size, sizeof(*pending));
		/* what had wrapped around goes behind the rest */
		for (i = 0; i < pending_first; i++)
			pending[old + i] = pending[i];
	}
	new = &pending[(pending_first + pending_count++) % pending_size];
	new->to = *to;
	new->due_nsecs = now_nsecs() + delay_nsecs;
	new->size = size;
	new->packet = grown(NULL, size, 1);
	memcpy(new->packet, packet, size);
}

static void send_due(int fd)
{
	int64_t now = now_nsecs();

	while (pending_count > 0 && pending[pending_first].due_nsecs <= now) {
		struct pending *first = &pending[pending_first];

		(void)sendto(fd, first->packet, first->size, 0,
			     (struct sockaddr *)&first->to, sizeof(first->to));
		free(first->packet);
		pending_first = (pending_first + 1) % pending_size;
		pending_count--;
	}
}

static void receive(int fd)
{
	unsigned char packet[MAX_PACKET];
	struct sockaddr_in from;
	socklen_t from_size = sizeof(from);
	ssize_t size;

	while ((size = recvfrom(fd, packet, sizeof(packet) / 2, MSG_DONTWAIT,
				(struct sockaddr *)&from, &from_size)) > 0) {
		size = answer(packet, size);
		if (size > 0 && delay_nsecs > 0)
			send_later(&from, packet, size);
		else if (size > 0)
			(void)sendto(fd, packet, size, 0,
				     (struct sockaddr *)&from, from_size);
	}
}

static void command(const char *line)
{
	char path[1024];
	long usecs;
	size_t i;
	int print = strcmp(line, "take\n") == 0;

	if (sscanf(line, "zone %1023s", path) == 1) {
		printf(read_zone(path) < 0 ? "no zone\n" : "ok\n");
	} else if (sscanf(line, "delay %ld", &usecs) == 1) {
		delay_nsecs = usecs * 1000;
		printf("ok\n");
	} else if (sscanf(line, "silent %255s", silent) == 1) {
		printf("ok\n");
	} else if (print || strcmp(line, "forget\n") == 0) {
		for (i = 0; i < asked_count; i++) {
			if (print)
				printf("%s %u\n", asked[i].name,
				       asked[i].type);
			free(asked[i].name);
		}
		asked_count = 0;
		printf(print ? "\nok\n" : "ok\n");
	} else {
		printf("unknown\n");
	}
	fflush(stdout);
}

int main(int argc, char *argv[])
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	struct pollfd fds[2] = { { .events = POLLIN }, { .events = POLLIN } };
	int size = 8 << 20, fd = socket(AF_INET, SOCK_DGRAM, 0);

	(void)prctl(PR_SET_TIMERSLACK, 1000);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons(argc > 1 ? atoi(argv[1]) : 53);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		perror("bind");
		return 1;
	}
	/* one command at a time: what is read ahead would not wake poll() */
	setvbuf(stdin, NULL, _IONBF, 0);
	printf("ok\n");
	fflush(stdout);
	fds[0].fd = fd;
	fds[1].fd = STDIN_FILENO;
	for (;;) {
		struct timespec wait, *timeout = NULL;
		char line[1100];

		if (pending_count > 0) {
			int64_t left = pending[pending_first].due_nsecs -
				now_nsecs();
			if (left < 0)
				left = 0;
			wait.tv_sec = left / 1000000000;
			wait.tv_nsec = left % 1000000000;
			timeout = &wait;
		}
		if (ppoll(fds, 2, timeout, NULL) < 0 && errno != EINTR)
			return 1;
		send_due(fd);
		if ((fds[0].revents & POLLIN) != 0)
			receive(fd);
		if (fds[1].revents != 0) {
			if (fgets(line, sizeof(line), stdin) == NULL)
				return 0;
			command(line);
		}
	}
}
