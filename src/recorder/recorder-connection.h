#ifndef RECORDER_CONNECTION_H
#define RECORDER_CONNECTION_H

/* A client of the recorder. Lines, each ended by LF:

     MESSAGE <tab> ...   history_record_encode(): no answer
     STATUS              STATUS <tab> key=value ...: waiting_bytes taken stored
                         lost error
     FLUSH               the same, when all is in the store or the store failed

   At the first line that is none of these the client is disconnected. Whoever
   may connect is believed (history-client.h). */

struct recorder;
struct recorder_connection;

/* fd is closed with it; closed is called then. */
void recorder_connection_create(struct recorder *recorder, int fd,
				void (*closed)(void));
/* Of all clients. */
void recorder_connections_close(void);

#endif
