/* SPDX-License-Identifier: Apache-2.0 */
/* snapshot.c: opens a snapshot: maps its files, walks the manifest, has every section checked.
 *
 *  1. what cdn_snapshot_open returns has passed every validator; a failure leaves nothing mapped or
 * allocated;
 *  2. the count of references is the only thing that changes afterwards, atomically;
 *  3. section bytes are never copied.
 *
 * A mapped file that somebody cuts while it is mapped would end the reader with SIGBUS. The compiler
 * therefore never writes to a file that has its final name. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "places/places_view.h"
#include "snapshot/check_priv.h"

struct cdn_map_piece {
    void *p;
    size_t n;
};
struct cdn_snapshot_own {
    struct cdn_snapshot view;
    atomic_llong references;
    const struct cordon_alloc *alloc;
    struct cdn_places places;
    struct cdn_parties parties;
    struct cdn_owners owners;
    struct cdn_party_source *sources; /* of parties */
    uint32_t source_count;
    uint32_t *party_lists; /* for each list of the rulebook */
    uint32_t section_count, map_count;
    cordon_str sections[CDN_MAX_SNAPSHOT_SECTIONS];
    struct cdn_map_piece maps[CDN_MAX_SNAPSHOT_SECTIONS + 1]; /* the manifest, a store's sections */
};

/* ---- life --------------------------------------------------------------------------------------------- */

static void own_free(struct cdn_snapshot_own *own) {
    for (uint32_t i = 0; i < own->map_count; i++)
        (void)munmap(own->maps[i].p, own->maps[i].n);
    cdn_free(own->alloc, own->sources, own->source_count * sizeof(*own->sources));
    cdn_free(
        own->alloc, own->party_lists, (own->view.count[CDN_T_LIST] + (size_t)1) * sizeof(*own->party_lists));
    cdn_free(own->alloc, own, sizeof(*own));
}

static struct cdn_snapshot_own *own_new(const struct cordon_alloc *alloc) {
    struct cdn_snapshot_own *own = cdn_alloc_zero(alloc, 1, sizeof(*own));
    if (!own)
        return NULL;
    own->alloc = alloc;
    own->view.own = own;
    own->view.places = &own->places;
    atomic_init(&own->references, 1);
    return own;
}

struct cdn_snapshot *cdn_snapshot_ref(struct cdn_snapshot *s) {
    atomic_fetch_add_explicit(&s->own->references, 1, memory_order_relaxed);
    return s;
}

void cdn_snapshot_unref(struct cdn_snapshot *s) {
    if (s)
        cdn_snapshot_adjust(s, -1);
}

void cdn_snapshot_adjust(struct cdn_snapshot *s, int64_t by) {
    if (atomic_fetch_add_explicit(&s->own->references, by, memory_order_acq_rel) + by == 0)
        own_free(s->own);
}

/* ---- manifest ----------------------------------------------------------------------------------------- */

static int check_header(cordon_str bytes, struct cordon_error *e) {
    const struct cdn_snap_header *h = (const void *)bytes.p;
    if (bytes.n < sizeof(*h) || h->magic != CDN_SNAP_MAGIC)
        return cdn_fail(e, CORDON_E_FORMAT, "not a snapshot");
    if (h->format != CDN_SNAP_FORMAT || h->semantics != CDN_SEMANTICS) {
        const int err = cdn_fail(e,
                                 CORDON_E_VERSION,
                                 "format %u with semantics %u; this build reads format %u, semantics %u",
                                 h->format,
                                 h->semantics,
                                 (unsigned)CDN_SNAP_FORMAT,
                                 (unsigned)CDN_SEMANTICS);
        cdn_error_hint(e, "compile the rulebook with this version");
        return err;
    }
    if (h->section_count > CDN_MAX_SNAPSHOT_SECTIONS)
        return cdn_fail(e, CORDON_E_LIMIT, "%u sections", h->section_count);
    if (h->reserved != 0 || h->file_length != bytes.n ||
        bytes.n < sizeof(*h) + h->section_count * sizeof(struct cdn_snap_entry))
        return cdn_fail(e, CORDON_E_FORMAT, "the snapshot is cut off, or has bytes too many");
    return 0;
}

