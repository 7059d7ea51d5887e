#ifndef RECORDER_CONNECTION_H
#define RECORDER_CONNECTION_H

/* A client of the recorder. Lines, each ended by LF:

     MESSAGE <tab> ...   history_record_encode(): no answer
     STATUS              STATUS <tab> key=value ...: waiting_bytes taken stored
                         lost error
     FAILURE <tab> ...   failure_record_encode(): no answer
     FLUSH               the same, when all is in the store or the store failed

   At the first line that is none of these the client is disconnected. Whoever
   may connect is believed (history-client.h).

   Any local user may say one line by AUTHRES_TAKEN_BACK_LISTENER: a MESSAGE
   that was taken back. A user has AUTHRES_MAX_TAKEN_BACK_USER_CONNECTIONS, all
   have AUTHRES_MAX_TAKEN_BACK_CONNECTIONS, and each of them
   AUTHRES_TAKEN_BACK_TIMEOUT_MSECS: the rest is for deliveries. */

struct failure_spool;
struct recorder;
struct recorder_connection;

/* failures: NULL = there are no failure reports. listener: name of the one that
   accepted it. fd is closed with it; closed is called then. */
void recorder_connection_create(struct recorder *recorder,
				struct failure_spool *failures, int fd,
				const char *listener, void (*closed)(void));
/* Of all clients. */
void recorder_connections_close(void);

#endif
