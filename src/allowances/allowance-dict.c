/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "dict.h"
#include "ioloop.h"
#include "mail-user.h"
#include "authres-limits.h"
#include "authres-settings.h"
#include "user-dict.h"
#include "allowance-dict.h"

#include <time.h>

#define SECS_PER_DAY (24 * 60 * 60)

struct allowance_dict {
	struct mail_user *user;
	const struct authres_settings *set;
	/* NULL until something is asked for */
	struct dict *dict;
	/* where it is, NULL = not known, or no file */
	const char *file;
	/* A lookup is still waiting for its answer. Nothing else can be asked
	   then, as that would wait for it, too. */
	bool silent;
};

struct allowance_lookup {
	/* waits for the answer; NULL = nobody */
	struct ioloop *ioloop;
	int ret;
	char *value, *error;
	bool finished;
	/* it is late, and the callback frees it */
	bool abandoned;
};

struct allowance_dict *
allowance_dict_init(struct mail_user *user,
		    const struct authres_settings *set)
{
	struct allowance_dict *dict;

	dict = i_new(struct allowance_dict, 1);
	dict->user = user;
	dict->set = set;
	return dict;
}

void allowance_dict_deinit(struct allowance_dict **_dict)
{
	struct allowance_dict *dict = *_dict;

	if (dict == NULL)
		return;
	*_dict = NULL;
	/* What waits for an answer holds on to the dict. It ends itself when
	   Dovecot's client gives up; to end it before is not possible. */
	if (dict->dict != NULL && !dict->silent)
		dict_deinit(&dict->dict);
	i_free(dict);
}

static const struct dict_op_settings *op_settings(struct allowance_dict *dict)
{
	return mail_user_get_dict_op_settings(dict->user);
}

/* Called before each look into it. Returns 1, 0 if there is no dict to be
   opened, -1 and error_r. */
static int
allowance_dict_open(struct allowance_dict *dict, const char **error_r)
{
	int ret = 1;

	if (dict->dict == NULL) {
		ret = user_dict_init(dict->user, dict->set, &dict->dict,
				     &dict->file, error_r);
	}
	return ret <= 0 ? ret :
		user_dict_check(dict->file, FALSE, error_r) < 0 ? -1 : 1;
}

static int
allowance_dict_must_open(struct allowance_dict *dict, const char **error_r)
{
	int ret = allowance_dict_open(dict, error_r);

	if (ret == 0)
		*error_r = "authres_dict is empty";
	return ret > 0 ? 0 : -1;
}

static void
lookup_finished(const struct dict_lookup_result *result,
		struct allowance_lookup *lookup)
{
	if (lookup->abandoned) {
		i_free(lookup);
		return;
	}
	lookup->finished = TRUE;
	lookup->ret = result->ret;
	if (result->ret > 0)
		lookup->value = i_strdup(result->value);
	else if (result->ret < 0)
		lookup->error = i_strdup(result->error);
	if (lookup->ioloop != NULL)
		io_loop_stop(lookup->ioloop);
}

static void lookup_timeout(struct ioloop *ioloop)
{
	io_loop_stop(ioloop);
}

/* Dovecot's client waits for a dict server twice 30 seconds. Asked before there
   is a loop of our own: drivers that wait by themselves (Redis) keep their
   connection in the loop that was there. */
static void
lookup_wait(struct allowance_dict *dict, struct allowance_lookup *lookup,
	    const char *key)
{
	struct ioloop *prev_ioloop = current_ioloop;
	struct ioloop *ioloop;
	struct timeout *to;

	dict_lookup_async(dict->dict, op_settings(dict), key,
			  lookup_finished, lookup);
	if (lookup->finished)
		return;
	ioloop = io_loop_create();
	dict_switch_ioloop(dict->dict);
	lookup->ioloop = ioloop;
	to = timeout_add(AUTHRES_DICT_TIMEOUT_MSECS, lookup_timeout, ioloop);
	io_loop_run(ioloop);
	timeout_remove(&to);
	lookup->ioloop = NULL;
	io_loop_set_current(prev_ioloop);
	dict_switch_ioloop(dict->dict);
	io_loop_set_current(ioloop);
	io_loop_destroy(&ioloop);
}

static int
lookup(struct allowance_dict *dict, const struct allowance *allowance,
       const char **value_r, const char **error_r)
{
	struct allowance_lookup *lookup;
	int ret;

	if (dict->silent) {
		*error_r = "no answer";
		return -1;
	}
	lookup = i_new(struct allowance_lookup, 1);
	lookup_wait(dict, lookup, t_allowance_key(allowance));
	if (!lookup->finished) {
		lookup->abandoned = TRUE;
		dict->silent = TRUE;
		*error_r = t_strdup_printf("no answer in %u seconds",
					   AUTHRES_DICT_TIMEOUT_MSECS / 1000);
		return -1;
	}
	ret = lookup->ret;
	*value_r = t_strdup(lookup->value);
	*error_r = t_strdup(lookup->error);
	i_free(lookup->value);
	i_free(lookup->error);
	i_free(lookup);
	return ret;
}