static int check_entries(const struct cdn_snap_entry *entries, uint32_t count, struct cordon_error *e) {
    for (uint32_t i = 0; i < count; i++) {
        const struct cdn_snap_entry *n = &entries[i];
        const bool next = i > 0 && n->kind == CDN_SECTION_LISTED && entries[i - 1].kind == n->kind;
        if (n->kind == 0 || n->kind >= CDN_SECTION_KIND_COUNT || n->reserved != 0 ||
            n->instance != (next ? entries[i - 1].instance + 1 : 0))
            return cdn_fail(e, CORDON_E_FORMAT, "entry %u of the manifest", i);
        if (i > 0 && !next && n->kind <= entries[i - 1].kind)
            return cdn_fail(e, CORDON_E_FORMAT, "entry %u of the manifest is out of order", i);
        if (n->length > CDN_MAX_SNAPSHOT_SECTION)
            return cdn_fail(e, CORDON_E_LIMIT, "section %u is too large", i);
    }
    return 0;
}

/* Sections of a bundle stand where, and only where, they must. */
static int place_sections(struct cdn_snapshot_own *own, cordon_str bytes, struct cordon_error *e) {
    const struct cdn_snap_entry *entries = own->view.entries;
    uint64_t end = sizeof(struct cdn_snap_header) + own->section_count * sizeof(*entries);
    for (uint32_t i = 0; i < own->section_count; i++) {
        const uint64_t begin = (end + CDN_SNAP_ALIGN - 1) & ~(uint64_t)(CDN_SNAP_ALIGN - 1);
        if (entries[i].offset != begin || begin > bytes.n || entries[i].length > bytes.n - begin ||
            !cdn_check_zero(bytes.p + end, (size_t)(begin - end)))
            return cdn_fail(e, CORDON_E_FORMAT, "section %u is not where the manifest must say", i);
        own->sections[i] = cdn_str(bytes.p + begin, (size_t)entries[i].length);
        end = begin + entries[i].length;
    }
    return end == bytes.n ? 0 : cdn_fail(e, CORDON_E_FORMAT, "bytes after the last section");
}

static int read_manifest(struct cdn_snapshot_own *own, cordon_str bytes, struct cordon_error *e) {
    if ((uintptr_t)bytes.p % 8 != 0)
        return cdn_fail(e, CORDON_E_ARG, "the bytes of a snapshot must be 8-aligned");
    int err = check_header(bytes, e);
    if (err)
        return err;
    struct cdn_snapshot *s = &own->view;
    s->header = (const void *)bytes.p;
    s->entries = (const void *)(bytes.p + sizeof(*s->header));
    own->section_count = s->header->section_count;
    memcpy(s->digest, s->header->digest, sizeof(s->digest));
    err = check_entries(s->entries, own->section_count, e);
    return err;
}

cordon_str cdn_snapshot_section_at(const struct cdn_snapshot *s, uint32_t i) {
    return i < s->own->section_count ? s->own->sections[i] : cdn_str(NULL, 0);
}

cordon_str cdn_snapshot_section(const struct cdn_snapshot *s, unsigned kind, uint32_t instance) {
    for (uint32_t i = 0; i < s->own->section_count; i++)
        if (s->entries[i].kind == kind && s->entries[i].instance == instance)
            return s->own->sections[i];
    return cdn_str(NULL, 0);
}

/* ---- sections ----------------------------------------------------------------------------------------- */

static int check_rules(struct cdn_snapshot_own *own, struct cordon_error *e) {
    struct cdn_check c = {&own->view, &own->places, own->alloc, CDN_CHECK_BUDGET, e};
    int err = cdn_snapshot_check_strings(&c);
    if (!err)
        err = cdn_snapshot_check_layout(&c, cdn_snapshot_section(&own->view, CDN_SECTION_RULES, 0));
    if (!err)
        err = cdn_snapshot_check_names(&c);
    if (!err)
        err = cdn_snapshot_check_symbols(&c);
    if (!err)
        err = cdn_snapshot_check_tests(&c);
    if (!err)
        err = cdn_snapshot_check_exprs(&c);
    if (!err)
        err = cdn_snapshot_check_measures(&c);
    if (!err)
        err = cdn_snapshot_check_links(&c);
    if (!err)
        err = cdn_snapshot_check_index(&c);
    if (!err)
        err = cdn_snapshot_check_guards(&c);
    return err;
}

