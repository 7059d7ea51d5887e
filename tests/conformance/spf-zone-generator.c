/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "str.h"
#include "memory-resolver.h"
#include "spf-zone-generator.h"

#define DOMAIN_COUNT 6
#define HOST_COUNT 8

struct generator {
	pool_t pool;
	uint64_t state;
	struct spf_zone *zone;
};

/* xorshift64*, so that a seed means the same on every system */
static unsigned int generate(struct generator *gen, unsigned int limit)
{
	gen->state ^= gen->state >> 12;
	gen->state ^= gen->state << 25;
	gen->state ^= gen->state >> 27;
	return (unsigned int)((gen->state * 0x2545f4914f6cdd1dULL) >> 33) %
		limit;
}

static bool generate_chance(struct generator *gen, unsigned int percent)
{
	return generate(gen, 100) < percent;
}

static const char *
generate_one_of(struct generator *gen, const char *const *words,
		unsigned int count)
{
	return words[generate(gen, count)];
}
#define GENERATE_ONE_OF(gen, words) \
	generate_one_of(gen, words, N_ELEMENTS(words))

static void generate_line(struct generator *gen, const char *name,
			  const char *type, const char *data)
{
	struct spf_zone_line line;

	line.name = p_strdup(gen->pool, name);
	line.type = type;
	line.data = p_strdup(gen->pool, data);
	array_push_back(&gen->zone->lines, &line);
}

static const char *generate_ip4(struct generator *gen)
{
	return t_strdup_printf("192.0.2.%u", 1 + generate(gen, 6));
}

static const char *generate_ip6(struct generator *gen)
{
	return t_strdup_printf("2001:db8::%u", 1 + generate(gen, 6));
}

static const char *generate_macro(struct generator *gen)
{
	static const char *const plain[] = {
		"%{d}", "%{o}", "%{l}", "%{h}", "%{i}", "%{ir}", "%{v}", "%{s}",
		"%{d2}", "%{d1}", "%{dr}", "%{lr-}", "%{l-}", "%{l+}", "%{D}",
		"%{O2}", "%%", "%_", "%-",
	};
	static const char *const rare[] = {
		"%{p}", "%{d2r}", "%{d9}", "%{l1r-}", "%{s,}", "%{l/}",
		"%{L}", "%{L}", "%{S}", "%{H}", "%{hr}", "%{p2}", "%{s-.}",
		"%{l=_}", "%{p}", "%{p}",
	};

	return generate_chance(gen, 80) ? GENERATE_ONE_OF(gen, plain) :
		GENERATE_ONE_OF(gen, rare);
}

static const char *generate_host(struct generator *gen)
{
	return t_strdup_printf("h%u.test", generate(gen, HOST_COUNT));
}

static const char *generate_domain(struct generator *gen)
{
	return t_strdup_printf("d%u.test", generate(gen, DOMAIN_COUNT));
}

static const char *generate_target(struct generator *gen)
{
	static const char *const odd[] = {
		"n0.test", "n1.test", "slow.test", "a..test", "foo:bar/1.test",
		"H1.TEST", "h1.test.", "192.0.2.1", "test", "many.test",
		"x.-test", "%{x}.test", "%{c}.test", "50%.test",
	};

	switch (generate(gen, 12)) {
	case 0:
	case 1:
		return t_strdup_printf("%s.e.test", generate_macro(gen));
	case 2:
		return t_strdup_printf("%s.%s.e.test", generate_macro(gen),
				       generate_macro(gen));
	case 3:
		return generate_chance(gen, 60) ? generate_domain(gen) :
			generate_macro(gen);
	case 4:
		return GENERATE_ONE_OF(gen, odd);
	default:
		return generate_host(gen);
	}
}

static const char *generate_cidr(struct generator *gen)
{
	static const char *const cidrs[] = {
		"/24", "/30", "/31", "/32", "/29//64", "//126", "//128",
		"/28//120",
	};
	static const char *const odd[] = {
		"/0", "//0", "/33", "//129", "/024", "/", "/24/64",
	};

	if (generate_chance(gen, 70))
		return "";
	return generate_chance(gen, 96) ? GENERATE_ONE_OF(gen, cidrs) :
		GENERATE_ONE_OF(gen, odd);
}

static const char *generate_ip_term(struct generator *gen)
{
	static const char *const odd[] = {
		"ip4:192.0.2.1/33", "ip4:192.0.2", "ip4", "ip6:2001:db8::/129",
		"ip6::1", "ip4:0.0.0.0/0", "ip6:::/0", "ip4:192.0.2.01",
		"ip6:::ffff:192.0.2.1", "ip4:2001:db8::1",
	};

	if (generate_chance(gen, 3))
		return GENERATE_ONE_OF(gen, odd);
	if (generate_chance(gen, 50)) {
		return t_strdup_printf("ip4:%s%s", generate_ip4(gen),
			generate_chance(gen, 30) ? "/30" : "");
	}
	return t_strdup_printf("ip6:%s%s", generate_ip6(gen),
			       generate_chance(gen, 30) ? "/126" : "");
}

