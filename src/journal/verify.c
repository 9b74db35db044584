/* SPDX-License-Identifier: Apache-2.0 */
/* verify.c: reads every byte of a journal and says what is not as it must be.
 *
 * Every record is hashed again, and a tree is grown from them exactly as the writer grew it; where the writer
 * would write a tile, the bytes are compared with the tile that is there (a table of file.h whose `write`
 * compares). At the size of each checkpoint its root is compared. So a byte is under the digest of its block,
 * and under the tree, and under a signature; in the small files it is under a signature or compared with the
 * one right content.
 *
 *  1. After a damaged block it goes on behind it, with leaves from the entries' tiles, so that everything is
 * reported.
 *  2. Files that do not belong to a journal are findings, too.
 *  3. A writer that was killed may have left out, or cut off, tiles that no checkpoint has promised; the next
 *     opening makes them from the records. Those are no findings, but wrong bytes in them are. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "journal/member.h"
#include "journal/reader_priv.h"

enum { MOST_NOTES = 64, MOST_KEYS = 64 };

struct verifying {
    const cordon_journal_verify_options *o;
    const struct cordon_alloc *alloc;
    struct cordon_journal *j;
    cordon_journal_verified *ret;
    struct cdn_tree *tree;
    struct cdn_io compare; /* writes compare */
    struct cdn_file_ops compare_ops;
    char comparing[CDN_IO_PATH];
    bool bad_tile; /* already told */
    struct {
        struct cdn_checkpoint c;
        const char *name;
        bool done;
    } note[MOST_NOTES];
    size_t note_count;
    struct cdn_note_key key[MOST_KEYS];
    size_t key_count;
};

static void found(struct verifying *v, const char *where, uint64_t offset, const char *what) {
    v->ret->findings++;
    if (v->o->finding)
        v->o->finding(v->o->ctx, cdn_str_z(where), offset, cdn_str_z(what));
}
static void found_error(struct verifying *v, const char *where, const struct cordon_error *e) {
    found(v, e->where[0] ? e->where : where, e->offset, e->message);
}

/* ---- tiles: a table whose writes compare
 * -------------------------------------------------------------------------------- */

/* Does a checkpoint reach beyond the record that completes the tile being compared? */
static bool promised(const struct verifying *v) {
    for (size_t i = 0; i < v->note_count; i++) {
        if (v->note[i].c.size > v->tree->size)
            return true;
    }
    return false;
}

static int compare_open(void *ctx, struct cdn_file_dir *dir, const char *path, unsigned flags) {
    struct verifying *v = ctx;
    (void)flags;
    (void)snprintf(v->comparing, sizeof(v->comparing), "%s", path);
    v->bad_tile = false;
    const int file = cdn_file_real.open(NULL, dir, path, CDN_FILE_READ);
    if (file == -ENOENT && promised(v))
        found(v, path, 0, "the tile is missing");
    return file == -ENOENT ? INT32_MAX : file;
}

static void compare_close(void *ctx, int file) {
    (void)ctx;
    if (file != INT32_MAX)
        cdn_file_real.close(NULL, file);
}

static int64_t compare_write(void *ctx, int file, const void *p, size_t n, uint64_t at) {
    struct verifying *v = ctx;
    uint8_t there[CDN_TILE * CDN_ENTRY];
    const uint8_t *want = p;
    if (file == INT32_MAX || n > sizeof(there))
        return (int64_t)n;
    const struct cdn_io io = {.ops = &cdn_file_real};
    const int got = cdn_io_get(&io, file, there, n, at);
    const int64_t size = cdn_file_real.size(NULL, file);
    if (size >= 0 && size < (int64_t)(at + n) && !promised(v))
        return (int64_t)n;
    if (got || size != (int64_t)(at + n)) {
        found(v, v->comparing, at, "the tile does not have the length that it must have");
        return (int64_t)n;
    }
    for (size_t i = 0; i < n; i++) {
        if (there[i] != want[i]) {
            found(v, v->comparing, at + i, "the tile is not that of these records");
            break;
        }
    }
    return (int64_t)n;
}

/* ---- keys and checkpoints
 * ------------------------------------------------------------------------------------------------- */

