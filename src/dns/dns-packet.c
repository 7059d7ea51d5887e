/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "authres-limits.h"
#include "dns-packet.h"

#include <ctype.h>
#include <arpa/nameser.h>

#define DNS_PACKET_MALFORMED "malformed DNS answer"
#define DNS_MAX_MESSAGE_BYTES 65535
#define DNS_SOA_NUMBERS_BYTES 20

struct dns_packet {
	pool_t pool;
	ns_msg msg;
	const char *name;
	/* the end of the CNAME chain; NULL = a name that our names cannot
	   express, nobody owns records for it */
	const char *owner;
	enum dns_type type;
	/* -1 = none seen */
	int64_t ttl_secs;
	struct dns_answer *answer;
};

static const ns_type dns_type_numbers[] = {
	[DNS_TYPE_A] = ns_t_a,
	[DNS_TYPE_AAAA] = ns_t_aaaa,
	[DNS_TYPE_MX] = ns_t_mx,
	[DNS_TYPE_PTR] = ns_t_ptr,
	[DNS_TYPE_TXT] = ns_t_txt,
};

const char *dns_rcode_reason(unsigned int rcode)
{
	switch (rcode) {
	case ns_r_formerr:
		return "DNS server reports a format error";
	case ns_r_servfail:
		return "DNS server failure";
	case ns_r_refused:
		return "DNS server refused the question";
	default:
		return t_strdup_printf("DNS error code %u", rcode);
	}
}

/* RFC 1035 section 5.1 escapes, as the C library writes names, to a name of
   ours (data stack). Returns 1, or 0 if it has a byte that is not printable
   ASCII or a dot inside a label. "" = the root. */
static int dns_packet_name(const char *text, const char **name_r)
{
	string_t *name;
	unsigned int value;

	if (*text == '\0' || strcmp(text, ".") == 0) {
		*name_r = "";
		return 1;
	}
	name = t_str_new(64);
	while (*text != '\0') {
		if (*text != '\\') {
			str_append_c(name, *text++);
			continue;
		}
		text++;
		if (!i_isdigit(*text)) {
			if (*text == '.' || *text == '\0')
				return 0;
			str_append_c(name, *text++);
			continue;
		}
		if (!i_isdigit(text[1]) || !i_isdigit(text[2]))
			return 0;
		value = (text[0] - '0') * 100 + (text[1] - '0') * 10 +
			(text[2] - '0');
		if (value < 0x20 || value > 0x7e || value == '.')
			return 0;
		str_append_c(name, value);
		text += 3;
	}
	return dns_name_normalize(str_c(name), name_r) < 0 ? 0 : 1;
}

/* A name inside the data of a record, which it must fill up to the end.
   Returns as dns_packet_name(), -1 = malformed. */
static int dns_packet_data_name(const struct dns_packet *packet,
				const ns_rr *rr, size_t offset,
				const char **name_r)
{
	char text[NS_MAXDNAME];
	int used;

	if (ns_rr_rdlen(*rr) <= offset)
		return -1;
	used = ns_name_uncompress(ns_msg_base(packet->msg),
				  ns_msg_end(packet->msg),
				  ns_rr_rdata(*rr) + offset,
				  text, sizeof(text));
	if (used < 0 || (size_t)used != ns_rr_rdlen(*rr) - offset)
		return -1;
	return dns_packet_name(text, name_r);
}

static void dns_packet_note_ttl(struct dns_packet *packet, const ns_rr *rr)
{
	/* RFC 2181 section 8: a TTL with the highest bit set is zero */
	int64_t ttl = ns_rr_ttl(*rr) > 0x7fffffff ? 0 : ns_rr_ttl(*rr);

	if (packet->ttl_secs < 0 || ttl < packet->ttl_secs)
		packet->ttl_secs = ttl;
}

static int dns_packet_check_question(struct dns_packet *packet)
{
	const char *name;
	ns_rr rr;

	if (ns_msg_count(packet->msg, ns_s_qd) != 1 ||
	    ns_parserr(&packet->msg, ns_s_qd, 0, &rr) < 0)
		return -1;
	if (ns_rr_type(rr) != dns_type_numbers[packet->type] ||
	    ns_rr_class(rr) != ns_c_in ||
	    dns_packet_name(ns_rr_name(rr), &name) == 0 ||
	    strcmp(name, packet->name) != 0)
		return -1;
	return 0;
}

