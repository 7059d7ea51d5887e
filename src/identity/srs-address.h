#ifndef SRS_ADDRESS_H
#define SRS_ADDRESS_H

/* The Sender Rewriting Scheme: a forwarder puts its own domain into the
   reverse-path and the sender it had into the local part. */

/* The sender that was rewritten last: "local-part@domain" of the first form
   below and of Microsoft's, the first forwarder's SRS0 address of the second.
   Data stack; NULL as below. What stands in front of the domain is as hostile
   as mail_from. */
const char *t_srs_sender(const char *mail_from);

/* The domain of the sender before the first rewriting: A-labels, lower case, at
   least two labels; data stack. mail_from: any bytes, without <>. NULL when it
   is not in one of the forms
     SRS0=hash=time=domain=local-part@forwarder
     SRS1=hash=first-forwarder==hash=time=domain=local-part@forwarder
     user+SRS=hash=time=domain=local-part@forwarder
   where the first "=" of the first two, and the second of "==", may be "+" or
   "-". Only the forwarder can check the hash: believe it as far as you believe
   whoever gave the address. */
const char *t_srs_sender_domain(const char *mail_from);

#endif