static const char *generate_mechanism(struct generator *gen)
{
	switch (generate(gen, 20)) {
	case 0:
	case 1:
	case 2:
		return t_strdup_printf("include:%s", generate_chance(gen, 85) ?
			generate_domain(gen) : generate_target(gen));
	case 3:
	case 4:
	case 5:
		return t_strdup_printf("a:%s%s", generate_target(gen),
				       generate_cidr(gen));
	case 6:
		return t_strconcat("a", generate_cidr(gen), NULL);
	case 7:
	case 8:
		return t_strdup_printf("mx:%s%s", generate_chance(gen, 70) ?
			generate_domain(gen) : generate_target(gen),
			generate_cidr(gen));
	case 9:
		return t_strconcat("mx", generate_cidr(gen), NULL);
	case 10:
		return generate_chance(gen, 50) ? "ptr" :
			t_strconcat("ptr:", generate_target(gen), NULL);
	case 11:
	case 12:
	case 13:
		return t_strconcat("exists:", generate_target(gen), NULL);
	case 14:
		return generate_chance(gen, 60) ? "all" : "A:h1.test";
	default:
		return generate_ip_term(gen);
	}
}

static const char *generate_term(struct generator *gen)
{
	static const char *const qualifiers[] = {
		"", "", "", "+", "-", "~", "?"
	};
	static const char *const odd[] = {
		"moo", "-", "exp=", "redirect=", "all:x", "--all", "1a=b",
		"foo=%", "a:", "include", "exists", "ptr/24", "=x",
	};
	static const char *const modifiers[] = {
		"exp=why.test", "exp=%{d}.why.test", "foo=bar", "x.y-z=%{c}",
		"exp=n0.test", "exp-text=%{d}",
	};

	if (generate(gen, 300) == 0)
		return GENERATE_ONE_OF(gen, odd);
	if (generate_chance(gen, 6))
		return GENERATE_ONE_OF(gen, modifiers);
	if (generate_chance(gen, 5)) {
		return t_strconcat("redirect=", generate_chance(gen, 85) ?
			generate_domain(gen) : generate_target(gen), NULL);
	}
	return t_strconcat(GENERATE_ONE_OF(gen, qualifiers),
			   generate_mechanism(gen), NULL);
}

static void generate_record(struct generator *gen, const char *name)
{
	static const char *const ends[] = {
		" -all", " -all", " ~all", " ?all", " +all", "", "",
	};
	unsigned int max = generate_chance(gen, 10) ? 14 : 5;
	unsigned int i, count = generate(gen, max);
	string_t *text = t_str_new(128);

	str_append(text, generate_chance(gen, 95) ? "v=spf1" : "V=spF1");
	for (i = 0; i < count; i++) {
		str_append(text, generate_chance(gen, 97) ? " " : "  ");
		str_append(text, generate_term(gen));
	}
	str_append(text, GENERATE_ONE_OF(gen, ends));
	generate_line(gen, name, "TXT", str_c(text));
}

static void generate_domains(struct generator *gen)
{
	unsigned int i, j, count;

	for (i = 0; i < DOMAIN_COUNT; i++) {
		const char *name = t_strdup_printf("d%u.test", i);

		if (i == 0 || generate_chance(gen, 88))
			generate_record(gen, name);
		if (generate_chance(gen, 3))
			generate_record(gen, name);
		if (generate_chance(gen, 20))
			generate_line(gen, name, "TXT", "another record");
		if (i > 0 && generate_chance(gen, 3))
			generate_line(gen, name, "TIMEOUT", NULL);
		if (generate_chance(gen, 70))
			generate_line(gen, name, "A", generate_ip4(gen));
		if (generate_chance(gen, 50))
			generate_line(gen, name, "AAAA", generate_ip6(gen));
		if (generate_chance(gen, 40))
			continue;
		count = generate(gen, 4);
		for (j = 0; j < count; j++)
			generate_line(gen, name, "MX", generate_host(gen));
	}
}

static void generate_hosts(struct generator *gen)
{
	unsigned int i, j;

	for (i = 0; i < HOST_COUNT; i++) {
		const char *name = t_strdup_printf("h%u.test", i);

		for (j = generate(gen, 3); j > 0; j--)
			generate_line(gen, name, "A", generate_ip4(gen));
		for (j = generate(gen, 3); j > 0; j--)
			generate_line(gen, name, "AAAA", generate_ip6(gen));
		if (generate_chance(gen, 3))
			generate_line(gen, name, "TIMEOUT", NULL);
	}
	for (i = 0; i < 11; i++)
		generate_line(gen, "many.test", "MX", generate_host(gen));
	generate_line(gen, "slow.test", "TIMEOUT", NULL);
	generate_line(gen, "foo:bar/1.test", "A", generate_ip4(gen));
	generate_line(gen, "why.test", "TXT",
		      "%{i} may not use %{d} (%{p}), says %{r}");
	generate_line(gen, "d0.test.why.test", "TXT", "not %{s} %{L}");
}

