/* SPDX-License-Identifier: Apache-2.0 */
/* store.c: opening a folder of lists, and reading from it; take.c adds to it. */
#include "lists/store_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- states
 * ------------------------------------------------------------------------------------------------ */

static size_t place_of(const struct cdn_list_store *s, cordon_str id, bool *ret_found) {
    size_t low = 0;
    size_t high = s->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (cdn_str_cmp(s->states[middle]->id, id) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *ret_found = low < s->count && cdn_str_eq(s->states[low]->id, id);
    return low;
}

struct cdn_list_state *cdn_lists_state(struct cdn_list_store *s, cordon_str id) {
    bool found = false;
    const size_t at = place_of(s, id, &found);
    if (found) {
        return s->states[at];
    }
    void *states = s->states;
    struct cdn_list_state *const state = cdn_arena_zero(&s->arena, 1, sizeof *state);
    if (state == NULL || cdn_arena_str(&s->arena, id, &state->id) != 0 ||
        cdn_grow(s->alloc, &states, &s->cap, s->count + 1, sizeof(struct cdn_list_state *)) != 0) {
        return NULL;
    }
    s->states = states;
    state->cordon_list_state = 1;
    memmove(&s->states[at + 1], &s->states[at], (s->count - at) * sizeof *s->states);
    s->states[at] = state;
    s->count++;
    return state;
}

const struct cdn_list_state *cdn_list_store_find(const struct cdn_list_store *s, cordon_str id) {
    bool found = false;
    const size_t at = place_of(s, id, &found);
    return found ? s->states[at] : NULL;
}

size_t cdn_list_store_count(const struct cdn_list_store *s) {
    return s->count;
}

const struct cdn_list_state *cdn_list_store_state(const struct cdn_list_store *s, size_t i) {
    return i < s->count ? s->states[i] : NULL;
}

int cdn_lists_object(const struct cdn_list_store *s,
                     cordon_str hex,
                     struct cdn_list_path *ret,
                     struct cordon_error *e) {
    uint8_t digest[32];
    if (!cdn_list_state_unhex(hex, digest)) {
        return cdn_fail(e, CORDON_E_FORMAT, "a digest that is not 64 hexadecimal digits");
    }
    return cdn_lists_path(ret, e, s->folder, "/objects/", hex, ".zst");
}

static int read_file(const struct cdn_list_store *s,
                     const char *path,
                     struct cdn_buf *to,
                     struct cordon_error *e) {
    struct cdn_list_source *source = NULL;
    const struct cdn_list_file file = {.path = path};
    int err = cdn_list_source_open(&file, s->alloc, &source, e);
    for (cordon_str chunk = {"", 1}; err == 0 && chunk.n > 0;) {
        err = cdn_list_source_next(source, &chunk, e);
        if (err == 0) {
            cdn_buf_str(to, chunk);
        }
    }
    cdn_list_source_close(source);
    if (err == 0 && to->err != 0) {
        err = cdn_fail(e, to->err, "%s is too large, or there is no memory", path);
    }
    return err;
}

static int check_state(const struct cdn_list_state *state, cordon_str id, struct cordon_error *e) {
    if (state->cordon_list_state != 1) {
        return cdn_fail(e,
                        CORDON_E_VERSION,
                        "version %u of the form of a store; this build reads 1",
                        state->cordon_list_state);
    }
    if (!cdn_str_eq(state->id, id)) {
        return cdn_fail(
            e, CORDON_E_FORMAT, "it is of the list `%.*s`, not `%.*s`", CDN_FMT(state->id), CDN_FMT(id));
    }
    return 0;
}

static int load_state(struct cdn_list_store *s, const char *path, cordon_str id, struct cordon_error *e) {
    struct cdn_buf text;
    struct cdn_list_state read = {.cordon_list_state = 0};
    cdn_buf_init(&text, s->alloc, CDN_LIST_STATE_BYTES);
    int err = read_file(s, path, &text, e);
    err = err != 0
              ? err
              : cdn_list_read_record(cdn_buf_get(&text), path, &cdn_list_state_record, &s->arena, &read, e);
    cdn_buf_free(&text);
    err = err != 0 ? err : check_state(&read, id, e);
    struct cdn_list_state *const state = err != 0 ? NULL : cdn_lists_state(s, id);
    if (err == 0 && state == NULL) {
        err = cdn_fail(e, CORDON_E_NOMEM, "no memory for what is known of the lists");
    }
    if (err == 0 && state != NULL) {
        *state = read;
    } else {
        cdn_error_where(e, cdn_str_z(path), e != NULL ? e->line : 0, 0);
    }
    return err;
}

/* Everything below `folder`/lists/`relative`, which is empty or ends in a slash. */
static int scan(struct cdn_list_store *s, cordon_str relative, unsigned depth, struct cordon_error *e) {
    struct cdn_list_path path;
    int err = cdn_lists_path(&path, e, s->folder, "/lists/", relative, "");
    if (err != 0) {
        return err;
    }
    DIR *const dir = opendir(path.z);
    if (dir == NULL) {
        return cdn_lists_io(path.z, e);
    }
    const struct dirent *entry = NULL;
    while (err == 0 && (entry = readdir(dir)) != NULL) { // NOLINT(concurrency-mt-unsafe): a stream of our own
        char storage[CDN_LIST_ID_BYTES + 16];
        const cordon_str name = cdn_str_z(entry->d_name);
        const bool json = name.n > 5 && memcmp(name.p + name.n - 5, ".json", 5) == 0;
        struct cdn_buf below;
        struct stat st;
        if (entry->d_name[0] == '.' || relative.n + name.n + 1 > sizeof storage) {
            continue;
        }
        cdn_buf_fixed(&below, storage, sizeof storage);
        cdn_buf_str(&below, relative);
        cdn_buf_str(&below, json ? cdn_str(name.p, name.n - 5) : name);
        err = cdn_lists_path(&path, e, s->folder, "/lists/", cdn_buf_get(&below), json ? ".json" : "");
        if (err != 0 || !cdn_list_id_valid(cdn_buf_get(&below)) || stat(path.z, &st) != 0) {
            continue;
        }
        if (json && S_ISREG(st.st_mode)) {
            err = load_state(s, path.z, cdn_buf_get(&below), e);
        } else if (S_ISDIR(st.st_mode) && depth + 1 < CDN_LIST_ID_SEGMENTS) {
            cdn_buf_char(&below, '/');
            err = scan(s, cdn_buf_get(&below), depth + 1, e);
        }
    }
    (void)closedir(dir);
    return err;
}

/* ---- opening
 * ------------------------------------------------------------------------------------------------ */

static int make(struct cdn_list_store *s, struct cordon_error *e) {
    static const char *const folders[] = {"", "/lists", "/objects"};
    struct cdn_list_path path;
    int err = 0;
    for (size_t i = 0; i < CDN_ARRAY_LEN(folders) && err == 0; i++) {
        err = cdn_lists_path(&path, e, s->folder, folders[i], (cordon_str){NULL, 0}, "");
        if (err == 0 && mkdir(path.z, 0755) != 0 && errno != EEXIST) {
            err = cdn_lists_io(path.z, e);
        }
    }
    err = err != 0 ? err : cdn_lists_path(&path, e, s->folder, "/lock", (cordon_str){NULL, 0}, "");
    if (err != 0) {
        return err;
    }
    s->lock = open(path.z, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (s->lock < 0) {
        return cdn_lists_io(path.z, e);
    }
    if (flock(s->lock, LOCK_EX | LOCK_NB) != 0) {
        err = errno == EWOULDBLOCK ? cdn_fail(e, CORDON_E_CONFLICT, "somebody else is writing to this store")
                                   : cdn_lists_io(path.z, e);
        cdn_error_where(e, cdn_str_z(s->folder), 0, 0);
    }
    return err;
}

int cdn_list_store_open(const char *folder,
                        bool write,
                        const struct cordon_alloc *alloc,
                        struct cdn_list_store **ret,
                        struct cordon_error *e) {
    struct cdn_list_store *const s = cdn_alloc_zero(alloc, 1, sizeof *s);
    const cordon_str name = cdn_str_z(folder);
    if (s == NULL) {
        return cdn_fail(e, CORDON_E_NOMEM, "no memory for a store of lists");
    }
    s->alloc = alloc;
    s->lock = -1;
    cdn_arena_init(&s->arena, alloc, 0);
    int err =
        name.n > 0 && name.n < sizeof s->folder
            ? 0
            : cdn_fail(
                  e, CORDON_E_ARG, "a store is a folder with a name of 1 to %d bytes", CDN_MAX_PATH_BYTES);
    if (err == 0) {
        memcpy(s->folder, name.p, name.n + 1);
        err = write ? make(s, e) : 0;
    }
    err = err != 0 ? err : scan(s, (cordon_str){NULL, 0}, 0, e);
    if (err != 0) {
        if (e != NULL && e->system == ENOENT) {
            cdn_error_hint(e, "`cordon lists update` or `cordon lists take` makes a store");
        }
        cdn_list_store_close(s);
        return err;
    }
    *ret = s;
    return 0;
}

void cdn_list_store_close(struct cdn_list_store *s) {
    if (s == NULL) {
        return;
    }
    if (s->lock >= 0) {
        (void)close(s->lock); /* lets go of the lock */
    }
    cdn_free(s->alloc, s->states, s->cap * sizeof *s->states);
    cdn_arena_free(&s->arena);
    cdn_free(s->alloc, s, sizeof *s);
}

int cdn_lists_save(struct cdn_list_store *s, const struct cdn_list_state *state, struct cordon_error *e) {
    struct cdn_list_path path;
    struct cdn_buf text;
    cdn_buf_init(&text, s->alloc, CDN_LIST_STATE_BYTES);
    cdn_list_write_record(&text, &cdn_list_state_record, state);
    cdn_buf_char(&text, '\n');
    int err = text.err != 0 ? cdn_fail(e, text.err, "what is known of a list is too much, or no memory") : 0;
    err = err != 0 ? err : cdn_lists_path(&path, e, s->folder, "/lists/", (cordon_str){NULL, 0}, "");
    err = err != 0 ? err : cdn_lists_make_folders(path.z, state->id, e);
    err = err != 0 ? err : cdn_lists_path(&path, e, s->folder, "/lists/", state->id, ".json");
    err = err != 0 ? err : cdn_lists_write(path.z, cdn_buf_get(&text), e);
    cdn_buf_free(&text);
    if (err == 0) {
        *strrchr(path.z, '/') = '\0';
        err = cdn_lists_sync_folder(path.z, e);
    }
    return err;
}

/* ---- reading
 * ------------------------------------------------------------------------------------------------ */

static uint32_t format_of(cordon_str name) {
    for (uint32_t i = 0; cdn_list_format_name(i) != NULL; i++) {
        if (cdn_str_eq(name, cdn_str_z(cdn_list_format_name(i)))) {
            return i;
        }
    }
    return CDN_LIST_UNKNOWN;
}

/* The list as the files said it, not as its canonical form says it. */
static int restore_info(struct cdn_list *list, const struct cdn_list_version *v, struct cordon_error *e) {
    uint8_t canonical[32];
    struct cdn_list_info *const info = &list->info;
    if (!cdn_list_state_unhex(v->canonical, canonical) || memcmp(canonical, info->sha256, 32) != 0) {
        return cdn_fail(e, CORDON_E_DIGEST, "the stored list does not have the digest that names it");
    }
    if (!cdn_list_state_unhex(v->sha256, info->sha256)) {
        return cdn_fail(e, CORDON_E_FORMAT, "a digest that is not 64 hexadecimal digits");
    }
    if (info->counted + info->removed != info->claimed || !info->clean_end) {
        return cdn_fail(e, CORDON_E_FORMAT, "the stored list is not whole");
    }
    info->format = format_of(v->format);
    info->date = v->date;
    info->counted = v->entries;
    info->removed = v->removed;
    info->bytes = v->bytes;
    info->rows = v->entries + v->removed;
    info->claims = false;
    info->claimed = 0;
    return cdn_arena_str(&list->arena, v->stale, &info->stale);
}

static int not_in_use(const struct cdn_list_state *state, struct cordon_error *e) {
    (void)cdn_fail(e, CORDON_E_NOTFOUND, "the list `%.*s` was not in use then", CDN_FMT(state->id));
    cdn_error_hint(e, "`cordon lists show %.*s` tells its versions", CDN_FMT(state->id));
    return CORDON_E_NOTFOUND;
}

int cdn_list_store_reread(const struct cdn_list_store *s,
                          const struct cdn_list_state *state,
                          int64_t known_at,
                          bool removed,
                          struct cdn_list_report *report,
                          struct cdn_list *list,
                          struct cordon_error *e) {
    const struct cdn_list_version *const v = cdn_list_state_at(state, known_at);
    struct cdn_list_path paths[CDN_ROLES];
    struct cdn_list_file files[CDN_ROLES];
    if (v == NULL) {
        return not_in_use(state, e);
    }
    size_t n = 0;
    int err = 0;
    for (; n < v->files.n && n < CDN_ROLES && err == 0; n++) {
        err = cdn_lists_object(s, v->files.p[n].sha256, &paths[n], e);
        files[n] = (struct cdn_list_file){.path = paths[n].z, .name = v->files.p[n].name.p};
    }
    const struct cdn_list_options options = {
        .id = state->id, .removed = removed, .part = (enum cdn_list_part)v->part};
    uint8_t digest[32];
    err = err != 0 ? err : cdn_lists_collect((struct cdn_list_files){files, n}, &options, report, list, e);
    if (err == 0 &&
        (!cdn_list_state_unhex(v->sha256, digest) || memcmp(digest, list->info.sha256, 32) != 0)) {
        err = cdn_fail(e, CORDON_E_DIGEST, "the stored files do not have the digest that names them");
        cdn_list_free(list);
    }
    return err;
}

int cdn_list_store_load(const struct cdn_list_store *s,
                        const struct cdn_list_state *state,
                        int64_t known_at,
                        bool removed,
                        struct cdn_list *list,
                        struct cordon_error *e) {
    const struct cdn_list_version *const v = cdn_list_state_at(state, known_at);
    struct cdn_list_path path;
    if (v == NULL) {
        return not_in_use(state, e);
    }
    int err = cdn_lists_object(s, v->canonical, &path, e);
    if (err != 0) {
        return err;
    }
    struct cdn_list_report report;
    cdn_list_report_init(&report, s->alloc);
    const struct cdn_list_file file = {.path = path.z};
    const struct cdn_list_options options = {.id = state->id, .issuer = v->issuer, .removed = removed};
    err = cdn_lists_collect((struct cdn_list_files){&file, 1}, &options, &report, list, e);
    cdn_list_report_free(&report);
    if (err == 0) {
        err = restore_info(list, v, e);
        if (err != 0) {
            cdn_error_where(e, cdn_str_z(path.z), 0, 0);
            cdn_list_free(list);
        }
    }
    return err;
}