/* Is it there and not expired, whatever its state? As
   allowance_dict_find(). */
static int
find_any(struct allowance_dict *dict, struct allowance *allowance, time_t now,
	 const char **error_r)
{
	const char *value;
	int ret;

	ret = allowance_dict_open(dict, error_r);
	if (ret > 0)
		ret = lookup(dict, allowance, &value, error_r);
	if (ret <= 0)
		return ret;
	return allowance_parse_value(value, allowance) < 0 ||
		allowance->expires <= now ? 0 : 1;
}

int allowance_dict_find(struct allowance_dict *dict,
			struct allowance *allowance, time_t now,
			const char **error_r)
{
	int ret = find_any(dict, allowance, now, error_r);

	return ret <= 0 ? ret : allowance_is_valid(allowance, now) ? 1 : 0;
}

static void set_lifetime(struct allowance_dict *dict,
			 struct allowance *allowance, time_t now)
{
	allowance->expires = now + (time_t)dict->set->allow_days * SECS_PER_DAY;
}

static int
commit(struct allowance_dict *dict, struct dict_transaction_context **trans,
       const char **error_r)
{
	if (user_dict_check(dict->file, TRUE, error_r) < 0) {
		dict_transaction_rollback(trans);
		return -1;
	}
	/* NOTFOUND is about atomic_inc */
	return dict_transaction_commit(trans, error_r) < 0 ? -1 : 0;
}

static int allowance_cmp(const struct allowance *a1, const struct allowance *a2)
{
	int ret = strcmp(a1->author, a2->author);

	if (ret == 0)
		ret = (int)a1->kind - (int)a2->kind;
	return ret != 0 ? ret : strcmp(a1->identity, a2->identity);
}

int allowance_dict_list(struct allowance_dict *dict, pool_t pool,
			ARRAY_TYPE(allowance) *allowances,
			const char **error_r)
{
	struct dict_iterate_context *iter;
	const char *key, *value;
	struct allowance allowance;
	int ret;

	ret = allowance_dict_open(dict, error_r);
	if (ret <= 0)
		return ret;
	/* Our keys have no hierarchy, but without recursion Dovecot's SQL dict
	   makes a wrong query of a pattern with one variable. */
	iter = dict_iterate_init(dict->dict, op_settings(dict),
				 ALLOWANCE_KEY_PREFIX,
				 DICT_ITERATE_FLAG_RECURSE);
	dict_iterate_set_limit(iter, AUTHRES_MAX_ALLOWANCES_LISTED);
	while (dict_iterate(iter, &key, &value)) T_BEGIN {
		if (allowance_parse_key(pool, key, value, &allowance) == 0)
			array_push_back(allowances, &allowance);
	} T_END;
	if (dict_iterate_deinit(&iter, error_r) < 0)
		return -1;
	array_sort(allowances, allowance_cmp);
	return 0;
}

static int
allowance_expires_cmp(const struct allowance *a1, const struct allowance *a2)
{
	return a1->expires < a2->expires ? -1 : a1->expires > a2->expires;
}

/* Room for one more. */
static void
make_room(struct allowance_dict *dict, struct dict_transaction_context *trans,
	  const struct allowance *added, time_t now)
{
	ARRAY_TYPE(allowance) allowances;
	const struct allowance *allowance;
	unsigned int count;
	const char *error;
	pool_t pool;

	pool = pool_alloconly_create("authres allowances", 4096);
	p_array_init(&allowances, pool, 32);
	/* A dict that fails will fail again at commit. */
	(void)allowance_dict_list(dict, pool, &allowances, &error);
	array_sort(&allowances, allowance_expires_cmp);
	count = array_count(&allowances);
	array_foreach(&allowances, allowance) {
		if (allowance_cmp(allowance, added) == 0)
			count--;
		else if (allowance->expires <= now ||
			 count >= AUTHRES_MAX_ALLOWANCES) {
			dict_unset(trans, t_allowance_key(allowance));
			count--;
		}
	}
	pool_unref(&pool);
}

/* A lookup has told that there is somebody who answers. */
static int
allowance_dict_write(struct allowance_dict *dict,
		     const struct allowance *allowance, time_t now,
		     const char **error_r)
{
	struct dict_transaction_context *trans;

	trans = dict_transaction_begin(dict->dict, op_settings(dict));
	T_BEGIN {
		make_room(dict, trans, allowance, now);
	} T_END;
	dict_set(trans, t_allowance_key(allowance),
		 t_allowance_value(allowance));
	return commit(dict, &trans, error_r);
}

int allowance_dict_add(struct allowance_dict *dict,
		       const struct allowance *allowance, time_t now,
		       const char **error_r)
{
	const char *value;

	if (allowance_dict_must_open(dict, error_r) < 0 ||
	    lookup(dict, allowance, &value, error_r) < 0)
		return -1;
	return allowance_dict_write(dict, allowance, now, error_r);
}

