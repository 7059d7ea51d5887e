#ifndef TEST_DNS_ANSWER_H
#define TEST_DNS_ANSWER_H

struct dns_answer;

/* Append all of an answer as one line, such as "answer+alias (reason) 192.0.2.1
   [text] 10:mx.example ttl=300". */
void test_dns_answer_append(string_t *dest, const struct dns_answer *answer);

#endif
