/* Copyright (c) authres authors, see the included COPYING file */

#include "lib.h"
#include "ioloop.h"
#include "unbound-events.h"

#include <poll.h>
#include <sys/time.h>
#include <unbound-event.h>

struct unbound_event {
	/* first: libunbound knows just this */
	struct ub_event event;

	int fd;
	short bits;
	void (*callback)(int fd, short bits, void *context);
	void *context;

	struct io *io_read, *io_write;
	struct timeout *to;
};

static struct unbound_event *unbound_event(struct ub_event *event)
{
	return (struct unbound_event *)event;
}

static void unbound_event_deactivate(struct unbound_event *event)
{
	io_remove(&event->io_read);
	io_remove(&event->io_write);
	timeout_remove(&event->to);
}

/* May free the event. */
static void unbound_event_fire(struct unbound_event *event, short bits)
{
	if ((event->bits & UB_EV_PERSIST) == 0)
		unbound_event_deactivate(event);
	else if (event->to != NULL)
		timeout_reset(event->to);
	event->callback(event->fd, bits, event->context);
}

/* Whichever direction woke us, libunbound must hear of both in one call: it
   connects and sends in one step (TCP Fast Open), and takes a readable socket
   alone as a broken one. */
static void unbound_event_io(struct unbound_event *event)
{
	struct pollfd pfd;
	short bits = 0;

	i_zero(&pfd);
	pfd.fd = event->fd;
	if (event->io_read != NULL)
		pfd.events |= POLLIN;
	if (event->io_write != NULL)
		pfd.events |= POLLOUT;
	if (poll(&pfd, 1, 0) <= 0)
		return;
	if ((pfd.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
		pfd.revents |= pfd.events;
	if ((pfd.revents & pfd.events & POLLIN) != 0)
		bits |= UB_EV_READ;
	if ((pfd.revents & pfd.events & POLLOUT) != 0)
		bits |= UB_EV_WRITE;
	if (bits != 0)
		unbound_event_fire(event, bits);
}

static void unbound_event_timeout(struct unbound_event *event)
{
	unbound_event_fire(event, UB_EV_TIMEOUT);
}

static void unbound_event_set_timeout(struct unbound_event *event,
				      const struct timeval *tv)
{
	unsigned int msecs;

	timeout_remove(&event->to);
	if (tv->tv_sec < 0)
		msecs = 0;
	else if (tv->tv_sec > INT_MAX / 1000 - 1)
		msecs = INT_MAX;
	else
		msecs = tv->tv_sec * 1000 + (tv->tv_usec + 999) / 1000;
	event->to = timeout_add_short(msecs, unbound_event_timeout, event);
}

static void unbound_event_add_bits(struct ub_event *_event, short bits)
{
	unbound_event(_event)->bits |= bits;
}

static void unbound_event_del_bits(struct ub_event *_event, short bits)
{
	unbound_event(_event)->bits &= ~bits;
}

static void unbound_event_set_fd(struct ub_event *_event, int fd)
{
	unbound_event(_event)->fd = fd;
}

static void unbound_event_free(struct ub_event *_event)
{
	struct unbound_event *event = unbound_event(_event);

	unbound_event_deactivate(event);
	i_free(event);
}

static int unbound_event_add(struct ub_event *_event, struct timeval *tv)
{
	struct unbound_event *event = unbound_event(_event);

	io_remove(&event->io_read);
	io_remove(&event->io_write);
	if (event->fd != -1 && (event->bits & UB_EV_READ) != 0)
		event->io_read = io_add(event->fd, IO_READ,
					unbound_event_io, event);
	if (event->fd != -1 && (event->bits & UB_EV_WRITE) != 0)
		event->io_write = io_add(event->fd, IO_WRITE,
					 unbound_event_io, event);
	if ((event->bits & UB_EV_TIMEOUT) != 0 && tv != NULL)
		unbound_event_set_timeout(event, tv);
	return 0;
}

static int unbound_event_del(struct ub_event *_event)
{
	unbound_event_deactivate(unbound_event(_event));
	return 0;
}

static int
unbound_event_add_timer(struct ub_event *_event,
			struct ub_event_base *base ATTR_UNUSED,
			void (*callback)(int, short, void *), void *context,
			struct timeval *tv)
{
	struct unbound_event *event = unbound_event(_event);

	event->bits |= UB_EV_TIMEOUT;
	event->callback = callback;
	event->context = context;
	unbound_event_set_timeout(event, tv);
	return 0;
}

static int unbound_event_del_timer(struct ub_event *_event)
{
	timeout_remove(&unbound_event(_event)->to);
	return 0;
}

static int unbound_event_add_signal(struct ub_event *event ATTR_UNUSED,
				    struct timeval *tv ATTR_UNUSED)
{
	return -1;
}

static int unbound_event_del_signal(struct ub_event *event ATTR_UNUSED)
{
	return -1;
}

static void unbound_event_no_unregister(struct ub_event *event ATTR_UNUSED)
{
}

static void unbound_event_no_wouldblock(struct ub_event *event ATTR_UNUSED,
					int bit ATTR_UNUSED)
{
}

static const struct ub_event_vmt unbound_event_vmt = {
	.add_bits = unbound_event_add_bits,
	.del_bits = unbound_event_del_bits,
	.set_fd = unbound_event_set_fd,
	.free = unbound_event_free,
	.add = unbound_event_add,
	.del = unbound_event_del,
	.add_timer = unbound_event_add_timer,
	.del_timer = unbound_event_del_timer,
	.add_signal = unbound_event_add_signal,
	.del_signal = unbound_event_del_signal,
	.winsock_unregister_wsaevent = unbound_event_no_unregister,
	.winsock_tcp_wouldblock = unbound_event_no_wouldblock,
};

static struct ub_event *
unbound_base_new_event(struct ub_event_base *base ATTR_UNUSED, int fd,
		       short bits, void (*callback)(int, short, void *),
		       void *context)
{
	struct unbound_event *event = i_new(struct unbound_event, 1);

	event->event.magic = UB_EVENT_MAGIC;
	event->event.vmt = (struct ub_event_vmt *)&unbound_event_vmt;
	event->fd = fd;
	event->bits = bits;
	event->callback = callback;
	event->context = context;
	return &event->event;
}

static void unbound_base_free(struct ub_event_base *base ATTR_UNUSED)
{
}

static int unbound_base_dispatch(struct ub_event_base *base ATTR_UNUSED)
{
	return -1;
}

static int unbound_base_loopexit(struct ub_event_base *base ATTR_UNUSED,
				 struct timeval *tv ATTR_UNUSED)
{
	return -1;
}

static struct ub_event *
unbound_base_new_signal(struct ub_event_base *base ATTR_UNUSED,
			int fd ATTR_UNUSED,
			void (*callback)(int, short, void *) ATTR_UNUSED,
			void *context ATTR_UNUSED)
{
	return NULL;
}

static struct ub_event *
unbound_base_no_wsaevent(struct ub_event_base *base ATTR_UNUSED,
			 void *wsaevent ATTR_UNUSED,
			 void (*callback)(int, short, void *) ATTR_UNUSED,
			 void *context ATTR_UNUSED)
{
	return NULL;
}

static const struct ub_event_base_vmt unbound_base_vmt = {
	.free = unbound_base_free,
	.dispatch = unbound_base_dispatch,
	.loopexit = unbound_base_loopexit,
	.new_event = unbound_base_new_event,
	.new_signal = unbound_base_new_signal,
	.winsock_register_wsaevent = unbound_base_no_wsaevent,
};

struct ub_event_base *unbound_events_init(void)
{
	struct ub_event_base *base = i_new(struct ub_event_base, 1);

	base->magic = UB_EVENT_MAGIC;
	base->vmt = (struct ub_event_base_vmt *)&unbound_base_vmt;
	return base;
}

void unbound_events_deinit(struct ub_event_base **base)
{
	i_free(*base);
}
