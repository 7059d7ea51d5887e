#ifndef TEST_DNS_SERVER_H
#define TEST_DNS_SERVER_H

/* A DNS server (UDP and TCP) on a free loopback port, on the current ioloop.
   The first label of the question's name says what it answers:

     nx, nodata, servfail, refused
     big      a TXT record of 3 KB, over UDP truncated
     drop     nothing
     lost...  nothing the first time, for all such names together
     wait-N   N milliseconds after the first question for this name
     alias    CNAME of "target", deadalias of "nx", loop of itself
     garbage  bytes that are no DNS message
     shape-N  a malformed record

   and everything else has one record of any type. */

struct test_dns_server;

struct test_dns_server *test_dns_server_init(unsigned int delay_msecs);
void test_dns_server_deinit(struct test_dns_server **server);

/* "127.0.0.1@PORT" */
const char *test_dns_server_address(const struct test_dns_server *server);
/* Questions that came in. */
unsigned int test_dns_server_questions(const struct test_dns_server *server);
unsigned int
test_dns_server_tcp_questions(const struct test_dns_server *server);
/* Answer nothing at all. */
void test_dns_server_set_silent(struct test_dns_server *server, bool silent);

#endif