static bool trusted(const struct verifying *v, const struct cdn_note_key *key) {
    struct cdn_note_key pinned;
    for (size_t i = 0; i < v->o->key_count; i++) {
        if (!cdn_note_key_read(v->o->keys[i], &pinned, NULL) && pinned.kind == key->kind &&
            memcmp(pinned.key, key->key, sizeof(key->key)) == 0 && strcmp(pinned.name, key->name) == 0)
            return true;
    }
    return false;
}

/* The hand-over note of key number n is signed by n-1 and n, and names both. */
static void check_hand_over(struct verifying *v, uint32_t number) {
    char path[CDN_IO_PATH];
    struct cdn_buf b;
    struct cdn_note note;
    struct cordon_error e = {.code = 0};
    cdn_layout_key_path(path, number, "note");
    cdn_buf_init(&b, v->alloc, CDN_SIGN_MAX_NOTE);
    int err = cdn_io_read(&v->j->io, path, CDN_SIGN_MAX_NOTE, &b, &e);
    if (!err)
        err = cdn_note_read(cdn_buf_get(&b), &note, &e);
    if (!err)
        err = cdn_note_verify(&note, &v->key[number - 2], NULL, &e);
    if (!err)
        err = cdn_note_verify(&note, &v->key[number - 1], NULL, &e);
    if (err)
        found_error(v, path, &e);
    cdn_buf_free(&b);
}

static void check_keys(struct verifying *v) {
    struct cordon_error e = {.code = 0};
    char path[CDN_IO_PATH];
    bool any = v->o->key_count == 0;
    for (uint32_t number = 1; number <= MOST_KEYS; number++) {
        cdn_layout_key_path(path, number, "vkey");
        const int err = cdn_layout_read_key(&v->j->io, number, &v->key[number - 1], &e);
        if (err == CORDON_E_NOTFOUND)
            break;
        if (err) {
            found_error(v, path, &e);
            break;
        }
        v->key_count = number;
        any = any || trusted(v, &v->key[number - 1]);
        if (number > 1)
            check_hand_over(v, number);
    }
    if (!any)
        found(v, CDN_JOURNAL_KEYS, 0, "none of the trusted keys is a key of this journal");
}

static void add_note(struct verifying *v, const char *name, cordon_str text) {
    struct cdn_note note;
    struct cdn_checkpoint c;
    struct cordon_error e = {.code = 0};
    int err = cdn_note_read(text, &note, &e);
    if (!err)
        err = cdn_checkpoint_read(note.text, &c, &e);
    if (!err && !cdn_str_eq(c.origin, cdn_str_z(v->j->origin)))
        err = cdn_fail(&e, CORDON_E_NAME, "the checkpoint is of %.*s", CDN_FMT(c.origin));
    int good = err;
    if (!err) {
        good = cdn_fail(&e, CORDON_E_NOTFOUND, "the checkpoint is not signed by a key of this journal");
        for (size_t i = 0; i < v->key_count && good == CORDON_E_NOTFOUND; i++) {
            struct cordon_error why = {.code = 0};
            good = cdn_note_verify(&note, &v->key[i], NULL, &why);
            if (good != CORDON_E_NOTFOUND)
                e = why;
        }
    }
    if (good) {
        found_error(v, name, &e);
    } else if (v->note_count == MOST_NOTES) {
        found(v, name, 0, "more checkpoints than can be checked at once");
    } else {
        v->note[v->note_count].c = c;
        v->note[v->note_count++].name = name;
    }
}

/* Roots of the checkpoints of the size that the tree has now. */
static void check_roots(struct verifying *v) {
    for (size_t i = 0; i < v->note_count; i++) {
        if (v->note[i].done || v->note[i].c.size != v->tree->size)
            continue;
        uint8_t root[CDN_HASH];
        struct cordon_error e = {.code = 0};
        v->note[i].done = true;
        cdn_tiles_init(v->j->tiles, &v->j->io, &v->j->hasher, v->tree, v->tree->size);
        if (cdn_tiles_range(v->j->tiles, 0, v->tree->size, root, &e)) {
            found_error(v, v->note[i].name, &e);
        } else if (memcmp(root, v->note[i].c.root, sizeof(root)) != 0) {
            found(v,
                  v->note[i].name,
                  0,
                  "the root is not that of the records: they were altered after it was signed");
        } else {
            v->ret->checkpoints++;
            v->ret->checkpoint_size = CDN_MAX(v->ret->checkpoint_size, v->tree->size);
        }
        if (v->tree->size == v->j->note_size && cdn_tree_write_partial(v->tree, &v->compare, &e))
            found_error(v, "tile", &e);
    }
}