/* PLACES, and what its look-ups use beside it: folding, IP data and card ranges are optional. */
static int open_places(struct cdn_snapshot_own *own, struct cordon_error *e) {
    struct cdn_snapshot *s = &own->view;
    const cordon_str fold = cdn_snapshot_section(s, CDN_SECTION_FOLD, 0);
    const cordon_str geo = cdn_snapshot_section(s, CDN_SECTION_GEO, 0);
    const cordon_str iin = cdn_snapshot_section(s, CDN_SECTION_IIN, 0);
    int err = cdn_places_open(cdn_snapshot_section(s, CDN_SECTION_PLACES, 0), &own->places, e);
    if (!err && fold.p) {
        own->places.has_fold = true;
        err = cdn_text_open(fold, &own->places.fold, e);
    }
    if (!err && geo.p) {
        own->places.has_ip = true;
        err = cdn_ip_open(geo.p, geo.n, &own->places.ip, e);
    }
    if (!err && iin.p) {
        own->places.has_iin = true;
        err = cdn_iin_open(iin.p, iin.n, &own->places.iin, e);
    }
    return err;
}

/* Lists of the rulebook → lists that there is data of. */
static int link_lists(struct cdn_snapshot_own *own, struct cordon_error *e) {
    struct cdn_snapshot *s = &own->view;
    const uint32_t n = s->count[CDN_T_LIST];
    own->party_lists = cdn_alloc_zero(own->alloc, n + (size_t)1, sizeof(*own->party_lists));
    if (!own->party_lists)
        return cdn_fail(e, CORDON_E_NOMEM, "no memory for a snapshot");
    for (uint32_t i = 0; i < n; i++)
        own->party_lists[i] = cdn_parties_find_list(&own->parties, cdn_snap_str(s, s->lists[i].id));
    s->parties = &own->parties;
    s->party_lists = own->party_lists;
    return 0;
}

/* Listed parties: all sections of them, or none. */
static int open_parties(struct cdn_snapshot_own *own, struct cordon_error *e) {
    struct cdn_snapshot *s = &own->view;
    const struct cdn_parties_bytes bytes = {
        .lists = cdn_snapshot_section(s, CDN_SECTION_LISTS, 0),
        .tables = cdn_snapshot_section(s, CDN_SECTION_SCREEN, 0),
        .names = cdn_snapshot_section(s, CDN_SECTION_NAMES, 0),
        .idents = cdn_snapshot_section(s, CDN_SECTION_IDENTS, 0),
    };
    uint32_t first = 0, count = 0;
    for (uint32_t i = own->section_count; i > 0; i--) {
        if (s->entries[i - 1].kind == CDN_SECTION_LISTED) {
            first = i - 1;
            count++;
        }
    }
    const int there = (bytes.lists.p != NULL) + (bytes.tables.p != NULL) + (bytes.names.p != NULL) +
                      (bytes.idents.p != NULL) + (count > 0);
    if (there == 0)
        return 0;
    if (there != 5)
        return cdn_fail(e, CORDON_E_FORMAT, "a part of the listed parties is missing");
    own->sources = cdn_alloc_zero(own->alloc, count, sizeof(*own->sources));
    if (!own->sources)
        return cdn_fail(e, CORDON_E_NOMEM, "no memory for a snapshot");
    own->source_count = count;
    struct cdn_parties_bytes all = bytes;
    all.sources = own->sections + first;
    all.source_count = count;
    const int err = cdn_parties_open(&all, own->sources, &own->parties, e);
    return err ? err : link_lists(own, e);
}

static int open_owners(struct cdn_snapshot_own *own, struct cordon_error *e) {
    const cordon_str bytes = cdn_snapshot_section(&own->view, CDN_SECTION_OWNERS, 0);
    const int err = bytes.p ? cdn_owners_open(bytes, &own->owners, e) : 0;
    own->view.owners = bytes.p ? &own->owners : NULL;
    return err;
}

