/* SPDX-License-Identifier: Apache-2.0 */
/* test_simdisk.c: see test_simdisk.h. One lock around everything; names are whole paths. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "journal/test_simdisk.h"

enum { SECTOR = 512, MAX_NAMES = 4096, MAX_FILES = 1024 };

struct write {
    uint64_t at;
    size_t n; /* 0 and cut: a cut to `at` */
    bool cut;
    uint8_t *p;
};
struct inode {
    uint8_t *now, *kept;
    size_t now_n, kept_n;
    struct write *pending;
    size_t pending_count, pending_cap;
    unsigned refs;
};
struct entry { /* path → inode, or a directory */
    char path[128];
    struct inode *file; /* NULL: directory */
};
struct change { /* of a directory, in order */
    enum change_kind { ADD, REMOVE } kind;
    struct entry entry;
};
struct names {
    struct entry *e;
    size_t count, cap;
};
struct sim {
    pthread_mutex_t lock;
    struct cdn_file_ops ops;
    struct names now, kept;
    struct change *changes; /* not yet synced, in order */
    size_t change_count, change_cap;
    struct inode *open[MAX_FILES];
    struct inode **all;
    size_t all_count, all_cap;
    uint64_t rng, calls, off_after, room;
    unsigned fail_sync;
    bool short_writes, off, locked;
};

static uint64_t rnd(struct sim *s, uint64_t below) {
    s->rng ^= s->rng << 13;
    s->rng ^= s->rng >> 7;
    s->rng ^= s->rng << 17;
    return below ? s->rng % below : 0;
}

static void *must(void *p) {
    if (!p)
        abort();
    return p;
}
#define GROW(items, count, cap)                                                                              \
    do {                                                                                                     \
        if ((count) == (cap)) {                                                                              \
            (cap) = (cap) ? (cap)*2 : 16;                                                                    \
            (items) = must(realloc((items), (cap) * sizeof(*(items))));                                      \
        }                                                                                                    \
    } while (0)

/* ---- names
 * ---------------------------------------------------------------------------------------------------- */

static struct entry *find(struct names *n, const char *path) {
    for (size_t i = 0; i < n->count; i++) {
        if (strcmp(n->e[i].path, path) == 0)
            return &n->e[i];
    }
    return NULL;
}
static void add_name(struct names *n, const struct entry *e) {
    struct entry *old = find(n, e->path);
    if (old) {
        *old = *e;
        return;
    }
    GROW(n->e, n->count, n->cap);
    n->e[n->count++] = *e;
}
static void drop_name(struct names *n, const char *path) {
    struct entry *e = find(n, path);
    if (e)
        *e = n->e[--n->count];
}
static void change(struct sim *s, enum change_kind kind, const struct entry *e) {
    GROW(s->changes, s->change_count, s->change_cap);
    s->changes[s->change_count].kind = kind;
    s->changes[s->change_count++].entry = *e;
    if (kind == ADD)
        add_name(&s->now, e);
    else
        drop_name(&s->now, e->path);
}
static bool in_dir(const char *path, const char *dir) { /* directly */
    const char *slash = strrchr(path, '/');
    if (strcmp(dir, ".") == 0)
        return !slash;
    return slash && strlen(dir) == (size_t)(slash - path) && strncmp(path, dir, strlen(dir)) == 0;
}
static void apply_changes(struct sim *s, const char *dir, size_t most) {
    size_t kept = 0;
    for (size_t i = 0; i < s->change_count; i++) {
        const struct change c = s->changes[i];
        if (i < most && (!dir || in_dir(c.entry.path, dir))) {
            if (c.kind == ADD)
                add_name(&s->kept, &c.entry);
            else
                drop_name(&s->kept, c.entry.path);
        } else {
            s->changes[kept++] = c;
        }
    }
    s->change_count = kept;
}

/* ---- bytes
 * ------------------------------------------------------------------------------------------------------ */