/* ---- records
 * ------------------------------------------------------------------------------------------------------------------
 */

static int add_leaf(struct verifying *v, const uint8_t leaf[CDN_HASH], struct cordon_error *e) {
    const int err = cdn_tree_add(v->tree, &v->j->hasher, &v->compare, leaf, e);
    if (!err)
        check_roots(v);
    return err;
}

/* The leaf of a record that cannot be read, from the entries' tile. */
static int leaf_from_tile(struct verifying *v, uint64_t index, uint8_t ret[CDN_HASH]) {
    char path[CDN_TILE_PATH], storage[CDN_TILE * CDN_ENTRY];
    struct cdn_buf b;
    cdn_buf_fixed(&b, storage, sizeof(storage));
    cdn_tile_path(path, -1, index >> 8, CDN_TILE);
    int err = cdn_io_read(&v->j->io, path, sizeof(storage), &b, NULL);
    if (err) {
        cdn_buf_clear(&b);
        cdn_tile_path(path, -1, index >> 8, cdn_tree_width(v->j->note_size, 0));
        err = cdn_io_read(&v->j->io, path, sizeof(storage), &b, NULL);
    }
    const size_t at = (size_t)(index & 255) * CDN_ENTRY;
    if (err || at + CDN_ENTRY > b.n)
        return CORDON_E_NOTFOUND;
    memcpy(ret, storage + at + 2, CDN_HASH);
    return CORDON_OK;
}

static int check_block(struct verifying *v,
                       const struct cdn_iter *it,
                       const uint8_t *raw,
                       struct cordon_error *e) {
    size_t at = 0;
    char where[64];
    for (uint64_t i = it->block.first; i < it->block.first + it->block.count; i++) {
        struct cdn_journal_record r;
        if (cdn_record_next(raw, it->block.raw, &at, &r)) {
            (void)snprintf(where, sizeof(where), "record %llu", (unsigned long long)i);
            found(v, where, it->block_at, "the record is not whole");
            return CORDON_OK; /* the tree will say the rest */
        }
        v->ret->records++;
        if (r.erased) {
            v->ret->erased++;
        } else {
            cdn_hash_commit(&v->j->hasher, r.salt, r.payload, r.leaf);
            const cordon_str kind = cdn_member_text(r.payload, "kind");
            v->ret->decisions += cdn_str_eq(kind, CDN_STR("decision"));
            v->ret->events += cdn_str_eq(kind, CDN_STR("event"));
        }
        const int err = add_leaf(v, r.leaf, e);
        if (err)
            return err;
    }
    if (at != it->block.raw) {
        (void)snprintf(where, sizeof(where), "record %llu", (unsigned long long)it->block.first);
        found(v, where, it->block_at, "the block has bytes after its last record");
    }
    return CORDON_OK;
}

/* The next block of this segment behind the damage; false: there is none. */
static bool resync(struct cdn_iter *it, uint64_t limit) {
    const struct cdn_file_ops *ops = it->segs->io.ops;
    const int64_t size = ops->size(ops->ctx, it->file);
    uint8_t p[CDN_BLOCK_HEAD];
    struct cdn_block b;
    for (uint64_t at = it->at + 1; size > 0 && at + CDN_BLOCK_HEAD <= (uint64_t)size; at++) {
        if (cdn_io_get(&it->segs->io, it->file, p, 4, at) || memcmp(p, "CBLK", 4) != 0)
            continue;
        if (!cdn_io_get(&it->segs->io, it->file, p, sizeof(p), at) && !cdn_block_head_read(it->h, p, &b) &&
            b.first >= it->next && b.first < limit) {
            it->at = at;
            it->next = b.first;
            return true;
        }
    }
    return false;
}

/* After damage: where to go on, with the leaves between from tiles. */
static int skip_damage(
    struct verifying *v, struct cdn_iter *it, uint64_t end, bool *ret_on, struct cordon_error *e) {
    const uint64_t from = it->next;
    const uint64_t limit = CDN_MIN(cdn_segs_limit(&v->j->segs, it->seg), end);
    if (!resync(it, limit))
        it->next = limit;
    *ret_on = it->next > from || it->next < limit;
    for (uint64_t i = from; i < it->next; i++) {
        uint8_t leaf[CDN_HASH];
        if (leaf_from_tile(v, i, leaf)) {
            *ret_on = false;
            return CORDON_OK;
        }
        const int err = add_leaf(v, leaf, e);
        if (err)
            return err;
    }
    return CORDON_OK;
}

