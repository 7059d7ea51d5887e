#ifndef RECEIVED_TIME_H
#define RECEIVED_TIME_H

struct msg_field;

/* When a host wrote this field: what stands behind its last semicolon (RFC
   5321 section 4.4). Returns FALSE if that is no date. */
bool received_time(const struct msg_field *field, time_t *time_r);

#endif
