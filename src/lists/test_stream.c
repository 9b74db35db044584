/* SPDX-License-Identifier: Apache-2.0 */
/* test_stream.c: however long the file, the formats that stream need the same memory: a list that is written
 * into a pipe while it is read, under an allocator that gives out no more than a few MiB. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "lists/read.h"
#include "support/fault.h"
#include "support/rnd.h"

/* Of the entries at hand, the buffers and eight bytes for each id, whose table is twice there while it grows.
 */
#define CAP CDN_MIB(8)
#define LENGTH CDN_MIB(32)

struct capped {
    struct cordon_alloc alloc;
    size_t live, peak;
};
static void *capped_alloc(void *ctx, size_t size) {
    struct capped *const c = ctx;
    if (c->live + size > CAP) {
        return NULL;
    }
    c->live += size;
    c->peak = CDN_MAX(c->peak, c->live);
    return malloc(size);
}
static void capped_release(void *ctx, void *p, size_t size) {
    ((struct capped *)ctx)->live -= size;
    free(p);
}
static void *capped_resize(void *ctx, void *p, size_t old_size, size_t size) {
    void *const more = capped_alloc(ctx, size);
    if (more != NULL) {
        memcpy(more, p, CDN_MIN(old_size, size));
        capped_release(ctx, p, old_size);
    }
    return more;
}

struct format {
    const char *name, *head, *tail;
    const char *before, *after; /* of the number in each entry */
};

#define SENTENCE                                                                                             \
    "Why this party is on the list of our house: it did not pay what it owed and did not answer the "        \
    "letters that "                                                                                          \
    "were sent to it in the course of the year before last"

/* Entries of a hundred to three hundred bytes, as the issuers write them. */
static const struct format formats[] = {
    {"OFAC XML",
     "<sdnList xmlns=\"x\"><publshInformation><Publish_Date>01/01/2026</Publish_Date></publshInformation>",
     "</sdnList>",
     "<sdnEntry><uid>",
     "</uid><lastName>COMPANY</lastName><sdnType>Entity</sdnType><programList><program>SDGT</program></"
     "programList><akaList><aka><uid>1</uid><type>a.k.a.</type><category>strong</category><lastName>ANOTHER "
     "NAME</lastName></aka></akaList></sdnEntry>\n"},
    {"OFAC ENHANCED",
     "<sanctionsData "
     "xmlns=\"x\"><publicationInfo><dataAsOf>2026-01-01</dataAsOf></publicationInfo><entities>",
     "</entities></sanctionsData>",
     "<entity id=\"",
     "\"><generalInfo><entityType>Entity</entityType></generalInfo><names><name "
     "id=\"1\"><isPrimary>true</isPrimary><translations><translation "
     "id=\"1\"><isPrimary>true</isPrimary><script>Latin</script><formattedLastName>A "
     "NAME</formattedLastName></translation></translations></name></names></entity>\n"},
    {"EU XML",
     "<export xmlns=\"http://eu.europa.ec/fpi/fsd/export\" generationDate=\"2026-01-01T00:00:00.000+01:00\">",
     "</export>",
     "<sanctionEntity logicalId=\"1\" euReferenceNumber=\"EU.",
     "\"><subjectType code=\"enterprise\" classificationCode=\"E\"/><nameAlias wholeName=\"A Company\" "
     "strong=\"true\"/></sanctionEntity>\n"},
    {"UN XML",
     "<CONSOLIDATED_LIST dateGenerated=\"2026-01-01T00:00:00.000Z\"><ENTITIES>",
     "</ENTITIES></CONSOLIDATED_LIST>",
     "<ENTITY><DATAID>",
     "</DATAID><FIRST_NAME>A "
     "COMPANY</FIRST_NAME><UN_LIST_TYPE>DRC</UN_LIST_TYPE><ENTITY_ALIAS><QUALITY>a.k.a."
     "</QUALITY><ALIAS_NAME>ANOTHER</ALIAS_NAME></ENTITY_ALIAS></ENTITY>\n"},
    {"UK XML",
     "<Designations><DateGenerated>01/01/2026</DateGenerated>",
     "</Designations>",
     "<Designation><UniqueID>GHR",
     "</UniqueID><Names><Name><Name6>A Company</Name6><NameType>Primary Name</NameType></Name></Names>"
     "<RegimeName>Any</RegimeName><IndividualEntityShip>Entity</IndividualEntityShip></Designation>\n"},
    {"in-house CSV",
     "id,type,name,aliases,remarks\n",
     "",
     "J-",
     ",company,A Company,Another name|A third one," SENTENCE "\n"},
    {"in-house JSON Lines",
     "",
     "",
     "{\"id\":\"J-",
     "\",\"names\":[{\"full\":\"A Company\",\"kind\":\"primary\"}],\"notes\":[{\"text\":\"" SENTENCE
     "\"}],\"type\":\"company\"}\n"},
};