/* Whether file[at..size] are the zeros that a writer takes ahead, which a running or killed one leaves. */
static bool zeros_ahead(const struct cdn_io *io, int file, uint64_t at, uint64_t size) {
    uint8_t p[1 << 12], any = 0;
    if (size - at > CDN_JOURNAL_AHEAD)
        return false;
    for (; !any && at < size; at += sizeof(p)) {
        const size_t n = (size_t)CDN_MIN((uint64_t)sizeof(p), size - at);
        if (cdn_io_get(io, file, p, n, at))
            return false;
        for (size_t i = 0; i < n; i++)
            any |= p[i];
    }
    return !any;
}

static void check_end(struct verifying *v, struct cdn_iter *it) {
    char path[CDN_IO_PATH];
    const int64_t size = it->file >= 0 ? cdn_file_real.size(NULL, it->file) : 0;
    const bool newest = it->seg + 1 == v->j->segs.count;
    cdn_seg_path(path, v->j->segs.seg[it->seg].head.number);
    if (size > 0 && (uint64_t)size > it->at &&
        !(newest && zeros_ahead(&v->j->io, it->file, it->at, (uint64_t)size)))
        found(v, path, it->at, "there are bytes after the last record");
}

static int check_records(struct verifying *v, struct cordon_error *e) {
    struct cdn_iter it;
    const uint64_t end = v->j->segs.head;
    int err = cdn_iter_init(&it, &v->j->segs, &v->j->hasher, 0, end, e);
    size_t seg = 0;
    while (!err && it.next < end) {
        const uint8_t *raw;
        struct cordon_error why = {.code = 0};
        if (it.next >= cdn_segs_limit(&v->j->segs, it.seg))
            check_end(v, &it);
        const int got = cdn_iter_next(&it, &raw, &why);
        if (got == CORDON_E_DIGEST) {
            bool on = false;
            found_error(v, CDN_SEGS_DIR, &why);
            err = skip_damage(v, &it, end, &on, e);
            if (!on)
                break;
            continue;
        }
        if (got <= 0) {
            err = got;
            if (e)
                *e = why;
            break;
        }
        err = check_block(v, &it, raw, e);
        if (it.seg != seg && v->o->progress && v->o->progress(v->o->ctx, "records", it.next, end) != 0)
            err = cdn_fail(e, CORDON_E_STATE, "ended by the caller");
        seg = it.seg;
    }
    if (!err && it.next >= end)
        check_end(v, &it);
    cdn_iter_free(&it);
    return err;
}

/* ---- files
 * ----------------------------------------------------------------------------------------------------------------------
 */

struct listing {
    struct verifying *v;
    const char *dir;
    bool (*known)(const struct verifying *v, const char *path);
};

static int each_name(void *ctx, const char *name) {
    const struct listing *l = ctx;
    char path[512];
    (void)snprintf(path, sizeof(path), "%s%s%s", l->dir, l->dir[0] ? "/" : "", name);
    if (!l->known(l->v, path))
        found(l->v, path, 0, "this file does not belong to the journal");
    return 0;
}

static bool known_top(const struct verifying *v, const char *path) {
    static const char *const names[] = {"journal",
                                        "lock",
                                        "checkpoint",
                                        "checkpoint.new",
                                        "tree.state",
                                        "tree.state.new",
                                        "records",
                                        "tile",
                                        "keys",
                                        "witness"};
    (void)v;
    for (size_t i = 0; i < CDN_ARRAY_LEN(names); i++) {
        if (strcmp(path, names[i]) == 0)
            return true;
    }
    return false;
}
static bool known_key(const struct verifying *v, const char *path) {
    char want[CDN_IO_PATH];
    for (uint32_t i = 1; i <= v->key_count + 1; i++) {
        cdn_layout_key_path(want, i, "vkey");
        if (strcmp(path, want) == 0)
            return true;
        cdn_layout_key_path(want, i, "note");
        if (strcmp(path, want) == 0)
            return true;
    }
    return false;
}
static bool known_segment(const struct verifying *v, const char *path) {
    char want[CDN_IO_PATH];
    for (size_t i = 0; i < v->j->segs.count; i++) {
        cdn_seg_path(want, v->j->segs.seg[i].head.number);
        if (strcmp(path, want) == 0)
            return true;
    }
    return false;
}