/* All CNAME records of the answer section, in one pass. */
static int dns_packet_cnames(struct dns_packet *packet,
			     ARRAY_TYPE(const_string) *owners,
			     ARRAY_TYPE(const_string) *targets,
			     const char **reason_r)
{
	unsigned int i, count = ns_msg_count(packet->msg, ns_s_an);
	const char *owner, *target;
	ns_rr rr;
	int ret;

	*reason_r = DNS_PACKET_MALFORMED;
	for (i = 0; i < count; i++) {
		if (ns_parserr(&packet->msg, ns_s_an, i, &rr) < 0)
			return -1;
		if (ns_rr_type(rr) != ns_t_cname ||
		    ns_rr_class(rr) != ns_c_in)
			continue;
		ret = dns_packet_data_name(packet, &rr, 0, &target);
		if (ret < 0)
			return -1;
		if (ret == 0)
			target = NULL;
		if (dns_packet_name(ns_rr_name(rr), &owner) == 0)
			continue;
		if (array_count(owners) == AUTHRES_MAX_CNAME_CHAIN) {
			*reason_r = "too many CNAME records";
			return -1;
		}
		dns_packet_note_ttl(packet, &rr);
		array_push_back(owners, &owner);
		array_push_back(targets, &target);
	}
	return 0;
}

static int dns_packet_follow_cnames(struct dns_packet *packet,
				    const char **reason_r)
{
	ARRAY_TYPE(const_string) owners, targets;
	const char *const *owner, *const *target;
	unsigned int i, count, hops = 0;

	t_array_init(&owners, AUTHRES_MAX_CNAME_CHAIN);
	t_array_init(&targets, AUTHRES_MAX_CNAME_CHAIN);
	if (dns_packet_cnames(packet, &owners, &targets, reason_r) < 0)
		return -1;
	owner = array_get(&owners, &count);
	target = array_get(&targets, &count);
	packet->owner = packet->name;
	while (packet->owner != NULL) {
		for (i = 0; i < count; i++) {
			if (strcmp(owner[i], packet->owner) == 0)
				break;
		}
		if (i == count)
			break;
		if (hops++ == count) {
			*reason_r = "CNAME loop";
			return -1;
		}
		packet->answer->alias = TRUE;
		packet->owner = target[i];
	}
	return 0;
}

/* The character-strings must fill the data exactly; there is at least one. */
static int dns_packet_text(struct dns_packet *packet, const ns_rr *rr)
{
	const unsigned char *data = ns_rr_rdata(*rr);
	size_t left = ns_rr_rdlen(*rr), size;
	struct dns_record *record;
	unsigned char *text;

	if (left == 0)
		return -1;
	/* never longer than the data itself */
	text = p_malloc(packet->pool, left);
	record = array_append_space(&packet->answer->records);
	record->text = text;
	while (left > 0) {
		size = *data++;
		left--;
		if (size > left)
			return -1;
		memcpy(text + record->text_size, data, size);
		record->text_size += size;
		data += size;
		left -= size;
	}
	text[record->text_size] = '\0';
	return 0;
}

static int dns_packet_host(struct dns_packet *packet, const ns_rr *rr)
{
	struct dns_record *record;
	unsigned int preference = 0;
	const char *name;
	size_t offset = 0;
	int ret;

	if (packet->type == DNS_TYPE_MX) {
		if (ns_rr_rdlen(*rr) < 2)
			return -1;
		preference = ns_get16(ns_rr_rdata(*rr));
		offset = 2;
	}
	ret = dns_packet_data_name(packet, rr, offset, &name);
	if (ret <= 0)
		return ret;
	record = array_append_space(&packet->answer->records);
	record->preference = preference;
	record->name = p_strdup(packet->pool, name);
	return 0;
}

static int dns_packet_address(struct dns_packet *packet, const ns_rr *rr)
{
	struct dns_record *record;
	struct ip_addr ip;

	i_zero(&ip);
	if (packet->type == DNS_TYPE_A) {
		if (ns_rr_rdlen(*rr) != sizeof(ip.u.ip4))
			return -1;
		ip.family = AF_INET;
		memcpy(&ip.u.ip4, ns_rr_rdata(*rr), sizeof(ip.u.ip4));
	} else {
		if (ns_rr_rdlen(*rr) != sizeof(ip.u.ip6))
			return -1;
		ip.family = AF_INET6;
		memcpy(&ip.u.ip6, ns_rr_rdata(*rr), sizeof(ip.u.ip6));
	}
	record = array_append_space(&packet->answer->records);
	record->ip = ip;
	return 0;
}

static int dns_packet_record(struct dns_packet *packet, const ns_rr *rr)
{
	switch (packet->type) {
	case DNS_TYPE_A:
	case DNS_TYPE_AAAA:
		return dns_packet_address(packet, rr);
	case DNS_TYPE_MX:
	case DNS_TYPE_PTR:
		return dns_packet_host(packet, rr);
	case DNS_TYPE_TXT:
		return dns_packet_text(packet, rr);
	}
	i_unreached();
}

