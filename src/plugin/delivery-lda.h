#ifndef DELIVERY_LDA_H
#define DELIVERY_LDA_H

struct verify_request;

typedef const char *lda_argument_lookup_t(const char *name);

/* What the MTA that started dovecot-lda says about its own SMTP client. The
   first of these that gives an address or a login counts, alone: nothing is
   put together from two.

     -o plugin/             authres_client_ip, authres_client_helo,
                            authres_client_login
     environment            AUTHRES_CLIENT_IP, AUTHRES_CLIENT_HELO,
                            AUTHRES_CLIENT_LOGIN
     environment of         CLIENT_ADDRESS, CLIENT_HELO, SASL_USERNAME
     Postfix' local(8)

   Dovecot removes from the environment what import_environment does not list.
   An address is one of IPv4 or IPv6, or IPv6 as MTAs write it, "IPv6:...".
   Empty and "unknown" say nothing; what else is no address is an error that is
   logged with event, and ignored. A login that is not empty means that the
   client authenticated.

   settings: finds a value of -o by its name, NULL = not given. Sets the
   argument_ fields of request, with strings in pool. */
void delivery_lda_read(pool_t pool, lda_argument_lookup_t *settings,
			struct event *event, struct verify_request *request);

#endif
