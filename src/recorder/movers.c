/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "array.h"
#include "authres-limits.h"
#include "movers.h"

#define HOUR_SECS 3600

struct mover {
	uid_t uid;
	unsigned int count;
};

struct movers {
	time_t hour;
	unsigned int count;
	bool told;
	/* at most one for each that counted */
	ARRAY(struct mover) users;
};

struct movers *movers_init(void)
{
	struct movers *movers = i_new(struct movers, 1);

	i_array_init(&movers->users, 8);
	return movers;
}

void movers_deinit(struct movers **_movers)
{
	struct movers *movers = *_movers;

	*_movers = NULL;
	array_free(&movers->users);
	i_free(movers);
}

static struct mover *movers_find(struct movers *movers, uid_t uid)
{
	struct mover *mover;

	array_foreach_modifiable(&movers->users, mover) {
		if (mover->uid == uid)
			return mover;
	}
	mover = array_append_space(&movers->users);
	mover->uid = uid;
	return mover;
}

int movers_count(struct movers *movers, uid_t uid, time_t now)
{
	struct mover *mover;

	if (now / HOUR_SECS != movers->hour) {
		movers->hour = now / HOUR_SECS;
		movers->count = 0;
		movers->told = FALSE;
		array_clear(&movers->users);
	}
	if (movers->count < AUTHRES_MAX_TAKEN_BACK_PER_HOUR) {
		mover = movers_find(movers, uid);
		if (mover->count < AUTHRES_MAX_TAKEN_BACK_USER_PER_HOUR) {
			mover->count++;
			movers->count++;
			return 1;
		}
	}
	if (movers->told)
		return 0;
	movers->told = TRUE;
	return -1;
}