static void put(uint8_t **p, size_t *n, uint64_t at, const uint8_t *from, size_t count) {
    if (at + count > *n) {
        *p = must(realloc(*p, at + count + 1));
        memset(*p + *n, 0, at + count - *n);
        *n = at + count;
    }
    memcpy(*p + at, from, count);
}
static void cut(uint8_t **p, size_t *n, uint64_t size) {
    if (size > *n) {
        *p = must(realloc(*p, size + 1));
        memset(*p + *n, 0, size - *n);
    }
    *n = size;
}
static void drop_pending(struct inode *f) {
    for (size_t i = 0; i < f->pending_count; i++)
        free(f->pending[i].p);
    f->pending_count = 0;
}
static void keep_write(struct inode *f, const struct write *w) {
    if (w->cut)
        cut(&f->kept, &f->kept_n, w->at);
    else
        put(&f->kept, &f->kept_n, w->at, w->p, w->n);
}
static void keep_all(struct inode *f) {
    for (size_t i = 0; i < f->pending_count; i++)
        keep_write(f, &f->pending[i]);
    drop_pending(f);
}
/* Of one unsynced write: all, nothing, or some of its sectors, as written or as rubbish. */
static void keep_some(struct sim *s, struct inode *f, const struct write *w, bool harsh) {
    const uint64_t dice = rnd(s, 4);
    if (w->cut || dice == 0) {
        if (dice != 1)
            keep_write(f, w);
        return;
    }
    if (dice == 1)
        return;
    for (uint64_t at = w->at; at < w->at + w->n;) {
        const uint64_t end = CDN_MIN((at / SECTOR + 1) * SECTOR, w->at + w->n);
        const uint64_t what = rnd(s, harsh ? 4 : 2);
        uint8_t rubbish[SECTOR];
        for (size_t i = 0; i < SECTOR; i++)
            rubbish[i] = (uint8_t)rnd(s, 256);
        if (what == 0 || what == 3)
            put(&f->kept, &f->kept_n, at, w->p + (at - w->at), (size_t)(end - at));
        else if (what == 2)
            put(&f->kept, &f->kept_n, at, rubbish, (size_t)(end - at));
        at = end;
    }
}

/* ---- the table
 * -------------------------------------------------------------------------------------------------- */

/* A call that changes something. */
static int begin(struct sim *s) {
    if (s->off)
        return -EIO;
    if (s->off_after == 0) {
        s->off = true;
        return -EIO;
    }
    if (s->off_after != UINT64_MAX)
        s->off_after--;
    s->calls++;
    return 0;
}
#define ENTER(ctx)                                                                                           \
    struct sim *s = (ctx);                                                                                   \
    (void)pthread_mutex_lock(&s->lock)
static int64_t leave(struct sim *s, int64_t r) {
    (void)pthread_mutex_unlock(&s->lock);
    return r;
}

static int sim_root(void *ctx, const char *path, bool create, struct cdn_file_dir **ret) {
    (void)path;
    (void)create;
    *ret = ctx;
    return 0;
}
static void sim_leave(void *ctx, struct cdn_file_dir *dir) {
    (void)dir;
    ENTER(ctx);
    s->locked = false;
    (void)leave(s, 0);
}
static int sim_lock(void *ctx, struct cdn_file_dir *dir, const char *path) {
    (void)dir;
    (void)path;
    ENTER(ctx);
    const bool was = s->locked;
    s->locked = true;
    return (int)leave(s, was ? -EWOULDBLOCK : 0);
}

