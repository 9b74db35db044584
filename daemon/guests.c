/* SPDX-License-Identifier: Apache-2.0 */
/* guests.c: a count for each address that has connections, in a hash table with chains.
 *
 * An address stands in the table while it has connections, so there are never more than connections; all
 * memory is taken at the start, and entering cannot fail for want of it. */
#include "guests.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

struct place {
    struct guest who;
    uint32_t count, next; /* of its chain, or of the free ones */
};

struct guests {
    pthread_mutex_t lock;
    uint32_t most, most_each, open, unused;
    uint32_t mask;
    uint32_t *heads;
    struct place *places;
};

struct guest guest_of(const struct sockaddr *a) {
    struct guest g;
    memset(&g, 0, sizeof(g));
    if (a->sa_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)a;
        g.family = 4;
        memcpy(g.address, &four->sin_addr, 4);
    } else if (a->sa_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)a;
        g.family = 6;
        memcpy(g.address, &six->sin6_addr, 16);
    }
    return g;
}

struct guests *guests_new(uint32_t most, uint32_t most_each) {
    struct guests *g = calloc(1, sizeof(*g));
    uint32_t heads = 64;
    while (heads < most && heads < UINT32_C(1) << 20)
        heads *= 2;
    if (!g)
        return NULL;
    g->heads = malloc(heads * sizeof(*g->heads));
    g->places = calloc((size_t)most + 1, sizeof(*g->places));
    if (!g->heads || !g->places) {
        free(g->heads);
        free(g->places);
        free(g);
        return NULL;
    }
    (void)pthread_mutex_init(&g->lock, NULL);
    g->most = most;
    g->most_each = most_each ? most_each : most;
    g->mask = heads - 1;
    memset(g->heads, 0xff, heads * sizeof(*g->heads));
    for (uint32_t i = 0; i < most; i++)
        g->places[i].next = i + 1 < most ? i + 1 : NONE;
    g->unused = most ? 0 : NONE;
    return g;
}

void guests_free(struct guests *g) {
    if (!g)
        return;
    (void)pthread_mutex_destroy(&g->lock);
    free(g->heads);
    free(g->places);
    free(g);
}

/* FNV-1a. Who makes addresses collide makes a chain as long as his connections are many, which is bounded. */
static uint32_t *chain_of(struct guests *g, const struct guest *who) {
    uint32_t h = UINT32_C(2166136261);
    for (size_t i = 0; i < sizeof(who->address); i++)
        h = (h ^ who->address[i]) * UINT32_C(16777619);
    return &g->heads[(h ^ (h >> 16)) & g->mask];
}

/* Where its number stands; *it is NONE at the end of the chain. */
static uint32_t *find(struct guests *g, const struct guest *who) {
    uint32_t *at = chain_of(g, who);
    while (*at != NONE && memcmp(&g->places[*at].who, who, sizeof(*who)) != 0)
        at = &g->places[*at].next;
    return at;
}

bool guests_enter(struct guests *g, const struct guest *who) {
    (void)pthread_mutex_lock(&g->lock);
    bool room = g->open < g->most;
    uint32_t *at = find(g, who);
    if (room && *at != NONE) {
        room = g->places[*at].count < g->most_each;
        g->places[*at].count += room;
    } else if (room) { /* fewer open than places: one is unused */
        const uint32_t i = g->unused;
        g->unused = g->places[i].next;
        g->places[i] = (struct place){.who = *who, .count = 1, .next = NONE};
        *at = i;
    }
    g->open += room;
    (void)pthread_mutex_unlock(&g->lock);
    return room;
}

void guests_leave(struct guests *g, const struct guest *who) {
    (void)pthread_mutex_lock(&g->lock);
    uint32_t *at = find(g, who);
    if (*at != NONE) {
        const uint32_t i = *at;
        g->open--;
        if (--g->places[i].count == 0) {
            *at = g->places[i].next;
            g->places[i].next = g->unused;
            g->unused = i;
        }
    }
    (void)pthread_mutex_unlock(&g->lock);
}
