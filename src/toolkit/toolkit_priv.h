/* SPDX-License-Identifier: Apache-2.0 */
/* toolkit_priv.h: what stands behind the handles of cordon/compile.h. */
#ifndef CDN_TOOLKIT_PRIV_H
#define CDN_TOOLKIT_PRIV_H

#include "cordon/compile.h"

#include "base/limits.h"
#include "rulebook/rulebook.h"

struct cordon_rulebook {
    const struct cordon_alloc *alloc;
    struct cdn_arena arena;
    struct cdn_rulebook_source *sources; /* names as they go into snapshots: relative to the folder given */
    struct cdn_rulebook_source *shown;   /* the same with the paths as the caller wrote them, for messages */
    size_t count, cap, shown_cap, bytes;
    struct cdn_diagnostics diags;
    struct cdn_rulebook *rb; /* NULL: errors only */
    const char *zoneinfo;
    cordon_progress_fn progress;
    void *progress_ctx;
};

int cdn_toolkit_no_memory(struct cordon_error *e);
/* CORDON_E_STATE when the caller's function wants the work to end. */
int cdn_toolkit_progress(const struct cordon_rulebook *rb,
                         const char *step,
                         uint64_t done,
                         uint64_t total,
                         struct cordon_error *e) CORDON_MUST_CHECK;

/* files.c: adds a file, or all .measure and .scenario files below a folder in byte order of their paths. */
int cdn_toolkit_add_path(struct cordon_rulebook *rb,
                         const char *path,
                         struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_toolkit_add_text(struct cordon_rulebook *rb,
                         cordon_str name,
                         cordon_str shown,
                         cordon_str text,
                         struct cordon_error *e) CORDON_MUST_CHECK;

/* A caller's buffer as an output that can grow by `room`, and back: nothing is added when `from` failed. */
static inline struct cdn_buf cdn_toolkit_open(const cordon_buffer *b, size_t room) {
    return (struct cdn_buf){.alloc = b->alloc ? b->alloc : &cdn_alloc_libc,
                            .p = b->p,
                            .n = b->n,
                            .cap = b->cap,
                            .max = CDN_MAX(b->n + room, b->cap)};
}
static inline int cdn_toolkit_close(cordon_buffer *to, const struct cdn_buf *from) {
    to->p = from->p;
    to->cap = from->cap;
    if (!from->err)
        to->n = from->n;
    return from->err;
}

#endif