static int open_file(struct sim *s, const char *path, unsigned flags) {
    struct entry *e = find(&s->now, path);
    if (e && !e->file)
        return -EISDIR;
    if (!e && !(flags & CDN_FILE_CREATE))
        return -ENOENT;
    if (flags & CDN_FILE_CREATE) {
        const int err = begin(s);
        if (err)
            return err;
        if (!e) {
            const char *slash = strrchr(path, '/');
            char up[128] = "";
            if (slash)
                memcpy(up, path, (size_t)(slash - path));
            if (slash && !find(&s->now, up))
                return -ENOENT;
            struct entry new = {.file = must(calloc(1, sizeof(struct inode)))};
            (void)snprintf(new.path, sizeof(new.path), "%s", path);
            GROW(s->all, s->all_count, s->all_cap);
            s->all[s->all_count++] = new.file;
            change(s, ADD, &new);
            e = find(&s->now, path);
        } else {
            GROW(e->file->pending, e->file->pending_count, e->file->pending_cap);
            e->file->pending[e->file->pending_count++] = (struct write){.cut = true};
            e->file->now_n = 0;
        }
    }
    for (int i = 0; i < MAX_FILES; i++) {
        if (!s->open[i]) {
            s->open[i] = e->file;
            return i;
        }
    }
    return -EMFILE;
}
static int sim_open(void *ctx, struct cdn_file_dir *dir, const char *path, unsigned flags) {
    (void)dir;
    ENTER(ctx);
    return (int)leave(s, s->off ? -EIO : open_file(s, path, flags));
}
static void sim_close(void *ctx, int file) {
    ENTER(ctx);
    s->open[file] = NULL;
    (void)leave(s, 0);
}
static int64_t sim_size(void *ctx, int file) {
    ENTER(ctx);
    return leave(s, s->off ? -EIO : (int64_t)s->open[file]->now_n);
}
static int64_t sim_read(void *ctx, int file, void *p, size_t n, uint64_t at) {
    ENTER(ctx);
    const struct inode *f = s->open[file];
    if (s->off)
        return leave(s, -EIO);
    if (at >= f->now_n)
        return leave(s, 0);
    n = CDN_MIN(n, f->now_n - (size_t)at);
    if (s->short_writes && n > 1)
        n = 1 + (size_t)rnd(s, n);
    memcpy(p, f->now + at, n);
    return leave(s, (int64_t)n);
}
static int64_t sim_write(void *ctx, int file, const void *p, size_t n, uint64_t at) {
    ENTER(ctx);
    const int err = begin(s);
    if (err)
        return leave(s, err);
    struct inode *f = s->open[file];
    if (s->short_writes && n > 1)
        n = 1 + (size_t)rnd(s, n);
    if (s->room != UINT64_MAX) {
        if (s->room == 0)
            return leave(s, -ENOSPC);
        n = (size_t)CDN_MIN((uint64_t)n, s->room);
        s->room -= n;
    }
    GROW(f->pending, f->pending_count, f->pending_cap);
    struct write *w = &f->pending[f->pending_count++];
    *w = (struct write){.at = at, .n = n, .p = must(malloc(n + 1))};
    memcpy(w->p, p, n);
    put(&f->now, &f->now_n, at, p, n);
    return leave(s, (int64_t)n);
}
static int sim_cut(void *ctx, int file, uint64_t size) {
    ENTER(ctx);
    const int err = begin(s);
    if (err)
        return (int)leave(s, err);
    struct inode *f = s->open[file];
    GROW(f->pending, f->pending_count, f->pending_cap);
    f->pending[f->pending_count++] = (struct write){.at = size, .cut = true};
    cut(&f->now, &f->now_n, size);
    return (int)leave(s, 0);
}
static int sim_sync(void *ctx, int file) {
    ENTER(ctx);
    const int err = begin(s);
    if (err)
        return (int)leave(s, err);
    struct inode *f = s->open[file];
    if (s->fail_sync && rnd(s, s->fail_sync) == 0) {
        for (size_t i = 0; i < f->pending_count; i++) {
            if (rnd(s, 2))
                keep_write(f, &f->pending[i]); /* got there nevertheless */
        }
        drop_pending(f); /* the rest is clean for the kernel, and will never be written */
        return (int)leave(s, -EIO);
    }
    keep_all(f);
    return (int)leave(s, 0);
}
static int sim_sync_dir(void *ctx, struct cdn_file_dir *dir, const char *path) {
    (void)dir;
    ENTER(ctx);
    const int err = begin(s);
    if (!err)
        apply_changes(s, path, SIZE_MAX);
    return (int)leave(s, err);
}
static int sim_sync_all(void *ctx, struct cdn_file_dir *dir) {
    (void)dir;
    ENTER(ctx);
    const int err = begin(s);
    if (!err) {
        for (size_t i = 0; i < s->all_count; i++)
            keep_all(s->all[i]);
        apply_changes(s, NULL, SIZE_MAX);
    }
    return (int)leave(s, err);
}
static int sim_make_dir(void *ctx, struct cdn_file_dir *dir, const char *path) {
    (void)dir;
    ENTER(ctx);
    const int err = begin(s);
    if (!err && !find(&s->now, path)) {
        struct entry new = {.file = NULL};
        (void)snprintf(new.path, sizeof(new.path), "%s", path);
        change(s, ADD, &new);
    }
    return (int)leave(s, err);
}
static int sim_rename(void *ctx, struct cdn_file_dir *dir, const char *from, const char *to) {
    (void)dir;
    ENTER(ctx);
    int err = begin(s);
    const struct entry *e = find(&s->now, from);
    if (!err && !e)
        err = -ENOENT;
    if (!err) {
        struct entry old = *e, new = *e;
        (void)snprintf(new.path, sizeof(new.path), "%s", to);
        change(s, ADD, &new);
        change(s, REMOVE, &old);
    }
    return (int)leave(s, err);
}
static int sim_link(void *ctx, struct cdn_file_dir *dir, const char *from, const char *to) {
    (void)dir;
    ENTER(ctx);
    int err = begin(s);
    const struct entry *e = find(&s->now, from);
    if (!err && !e)
        err = -ENOENT;
    if (!err && find(&s->now, to))
        err = -EEXIST;
    if (!err) {
        struct entry new = *e;
        (void)snprintf(new.path, sizeof(new.path), "%s", to);
        change(s, ADD, &new);
    }
    return (int)leave(s, err);
}
static int sim_remove(void *ctx, struct cdn_file_dir *dir, const char *path) {
    (void)dir;
    ENTER(ctx);
    int err = begin(s);
    const struct entry *e = find(&s->now, path);
    if (!err && !e)
        err = -ENOENT;
    for (size_t i = 0; !err && !e->file && i < s->now.count; i++) {
        if (in_dir(s->now.e[i].path, path))
            err = -ENOTEMPTY;
    }
    if (!err) {
        const struct entry old = *e;
        change(s, REMOVE, &old);
    }
    return (int)leave(s, err);
}
static int sim_list(void *ctx,
                    struct cdn_file_dir *dir,
                    const char *path,
                    int (*each)(void *each_ctx, const char *name),
                    void *each_ctx) {
    (void)dir;
    ENTER(ctx);
    int err = s->off ? -EIO : strcmp(path, ".") != 0 && !find(&s->now, path) ? -ENOENT : 0;
    for (size_t i = 0; !err && i < s->now.count; i++) {
        const char *name = s->now.e[i].path, *slash = strrchr(name, '/');
        if (in_dir(name, path))
            err = each(each_ctx, slash ? slash + 1 : name);
    }
    return (int)leave(s, err);
}