static int check_sections(struct cdn_snapshot_own *own, struct cordon_error *e) {
    struct cdn_snapshot *s = &own->view;
    static const uint8_t needed[] = {CDN_SECTION_STRINGS, CDN_SECTION_RULES, CDN_SECTION_PLACES};
    for (size_t i = 0; i < sizeof(needed); i++)
        if (!cdn_snapshot_section(s, needed[i], 0).p)
            return cdn_fail(e, CORDON_E_FORMAT, "section %u is missing", (unsigned)needed[i]);
    s->strings = cdn_snapshot_section(s, CDN_SECTION_STRINGS, 0);
    s->info = cdn_snapshot_section(s, CDN_SECTION_INFO, 0);
    s->source = cdn_snapshot_section(s, CDN_SECTION_SOURCE, 0);
    if (!cdn_utf8_valid(s->info) || !cdn_utf8_valid(s->source))
        return cdn_fail(e, CORDON_E_FORMAT, "info or source is not UTF-8");
    int err = open_places(own, e);
    err = err ? err : check_rules(own, e);
    err = err ? err : open_parties(own, e);
    err = err ? err : open_owners(own, e);
    if (!err) {
        own->places.geo_max_age_days = s->rules->geo_max_age_days;
        own->places.geo_max_radius_km = s->rules->geo_max_radius_km;
    }
    return err;
}

int cdn_snapshot_open_bytes(cordon_str bytes,
                            const struct cordon_alloc *alloc,
                            struct cdn_snapshot **ret,
                            struct cordon_error *e) {
    struct cdn_snapshot_own *own = own_new(alloc);
    if (!own)
        return cdn_fail(e, CORDON_E_NOMEM, "no memory for a snapshot");
    int err = read_manifest(own, bytes, e);
    if (!err)
        err = place_sections(own, bytes, e);
    if (!err)
        err = check_sections(own, e);
    if (err) {
        own_free(own);
        return err;
    }
    *ret = &own->view;
    return 0;
}

/* ---- files -------------------------------------------------------------------------------------------- */

static int fail_io(struct cordon_error *e, int number, const char *path, const char *what) {
    const int err = cdn_fail(e, CORDON_E_IO, "%s: %s", what, strerror(number));
    cdn_error_where(e, cdn_str_z(path), 0, 0);
    if (e)
        e->system = number;
    return err;
}

/* Maps a regular file of 1 to `max` bytes; own_free() unmaps it. */
static int map_file(
    struct cdn_snapshot_own *own, const char *path, size_t max, cordon_str *ret, struct cordon_error *e) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return fail_io(e, errno, path, "cannot open");
    struct stat st;
    int err = 0;
    if (fstat(fd, &st) != 0) {
        err = fail_io(e, errno, path, "cannot look at it");
    } else if (!S_ISREG(st.st_mode) || st.st_size <= 0 || (uint64_t)st.st_size > max) {
        err = cdn_fail(e, CORDON_E_FORMAT, "not a file of a snapshot (no file, empty, or too large)");
        cdn_error_where(e, cdn_str_z(path), 0, 0);
    }
    void *p = MAP_FAILED;
    if (!err) {
        p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
        if (p == MAP_FAILED)
            err = fail_io(e, errno, path, "cannot map");
    }
    (void)close(fd);
    if (err)
        return err;
    own->maps[own->map_count++] = (struct cdn_map_piece){p, (size_t)st.st_size};
    *ret = cdn_str(p, (size_t)st.st_size);
    return 0;
}

/* The sections of a store: sections/<sha256> beside the manifest. */
static int map_sections(struct cdn_snapshot_own *own, const char *path, struct cordon_error *e) {
    const char *slash = strrchr(path, '/');
    const int folder = slash ? (int)(slash - path) + 1 : 0;
    for (uint32_t i = 0; i < own->section_count; i++) {
        const struct cdn_snap_entry *n = &own->view.entries[i];
        char name[CDN_MAX_PATH_BYTES + 1];
        struct cdn_buf b;
        cdn_buf_fixed(&b, name, sizeof(name));
        cdn_buf_put(&b, path, (size_t)folder);
        cdn_buf_z(&b, "sections/");
        cdn_buf_hex(&b, n->sha256, sizeof(n->sha256));
        cdn_buf_zero(&b, 1);
        if (b.err)
            return cdn_fail(e, CORDON_E_LIMIT, "the path of the store is too long");
        if (n->length == 0) {
            own->sections[i] = cdn_str("", 0);
            continue;
        }
        const int err = map_file(own, name, CDN_MAX_SNAPSHOT_SECTION, &own->sections[i], e);
        if (err)
            return err;
        if (own->sections[i].n != n->length)
            return cdn_fail(e, CORDON_E_FORMAT, "section %u has another length than the manifest says", i);
    }
    return 0;
}

