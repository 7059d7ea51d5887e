#ifndef ADDRESS_KIND_H
#define ADDRESS_KIND_H

struct ip_addr;
struct ip_net;

/* Addresses that no host has on the Internet, so that no SPF record means
   them. IPv4-mapped addresses are to be unmapped before. */

/* 127.0.0.0/8, ::1 */
bool ip_is_loopback(const struct ip_addr *ip);
/* Private, shared and link-local: RFC 1918, 6598, 3927, 4193, 4291. Loopback is
   none of them. */
bool ip_is_private(const struct ip_addr *ip);
/* Is all of the network so? */
bool network_is_loopback(const struct ip_net *network);
bool network_is_private(const struct ip_net *network);

#endif