/* ---- for the test
 * -------------------------------------------------------------------------------------------------- */

struct sim *sim_new(uint64_t seed) {
    struct sim *s = must(calloc(1, sizeof(*s)));
    (void)pthread_mutex_init(&s->lock, NULL);
    s->rng = seed * 0x9e3779b97f4a7c15u + 88172645463325252u;
    s->off_after = s->room = UINT64_MAX;
    s->ops = (struct cdn_file_ops){.root = sim_root,
                                   .leave = sim_leave,
                                   .lock = sim_lock,
                                   .open = sim_open,
                                   .close = sim_close,
                                   .size = sim_size,
                                   .read = sim_read,
                                   .write = sim_write,
                                   .cut = sim_cut,
                                   .sync = sim_sync,
                                   .sync_dir = sim_sync_dir,
                                   .sync_all = sim_sync_all,
                                   .make_dir = sim_make_dir,
                                   .rename = sim_rename,
                                   .link = sim_link,
                                   .remove = sim_remove,
                                   .list = sim_list,
                                   .ctx = s};
    return s;
}

void sim_free(struct sim *s) {
    for (size_t i = 0; i < s->all_count; i++) {
        drop_pending(s->all[i]);
        free(s->all[i]->pending);
        free(s->all[i]->now);
        free(s->all[i]->kept);
        free(s->all[i]);
    }
    free(s->all);
    free(s->now.e);
    free(s->kept.e);
    free(s->changes);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

const struct cdn_file_ops *sim_ops(struct sim *s) {
    return &s->ops;
}
void sim_power_off_after(struct sim *s, uint64_t calls) {
    s->off_after = calls;
}
uint64_t sim_calls(const struct sim *s) {
    return s->calls;
}
void sim_room(struct sim *s, uint64_t bytes) {
    (void)pthread_mutex_lock(&s->lock);
    s->room = bytes;
    (void)pthread_mutex_unlock(&s->lock);
}
void sim_short_writes(struct sim *s, bool on) {
    s->short_writes = on;
}
void sim_fail_sync(struct sim *s, unsigned one_in) {
    (void)pthread_mutex_lock(&s->lock);
    s->fail_sync = one_in;
    (void)pthread_mutex_unlock(&s->lock);
}

void sim_crash(struct sim *s, bool harsh) {
    for (size_t i = 0; i < s->all_count; i++) {
        struct inode *f = s->all[i];
        for (size_t k = 0; k < f->pending_count; k++)
            keep_some(s, f, &f->pending[k], harsh);
        drop_pending(f);
        free(f->now);
        f->now = must(malloc(f->kept_n + 1));
        if (f->kept_n)
            memcpy(f->now, f->kept, f->kept_n);
        f->now_n = f->kept_n;
    }
    apply_changes(s, NULL, (size_t)rnd(s, s->change_count + 1));
    s->change_count = 0;
    s->now.count = 0;
    for (size_t i = 0; i < s->kept.count; i++)
        add_name(&s->now, &s->kept.e[i]);
    memset(s->open, 0, sizeof(s->open));
    s->off = s->locked = false;
    s->off_after = UINT64_MAX;
}

bool sim_flip(struct sim *s, const char *path, uint64_t at) {
    const struct entry *e = find(&s->now, path);
    if (!e || !e->file || at >= e->file->now_n)
        return false;
    e->file->now[at] ^= 0x41;
    return true;
}
