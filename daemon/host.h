/* SPDX-License-Identifier: Apache-2.0 */
/* host.h: the machine round cordond: first key, watched files, the service manager. */
#ifndef CORDOND_HOST_H
#define CORDOND_HOST_H

#include "server.h"

/* Makes the first key, with every role, where there is none, and writes its secret to admin.key (0600) in the
 * data folder. *ret_made: whether it did. CORDON_E_IO … */
int host_first_key(struct daemon *d, bool *ret_made, cordon_error *e) CORDON_MUST_CHECK;

/* A number that differs when a file below one of the paths was changed, added or removed. */
uint64_t host_signature(const char *const *paths, size_t count);

/* Tells systemd ("READY=1"); nothing without NOTIFY_SOCKET. */
void host_notify(const char *text);

#endif