struct writer {
    const struct format *f;
    int fd;
    uint64_t entries;
};

static bool put(int fd, const char *p, size_t n) {
    while (n > 0) {
        const ssize_t done = write(fd, p, n);
        if (done <= 0) {
            return false;
        }
        p += done;
        n -= (size_t)done;
    }
    return true;
}

static void *write_list(void *ctx) {
    struct writer *const w = ctx;
    char block[CDN_KIB(64)];
    struct cdn_buf b;
    cdn_buf_fixed(&b, block, sizeof block);
    bool good = put(w->fd, w->f->head, strlen(w->f->head));
    for (uint64_t sent = 0; good && sent < LENGTH; w->entries++) {
        if (b.n + 1024 > sizeof block) {
            good = put(w->fd, b.p, b.n);
            sent += b.n;
            cdn_buf_clear(&b);
        }
        cdn_buf_z(&b, w->f->before);
        cdn_buf_int(&b, (int64_t)w->entries + 1000000);
        cdn_buf_z(&b, w->f->after);
    }
    good = good && put(w->fd, b.p, b.n) && put(w->fd, w->f->tail, strlen(w->f->tail));
    (void)close(w->fd);
    return good ? w : NULL;
}

static int count(void *ctx, const struct cdn_list_entry *entry, struct cordon_error *e) {
    (void)e;
    *(uint64_t *)ctx += entry->names.n > 0;
    return 0;
}

static void stream(const struct format *f) {
    struct capped capped = {.alloc = {capped_alloc, capped_resize, capped_release, NULL}};
    capped.alloc.ctx = &capped;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct writer w = {.f = f, .fd = ends[1]};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, write_list, &w), 0);
    char path[32];
    (void)snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    const struct cdn_list_file file = {.path = path, .name = f->name};
    const struct cdn_list_options options = {.removed = false};
    uint64_t entries = 0;
    const struct cdn_list_sink sink = {count, &entries};
    struct cdn_list_report report;
    struct cdn_list_info info;
    struct cordon_error e = {.code = 0};
    cdn_list_report_init(&report, &capped.alloc);
    const int err = cdn_lists_read((struct cdn_list_files){&file, 1}, &options, &sink, &report, &info, &e);
    (void)close(ends[0]);
    void *written = NULL;
    assert_int_equal(pthread_join(thread, &written), 0);
    if (err != 0) {
        fail_msg("%s: line %u: %s (peak %zu)", f->name, e.line, e.message, capped.peak);
    }
    assert_non_null(written);
    assert_int_equal(entries, w.entries);
    assert_int_equal(info.counted, w.entries);
    assert_true(info.bytes >= LENGTH);
    cdn_list_report_free(&report);
    assert_int_equal(capped.live, 0);
    printf("# %s: %llu entries, %llu MiB, at most %zu KiB\n",
           f->name,
           (unsigned long long)entries,
           (unsigned long long)(info.bytes >> 20),
           capped.peak >> 10);
}

static void long_lists_need_no_more_memory(void **state) {
    (void)state;
    for (size_t i = 0; i < CDN_ARRAY_LEN(formats); i++) {
        stream(&formats[i]);
    }
}

int main(void) {
    (void)signal(SIGPIPE, SIG_IGN); /* a reader that fails early is told by its error */
    const struct CMUnitTest tests[] = {cmocka_unit_test(long_lists_need_no_more_memory)};
    return cdn_run(tests);
}