int allowance_dict_renew(struct allowance_dict *dict,
			 struct allowance *allowance, time_t now,
			 const char **error_r)
{
	time_t left = allowance->expires - now;

	if (allowance->state != ALLOWANCE_LEARNED ||
	    left >= (time_t)dict->set->allow_days * SECS_PER_DAY / 2)
		return 0;
	set_lifetime(dict, allowance, now);
	return allowance_dict_write(dict, allowance, now, error_r) < 0 ? -1 : 1;
}

int allowance_dict_remove(struct allowance_dict *dict,
			  const struct allowance *allowance,
			  const char **error_r)
{
	struct dict_transaction_context *trans;
	const char *value;
	int ret;

	if (allowance_dict_must_open(dict, error_r) < 0)
		return -1;
	ret = lookup(dict, allowance, &value, error_r);
	if (ret <= 0)
		return ret;
	trans = dict_transaction_begin(dict->dict, op_settings(dict));
	dict_unset(trans, t_allowance_key(allowance));
	return commit(dict, &trans, error_r) < 0 ? -1 : 1;
}

static bool is_same_day(time_t first, time_t second)
{
	struct tm first_tm = *localtime(&first);
	const struct tm *second_tm = localtime(&second);

	return first_tm.tm_year == second_tm->tm_year &&
		first_tm.tm_yday == second_tm->tm_yday;
}

static int
list_is_answered(struct allowance_dict *dict, const struct allowance *allowance,
		 time_t now, const char **error_r)
{
	struct allowance list;
	int ret;

	if (allowance->kind != ALLOWANCE_LIST ||
	    !allowance_of_answered_list(pool_datastack_create(),
					allowance->identity, &list))
		return 0;
	ret = find_any(dict, &list, now, error_r);
	return ret <= 0 ? ret : list.state == ALLOWANCE_ANSWERED ? 1 : 0;
}

/* found_r: what there is, if found_ret_r is 1. */
static int
would_learn(struct allowance_dict *dict, const struct allowance *allowance,
	    enum allowance_proof proof, time_t now, struct allowance *found_r,
	    int *found_ret_r, const char **error_r)
{
	*found_r = *allowance;
	*found_ret_r = find_any(dict, found_r, now, error_r);
	if (*found_ret_r < 0)
		return -1;
	if (proof != ALLOWANCE_PROOF_NONE)
		return 1;
	if (*found_ret_r > 0 &&
	    (allowance_is_valid(found_r, now) ||
	     (found_r->state == ALLOWANCE_RELEASED &&
	      !is_same_day(found_r->released, now))))
		return 1;
	return list_is_answered(dict, allowance, now, error_r);
}

int allowance_dict_would_learn(struct allowance_dict *dict,
			       const struct allowance *allowance,
			       enum allowance_proof proof, time_t now,
			       const char **error_r)
{
	struct allowance found;
	int found_ret;

	return would_learn(dict, allowance, proof, now, &found, &found_ret,
			   error_r);
}

int allowance_dict_learn(struct allowance_dict *dict,
			 struct allowance *allowance,
			 enum allowance_proof proof, time_t now,
			 const char **error_r)
{
	struct allowance found;
	int ret, found_ret;

	ret = would_learn(dict, allowance, proof, now, &found, &found_ret,
			  error_r);
	if (ret < 0 || allowance_dict_must_open(dict, error_r) < 0)
		return -1;
	if (ret > 0) {
		allowance->state = ALLOWANCE_LEARNED;
		set_lifetime(dict, allowance, now);
	} else {
		allowance->state = ALLOWANCE_RELEASED;
		allowance->released = now;
		allowance->expires = now +
			(time_t)AUTHRES_RELEASED_DAYS * SECS_PER_DAY;
	}
	/* All messages of a list may be moved at once. */
	if (found_ret > 0 && found.state == allowance->state &&
	    found.expires <= allowance->expires &&
	    found.expires > allowance->expires - SECS_PER_DAY) {
		*allowance = found;
		return ret;
	}
	return allowance_dict_write(dict, allowance, now, error_r) < 0 ?
		-1 : ret;
}

int allowance_dict_answered(struct allowance_dict *dict,
			    struct allowance *list, time_t now,
			    const char **error_r)
{
	struct allowance found = *list;
	int ret;

	ret = find_any(dict, &found, now, error_r);
	if (ret < 0 || allowance_dict_must_open(dict, error_r) < 0)
		return -1;
	if (ret > 0 && found.state == ALLOWANCE_ANSWERED &&
	    found.expires - now >=
			(time_t)dict->set->allow_days * SECS_PER_DAY / 2)
		return 0;
	set_lifetime(dict, list, now);
	return allowance_dict_write(dict, list, now, error_r);
}
