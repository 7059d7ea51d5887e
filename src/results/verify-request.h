#ifndef VERIFY_REQUEST_H
#define VERIFY_REQUEST_H

#include "net.h"

/* The facts of the envelope that the plugin (or doveadm) hands to the
   verifier together with the message. Strings are as received: hostile. */

enum verify_protocol {
	/* the message begins with the fields that Dovecot's LMTP server put
	   there: Return-Path, Delivered-To (one recipient only), Received */
	VERIFY_PROTOCOL_LMTP,
	/* dovecot-lda: nothing was put in front */
	VERIFY_PROTOCOL_LDA,
	/* doveadm authres verify: a message as a user has it; fields that
	   Dovecot put in front are recognised by their look */
	VERIFY_PROTOCOL_DOVEADM
};

struct verify_request {
	enum verify_protocol protocol;
	/* RFC5321.MailFrom without <>; "" = null reverse-path, NULL = unknown
	   (dovecot-lda without -f) */
	const char *mail_from;
	/* one recipient for the log, NULL = unknown */
	const char *rcpt_to;

	/* given on the command line (dovecot-lda -o, verify --ip); family 0 =
	   not given */
	struct ip_addr argument_ip;
	const char *argument_helo;
	/* dovecot-lda: they came in the environment instead... */
	bool argument_environment;
	/* ...and the MTA's client logged in; also without argument_ip */
	bool argument_authenticated;

	/* the LMTP peer; family 0 = UNIX socket or not LMTP */
	struct ip_addr peer_ip;
	/* what a trusted peer said by XCLIENT; family 0 = nothing */
	struct ip_addr xclient_ip;
	const char *xclient_helo;
	/* the id Dovecot wrote into its own Received; NULL = none */
	const char *session_id;

	/* when the message was received, for DKIM t= and x= */
	time_t received_time;
	/* the client waits this long for the verdict, from now */
	unsigned int timeout_msecs;
	/* verdict.history is wanted */
	bool history;
	/* with history: verdict.history.failure, too */
	bool failure;
	/* the full reply was refused: send verdict_encode_minimal()'s */
	bool minimal;
	/* say VERDICT_WIRE_ALIVE when the verdict takes a while */
	bool tell_alive;
};

#endif