/* "tile/0/x001/234.p/5" taken apart; false: no tile's name. */
static bool parse_tile(const char *path, int *ret_level, uint64_t *ret_n, unsigned *ret_width) {
    cordon_str rest, part = cdn_str_split(cdn_str_z(path + 5), '/', &rest);
    uint64_t n = 0;
    unsigned width = CDN_TILE;
    char again[CDN_TILE_PATH];
    *ret_level = cdn_str_eq(part, CDN_STR("entries")) ? -1 : part.n == 1 ? part.p[0] - '0' : -2;
    if (*ret_level < -1 || *ret_level >= CDN_TREE_LEVELS)
        return false;
    for (bool last = false; !last && rest.n > 0;) {
        part = cdn_str_split(rest, '/', &rest);
        last = part.p[0] != 'x';
        for (size_t i = last ? 0 : 1;
             i < part.n && part.p[i] >= '0' && part.p[i] <= '9' && n < 1000000000000000;
             i++)
            n = n * 10 + (uint64_t)(part.p[i] - '0');
    }
    if (rest.n > 0) {
        width = 0;
        for (size_t i = 0; i < rest.n && rest.p[i] >= '0' && rest.p[i] <= '9' && width < CDN_TILE; i++)
            width = width * 10 + (unsigned)(rest.p[i] - '0');
    }
    *ret_n = n;
    *ret_width = width;
    cdn_tile_path(again, *ret_level, n, width); /* the one right way to write it */
    return width > 0 && width <= CDN_TILE && strcmp(again, path) == 0;
}

/* A tile's file: one of this tree, and, where it is a part, the beginning of the tile. Whole ones were
 * compared already. */
static void check_tile_file(struct verifying *v, const char *path) {
    char full[CDN_TILE_PATH], part[CDN_TILE * CDN_ENTRY], whole[CDN_TILE * CDN_ENTRY];
    int level;
    uint64_t n;
    unsigned width;
    if (!parse_tile(path, &level, &n, &width)) {
        found(v, path, 0, "this file does not belong to the journal");
        return;
    }
    const unsigned depth = level < 0 ? 0 : (unsigned)level;
    const uint64_t tiles = v->tree->size >> (8 * (depth + 1));
    const unsigned edge = n == tiles ? cdn_tree_width(v->tree->size, depth) : n < tiles ? CDN_TILE : 0;
    const size_t item = level < 0 ? CDN_ENTRY : CDN_HASH;
    if (width > edge) {
        found(v, path, 0, "the tile is of records that are not there");
        return;
    }
    if (width == CDN_TILE)
        return;
    struct cdn_buf a, b;
    cdn_buf_fixed(&a, part, sizeof(part));
    cdn_buf_fixed(&b, whole, sizeof(whole));
    cdn_tile_path(full, level, n, CDN_TILE);
    if (n == tiles)
        cdn_buf_put(
            &b, level < 0 ? (const void *)v->tree->entry : (const void *)v->tree->hash[level], edge * item);
    else if (cdn_io_read(&v->j->io, full, sizeof(whole), &b, NULL))
        return; /* told before */
    if (cdn_io_read(&v->j->io, path, sizeof(part), &a, NULL) || a.n != width * item || b.n < a.n)
        found(v, path, 0, "the tile does not have the length that it must have");
    else if (memcmp(part, whole, a.n) != 0)
        found(v, path, 0, "the tile is not that of these records");
}

struct walking {
    struct verifying *v;
    const char *dir;
    unsigned depth;
};
static int each_tile(void *ctx, const char *name) {
    const struct walking *w = ctx;
    char path[512];
    struct walking inner = {.v = w->v, .dir = path, .depth = w->depth + 1};
    const int n = snprintf(path, sizeof(path), "%s/%s", w->dir, name);
    if (n < 0 || (size_t)n >= sizeof(path) || w->depth > 10)
        found(w->v, w->dir, 0, "this directory does not belong to the journal");
    else if (cdn_file_real.list(NULL, w->v->j->io.dir, path, each_tile, &inner) == -ENOTDIR)
        check_tile_file(w->v, path);
    return 0;
}