/* Names that expanded macros can hit */
static void generate_expanded(struct generator *gen)
{
	static const char *const names[] = {
		"d0.test.e.test", "d1.test.e.test", "d2.test.e.test",
		"jo-ed.e.test", "ed.jo.e.test", "jo.ed.e.test", "test.d0.e.test",
		"in-addr.e.test", "ip6.e.test", "test.e.test",
		"1.2.0.192.e.test", "192.0.2.1.e.test",
		"1.2.0.192.in-addr.e.test", "helo.test.e.test",
		"jo-ed.d0.test.e.test", "unknown.e.test", "h1.test.e.test",
		"jo-ed@d0.test.e.test", "%.e.test", " .e.test", "%20.e.test",
		"d0.e.test", "b%27%28c%29%21.e.test", "h2.test.e.test",
		"h3.test.e.test",
	};
	unsigned int i;

	for (i = 0; i < N_ELEMENTS(names); i++) {
		if (generate_chance(gen, 60))
			generate_line(gen, names[i], "A", generate_ip4(gen));
		if (generate_chance(gen, 30))
			generate_line(gen, names[i], "AAAA", generate_ip6(gen));
	}
}

static void generate_client(struct generator *gen)
{
	static const char *const helos[] = {
		"helo.test", "h1.test", "d1.test", "HELO.test", "[192.0.2.1]",
		"unqualified",
	};
	static const char *const local_parts[] = {
		"jo-ed", "jo-ed", "jo", "a.b-c", "x+y=z", "b'(c)!", "o/p,q",
	};
	struct spf_query *query = &gen->zone->query;
	const char *ip = generate_chance(gen, 75) ? generate_ip4(gen) :
		generate_ip6(gen);
	unsigned int i, count;

	if (net_addr2ip(ip, &query->client_ip) < 0)
		i_unreached();
	query->helo = GENERATE_ONE_OF(gen, helos);
	query->mail_from = generate_chance(gen, 8) ? "" :
		p_strconcat(gen->pool, GENERATE_ONE_OF(gen, local_parts),
			    "@d0.test", NULL);
	query->receiver = "receiver.test";
	query->now = 1700000000;

	if (generate_chance(gen, 5)) {
		generate_line(gen, dns_ip_reverse_name(&query->client_ip),
			      "TIMEOUT", NULL);
	}
	count = generate_chance(gen, 5) ? 12 : generate(gen, 4);
	for (i = 0; i < count; i++) {
		generate_line(gen, dns_ip_reverse_name(&query->client_ip),
			      "PTR", generate_chance(gen, 70) ?
			      generate_host(gen) : generate_domain(gen));
	}
}

void spf_zone_generate(pool_t pool, unsigned int seed, struct spf_zone *zone_r)
{
	struct generator gen;

	i_zero(&gen);
	i_zero(zone_r);
	gen.pool = pool;
	gen.state = (seed + 1ULL) * 0x9e3779b97f4a7c15ULL;
	gen.zone = zone_r;
	p_array_init(&zone_r->lines, pool, 64);
	T_BEGIN {
		generate_domains(&gen);
		generate_hosts(&gen);
		generate_expanded(&gen);
		generate_client(&gen);
	} T_END;
}

static void
spf_zone_add_line(struct resolver *resolver, const struct spf_zone_line *line)
{
	struct dns_record record;
	enum dns_type type;

	if (strcmp(line->type, "TIMEOUT") == 0) {
		memory_resolver_add_timeout(resolver, line->name);
		return;
	}
	i_zero(&record);
	for (type = 0; type < DNS_TYPE_TXT; type++) {
		if (strcmp(line->type, dns_type_name(type)) == 0)
			break;
	}
	switch (type) {
	case DNS_TYPE_A:
	case DNS_TYPE_AAAA:
		if (net_addr2ip(line->data, &record.ip) < 0)
			i_unreached();
		break;
	case DNS_TYPE_MX:
	case DNS_TYPE_PTR:
		record.name = line->data;
		break;
	case DNS_TYPE_TXT:
		record.text = (const unsigned char *)line->data;
		record.text_size = strlen(line->data);
		break;
	}
	memory_resolver_add(resolver, line->name, type, &record);
}

struct resolver *spf_zone_resolver(const struct spf_zone *zone)
{
	struct resolver *resolver = memory_resolver_init();
	const struct spf_zone_line *line;

	T_BEGIN {
		array_foreach(&zone->lines, line)
			spf_zone_add_line(resolver, line);
	} T_END;
	return resolver;
}
