/* SPDX-License-Identifier: Apache-2.0 */
/* fault.c: the allocator of the tests and the loop that fails each allocation in turn.
 *
 * The blocks given out stand in a table beside them (open addressing by address), not in a header before
 * each: so each block is one malloc() of exactly the size asked for, and a sanitizer guards both of its ends.
 *
 * Always true: a live block is in the table once; a released slot holds TOMB so that probing goes on behind
 * it. */
#include "support/fault.h"

#include <stdlib.h>

struct cdn_fault_block {
    void *p; /* NULL: free; TOMB: was in use */
    size_t size;
    size_t serial; /* which allocation it was */
};

static char tomb;
#define TOMB ((void *)&tomb)
#define FILL_NEW 0xA5
#define FILL_OLD 0x5A

/* --- table ----------------------------------------------------------------------------------------- */

static size_t slot_of(const struct cdn_fault *f, const void *p) {
    return (size_t)(((uint64_t)(uintptr_t)p >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 20) & (f->cap - 1);
}

static struct cdn_fault_block *find(const struct cdn_fault *f, const void *p) {
    if (f->cap == 0) {
        return NULL;
    }
    for (size_t i = slot_of(f, p);; i = (i + 1) & (f->cap - 1)) {
        if (f->blocks[i].p == p) {
            return &f->blocks[i];
        }
        if (f->blocks[i].p == NULL) {
            return NULL;
        }
    }
}

static void put(struct cdn_fault *f, struct cdn_fault_block b) {
    size_t i = slot_of(f, b.p);
    while (f->blocks[i].p != NULL) {
        i = (i + 1) & (f->cap - 1);
    }
    f->blocks[i] = b;
}

/* Rebuilt (which drops the tombs) whenever as many blocks were given out since as a quarter of its slots. */
static void reserve(struct cdn_fault *f) {
    if (f->cap != 0 && f->calls % (f->cap / 4) != 0) {
        return;
    }
    struct cdn_fault_block *old = f->blocks;
    const size_t old_cap = f->cap;
    f->cap = 256;
    while (f->cap < f->live * 4) {
        f->cap *= 2;
    }
    f->blocks = calloc(f->cap, sizeof *f->blocks);
    if (f->blocks == NULL) {
        abort(); /* the machine, not the test, is out of memory */
    }
    for (size_t i = 0; i < old_cap; i++) {
        if (old[i].p != NULL && old[i].p != TOMB) {
            put(f, old[i]);
        }
    }
    free(old);
}

/* --- allocator ------------------------------------------------------------------------------------- */

static void broken(struct cdn_fault *f, const char *what) {
    if (f->broken == NULL) {
        f->broken = what;
    }
}

static void *fault_alloc(void *ctx, size_t size) {
    struct cdn_fault *f = ctx;
    f->calls++;
    if (f->failed) {
        f->after_failure++;
    }
    if (size == 0) {
        broken(f, "an allocation of 0 bytes");
        return NULL;
    }
    if (f->calls == f->fail_at) {
        f->failed = true;
        return NULL;
    }
    if (size > (size_t)1 << 32) {
        return NULL; /* an absurd size is refused as a real allocator would */
    }
    void *p = malloc(size);
    if (p == NULL) {
        return NULL;
    }
    memset(p, FILL_NEW, size);
    reserve(f);
    put(f, (struct cdn_fault_block){p, size, f->calls});
    f->live++;
    f->live_bytes += size;
    if (f->live_bytes > f->peak_bytes) {
        f->peak_bytes = f->live_bytes;
    }
    return p;
}

static void fault_release(void *ctx, void *p, size_t size) {
    struct cdn_fault *f = ctx;
    if (p == NULL) {
        return;
    }
    struct cdn_fault_block *b = find(f, p);
    if (b == NULL) {
        broken(f, "released a block that is not live (twice, or never given out)");
        return;
    }
    if (b->size != size) {
        broken(f, "released a block with another size than it had");
    }
    memset(p, FILL_OLD, b->size);
    f->live--;
    f->live_bytes -= b->size;
    b->p = TOMB;
    free(p);
}

static void *fault_resize(void *ctx, void *p, size_t old_size, size_t size) {
    struct cdn_fault *f = ctx;
    if (p == NULL) {
        if (old_size != 0) {
            broken(f, "resized NULL with an old size");
        }
        return fault_alloc(ctx, size);
    }
    const struct cdn_fault_block *b = find(f, p);
    if (b == NULL) {
        broken(f, "resized a block that is not live");
        return NULL;
    }
    if (b->size != old_size) {
        broken(f, "resized a block with another size than it had");
    }
    const size_t had = b->size;
    void *q = fault_alloc(ctx, size);
    if (q != NULL) {
        memcpy(q, p, had < size ? had : size);
        fault_release(ctx, p, had);
    }
    return q;
}

void cdn_fault_init(struct cdn_fault *f, size_t fail_at) {
    memset(f, 0, sizeof *f);
    f->alloc = (struct cordon_alloc){fault_alloc, fault_resize, fault_release, f};
    f->fail_at = fail_at;
}

size_t cdn_fault_free(struct cdn_fault *f) {
    size_t leaked = 0;
    for (size_t i = 0; i < f->cap; i++) {
        if (f->blocks[i].p != NULL && f->blocks[i].p != TOMB) {
            if (leaked++ < 3) {
                printf("# leaked: %zu bytes of allocation %zu\n", f->blocks[i].size, f->blocks[i].serial);
            }
            free(f->blocks[i].p);
        }
    }
    free(f->blocks);
    f->blocks = NULL;
    f->cap = 0;
    return leaked;
}

/* --- loop ------------------------------------------------------------------------------------------ */

/* cmocka leaves a failed test by longjmp; what was going on is kept here for cdn_fault_explain(). */
static struct {
    bool running;
    const char *name;
    size_t fail_at, of;
    struct cdn_fault fault;
} current;

static size_t run_once(const struct cdn_fault_case *c, size_t fail_at, size_t of) {
    current.running = true;
    current.name = c->name;
    current.fail_at = fail_at;
    current.of = of;
    cdn_fault_init(&current.fault, fail_at);
    struct cdn_fault *f = &current.fault;

    const int result = c->run(&f->alloc);
    const size_t calls = f->calls;
    const bool failed = f->failed;
    const size_t after = f->after_failure;
    const char *misuse = f->broken;
    const size_t leaked = cdn_fault_free(f);

    if (leaked != 0) {
        fail_msg("%zu blocks were not released", leaked);
    }
    if (misuse != NULL) {
        fail_msg("%s", misuse);
    }
    if (!failed && result != 0) {
        fail_msg("returned %d although every allocation succeeded", result);
    }
    if (failed && result != 0 && result != CORDON_E_NOMEM) {
        fail_msg("returned %d, not CORDON_E_NOMEM, for a failed allocation", result);
    }
    if (failed && after != 0 && !c->retry) {
        fail_msg("%zu allocations after one had failed", after);
    }
    current.running = false;
    return calls;
}

void cdn_fault_drive(void **state) {
    const struct cdn_fault_case *c = *state;
    const char *all = getenv("CORDON_FAULT_ALL");
    const bool every = all != NULL && all[0] == '1';

    const size_t calls = run_once(c, 0, 0);
    size_t step = 1;
    for (size_t n = 1; n <= calls; n += step) {
        (void)run_once(c, n, calls);
        if (!every && n >= CDN_FAULT_ALL) {
            step = 1 + n / 30;
        }
    }
}

int cdn_fault_explain(void **state) {
    (void)state;
    if (current.running) {
        if (current.fail_at == 0) {
            printf("# %s: with every allocation succeeding\n", current.name);
        } else {
            printf("# %s: with allocation %zu of %zu failing\n", current.name, current.fail_at, current.of);
        }
        (void)cdn_fault_free(&current.fault);
        current.running = false;
    }
    return 0;
}