static void check_files(struct verifying *v) {
    struct walking tiles = {.v = v, .dir = "tile"};
    if (cdn_file_real.list(NULL, v->j->io.dir, "tile", each_tile, &tiles))
        found(v, "tile", 0, "the directory cannot be read");
    struct listing lists[] = {
        {v, "", known_top}, {v, CDN_JOURNAL_KEYS, known_key}, {v, CDN_SEGS_DIR, known_segment}};
    for (size_t i = 0; i < CDN_ARRAY_LEN(lists); i++) {
        const char *dir = lists[i].dir[0] ? lists[i].dir : ".";
        const int err = cdn_file_real.list(NULL, v->j->io.dir, dir, each_name, &lists[i]);
        if (err)
            found(v, dir, 0, "the directory cannot be read");
    }
    struct cordon_error e = {.code = 0};
    struct cdn_tree *saved = cdn_alloc(v->alloc, sizeof(*saved));
    const int err = saved ? cdn_tree_load(saved, &v->j->hasher, &v->j->io, &e) : CORDON_E_NOTFOUND;
    if (err && err != CORDON_E_NOTFOUND)
        found_error(v, CDN_TREE_STATE, &e);
    cdn_free(v->alloc, saved, sizeof(*saved));
    const int file = cdn_file_real.open(NULL, v->j->io.dir, "lock", CDN_FILE_READ);
    if (file >= 0 && cdn_file_real.size(NULL, file) != 0)
        found(v, "lock", 0, "the file is not empty");
    if (file >= 0)
        cdn_file_real.close(NULL, file);
}

/* ---- all of it
 * --------------------------------------------------------------------------------------------------------------------
 */

void cordon_journal_verify_options_init(cordon_journal_verify_options *o) {
    memset(o, 0, sizeof(*o));
    o->size = sizeof(*o);
}

static int run(struct verifying *v, struct cordon_error *e) {
    struct cordon_journal *j = v->j;
    v->compare_ops = cdn_file_real;
    v->compare_ops.ctx = v;
    v->compare_ops.open = compare_open;
    v->compare_ops.close = compare_close;
    v->compare_ops.write = compare_write;
    v->compare = (struct cdn_io){.ops = &v->compare_ops, .dir = j->io.dir};
    check_keys(v);
    if (j->note.n > 0)
        add_note(v, CDN_JOURNAL_CHECKPOINT, cdn_buf_get(&j->note));
    else
        found(v, CDN_JOURNAL_CHECKPOINT, 0, "there is no checkpoint that could be read");
    for (size_t i = 0; i < v->o->note_count; i++)
        add_note(v, "checkpoint kept elsewhere", v->o->notes[i]);
    check_roots(v); /* of empty trees */
    int err = check_records(v, e);
    if (err)
        return err;
    for (size_t i = 0; i < v->note_count; i++) {
        if (!v->note[i].done)
            found(v, v->note[i].name, 0, "the checkpoint is of more records than there are");
    }
    check_files(v);
    cdn_tiles_init(j->tiles, &j->io, &j->hasher, v->tree, v->tree->size);
    if (cdn_tiles_range(j->tiles, 0, v->tree->size, v->ret->root, e))
        memset(v->ret->root, 0, sizeof(v->ret->root));
    return CORDON_OK;
}

int cordon_journal_verify(const char *dir,
                          const cordon_journal_verify_options *o,
                          cordon_journal_verified *ret,
                          cordon_error *e) {
    cordon_journal_verified result = {.records = 0};
    const struct cordon_alloc *alloc = o->alloc ? o->alloc : &cdn_alloc_libc;
    struct verifying *v = cdn_alloc_zero(alloc, 1, sizeof(*v));
    if (!v)
        return cdn_fail(e, CORDON_E_NOMEM, "no memory to verify");
    v->o = o;
    v->alloc = alloc;
    v->ret = &result;
    v->tree = cdn_alloc_zero(alloc, 1, sizeof(*v->tree));
    struct cordon_error why = {.code = 0};
    int err = v->tree ? cordon_journal_open(dir, alloc, &v->j, &why) : CORDON_E_NOMEM;
    if (!err) {
        err = run(v, e);
    } else if (err == CORDON_E_DIGEST || err == CORDON_E_FORMAT || err == CORDON_E_VERSION) {
        found_error(v, dir, &why);
        err = CORDON_OK;
    } else if (e) {
        *e = why;
    }
    if (!err)
        *ret = result;
    cordon_journal_close(v->j);
    cdn_free(alloc, v->tree, sizeof(*v->tree));
    cdn_free(alloc, v, sizeof(*v));
    return err;
}