static bool is_store(const struct cdn_snapshot_own *own) {
    for (uint32_t i = 0; i < own->section_count; i++)
        if (own->view.entries[i].offset != 0)
            return false;
    return own->view.header->file_length ==
           sizeof(struct cdn_snap_header) + own->section_count * sizeof(struct cdn_snap_entry);
}

int cdn_snapshot_open(const char *path,
                      const struct cordon_alloc *alloc,
                      struct cdn_snapshot **ret,
                      struct cordon_error *e) {
    struct cdn_snapshot_own *own = own_new(alloc);
    if (!own)
        return cdn_fail(e, CORDON_E_NOMEM, "no memory for a snapshot");
    const size_t max = CDN_MAX_SNAPSHOT_SECTIONS * CDN_MAX_SNAPSHOT_SECTION;
    cordon_str bytes;
    int err = map_file(own, path, max, &bytes, e);
    if (!err) {
        err = read_manifest(own, bytes, e);
        if (!err)
            err = is_store(own) ? map_sections(own, path, e) : place_sections(own, bytes, e);
        if (!err)
            err = check_sections(own, e);
        if (err && e && e->where[0] == '\0')
            cdn_error_where(e, cdn_str_z(path), 0, 0);
    }
    if (err) {
        own_free(own);
        return err;
    }
    *ret = &own->view;
    return 0;
}

/* ---- look-ups ----------------------------------------------------------------------------------------- */

static cordon_str symbol_name(const struct cdn_snapshot *s, uint32_t domain, uint32_t i) {
    switch (domain) {
    case CDN_SYMBOL_ACTION:
        return cdn_snap_str(s, s->actions[i].id);
    case CDN_SYMBOL_SERVICE:
        return cdn_snap_str(s, s->services[i].id);
    case CDN_SYMBOL_ENTITY:
        return cdn_snap_str(s, s->entities[i].id);
    case CDN_SYMBOL_FACT:
        return cdn_snap_str(s, s->facts[i].id);
    case CDN_SYMBOL_LIST:
        return cdn_snap_str(s, s->lists[i].id);
    default:
        return cdn_snap_str(s, s->measures[i].id);
    }
}

static uint32_t find(
    const struct cdn_snapshot *s, uint32_t domain, unsigned owner, uint64_t hash, cordon_str name) {
    const uint32_t slots = s->count[CDN_T_SYMBOL];
    uint32_t at = cdn_snap_symbol_slot(domain, hash, slots);
    for (; s->symbols[at].domain != CDN_SYMBOL_FREE; at = (at + 1) & (slots - 1)) {
        const struct cdn_symbol_rec *r = &s->symbols[at];
        if (r->domain == domain && r->hash == hash && cdn_str_eq(symbol_name(s, domain, r->index), name) &&
            (domain != CDN_SYMBOL_FACT || s->facts[r->index].a == owner))
            return r->index;
    }
    return CDN_NO_INDEX;
}

uint32_t cdn_snapshot_symbol(const struct cdn_snapshot *s, uint32_t domain, uint64_t hash, cordon_str name) {
    return find(s, domain, 0, hash, name);
}

uint32_t cdn_snapshot_fact(const struct cdn_snapshot *s, unsigned owner, uint64_t hash, cordon_str name) {
    return find(s, CDN_SYMBOL_FACT, owner, hash, name);
}

uint32_t cdn_snapshot_group(const struct cdn_snapshot *s, uint32_t action, uint32_t service) {
    const uint32_t slots = s->count[CDN_T_GROUPSLOT];
    uint32_t at = cdn_snap_group_slot(action, service, slots);
    for (; s->groupslots[at].group != CDN_NO_INDEX; at = (at + 1) & (slots - 1))
        if (s->groupslots[at].action == action && s->groupslots[at].service == service)
            return s->groupslots[at].group;
    return CDN_NO_INDEX;
}
