/* SPDX-License-Identifier: Apache-2.0 */
/* guests.h: how many connections are open, all together and from one address. */
#ifndef CORDOND_GUESTS_H
#define CORDOND_GUESTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct guest { /* where a connection comes from; everything that is no IP address is one guest */
    uint8_t address[16];
    uint8_t family;
};
struct guests;

struct guest guest_of(const struct sockaddr *a);
/* At most `most` connections, `most_each` from one address (0: as many as all). NULL: no memory. */
struct guests *guests_new(uint32_t most, uint32_t most_each);
void guests_free(struct guests *g); /* accepts NULL */
/* False: it is one too many, and not counted. Any thread. */
bool guests_enter(struct guests *g, const struct guest *who);
void guests_leave(struct guests *g, const struct guest *who); /* once for each that entered */

#endif