static int dns_packet_records(struct dns_packet *packet, const char **reason_r)
{
	unsigned int i, count = ns_msg_count(packet->msg, ns_s_an);
	const char *owner;
	bool mine;
	ns_rr rr;
	int ret;

	*reason_r = DNS_PACKET_MALFORMED;
	for (i = 0; i < count; i++) {
		if (ns_parserr(&packet->msg, ns_s_an, i, &rr) < 0)
			return -1;
		if (ns_rr_type(rr) != dns_type_numbers[packet->type] ||
		    ns_rr_class(rr) != ns_c_in)
			continue;
		T_BEGIN {
			mine = dns_packet_name(ns_rr_name(rr), &owner) > 0 &&
				null_strcmp(owner, packet->owner) == 0;
		} T_END;
		if (!mine)
			continue;
		if (array_count(&packet->answer->records) ==
		    AUTHRES_MAX_DNS_RECORDS) {
			*reason_r = "too many DNS records";
			return -1;
		}
		T_BEGIN {
			ret = dns_packet_record(packet, &rr);
		} T_END;
		if (ret < 0)
			return -1;
		dns_packet_note_ttl(packet, &rr);
	}
	return 0;
}

/* RFC 2308 section 5: the SOA's own TTL and its minimum, whichever is less. */
static void dns_packet_negative_ttl(struct dns_packet *packet)
{
	unsigned int i, count = ns_msg_count(packet->msg, ns_s_ns);
	const unsigned char *end;
	int64_t minimum;
	ns_rr rr;

	for (i = 0; i < count; i++) {
		if (ns_parserr(&packet->msg, ns_s_ns, i, &rr) < 0)
			return;
		if (ns_rr_type(rr) != ns_t_soa ||
		    ns_rr_rdlen(rr) < DNS_SOA_NUMBERS_BYTES)
			continue;
		dns_packet_note_ttl(packet, &rr);
		end = ns_rr_rdata(rr) + ns_rr_rdlen(rr);
		minimum = ns_get32(end - 4);
		if (minimum < packet->ttl_secs)
			packet->ttl_secs = minimum;
		return;
	}
}

static int dns_packet_read(struct dns_packet *packet,
			   const unsigned char *data, size_t size,
			   const char **reason_r)
{
	struct dns_answer *answer = packet->answer;
	unsigned int rcode;

	*reason_r = DNS_PACKET_MALFORMED;
	if (size > DNS_MAX_MESSAGE_BYTES ||
	    ns_initparse(data, size, &packet->msg) < 0 ||
	    ns_msg_getflag(packet->msg, ns_f_qr) == 0)
		return -1;
	rcode = ns_msg_getflag(packet->msg, ns_f_rcode);
	if (rcode != ns_r_noerror && rcode != ns_r_nxdomain) {
		*reason_r = dns_rcode_reason(rcode);
		return -1;
	}
	if (ns_msg_getflag(packet->msg, ns_f_tc) != 0) {
		*reason_r = "truncated DNS answer";
		return -1;
	}
	if (dns_packet_check_question(packet) < 0 ||
	    dns_packet_follow_cnames(packet, reason_r) < 0)
		return -1;
	if (rcode == ns_r_nxdomain)
		answer->status = DNS_STATUS_NXDOMAIN;
	else {
		if (dns_packet_records(packet, reason_r) < 0)
			return -1;
		answer->status = array_count(&answer->records) > 0 ?
			DNS_STATUS_ANSWER : DNS_STATUS_NODATA;
	}
	if (answer->status != DNS_STATUS_ANSWER)
		dns_packet_negative_ttl(packet);
	return 0;
}

void dns_packet_parse(pool_t pool, const unsigned char *data, size_t size,
		      const char *name, enum dns_type type,
		      struct dns_answer *answer_r)
{
	struct dns_packet packet;
	const char *reason;

	i_zero(answer_r);
	p_array_init(&answer_r->records, pool, 4);
	i_zero(&packet);
	packet.pool = pool;
	packet.name = name;
	packet.type = type;
	packet.ttl_secs = -1;
	packet.answer = answer_r;
	T_BEGIN {
		if (dns_packet_read(&packet, data, size, &reason) < 0) {
			dns_answer_set_temporary(answer_r, pool,
						 p_strdup(pool, reason));
		} else if (packet.ttl_secs > 0) {
			answer_r->ttl_secs = packet.ttl_secs;
		}
	} T_END;
}
