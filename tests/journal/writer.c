/* SPDX-License-Identifier: Apache-2.0 */
/* writer.c: a program that writes a journal, for the tests.
 *
 *   writer key KEYFILE                     makes a key: KEYFILE (minisign, unencrypted) and KEYFILE.pub
 *   writer run DIR KEYFILE FIRST           appends records without end, from number FIRST, each with its
 * number in it; prints "ack N" as soon as all below N are durable. Made to be killed. writer fill DIR KEYFILE
 * COUNT BYTES    appends COUNT records of about BYTES bytes and closes writer decide DIR KEYFILE SNAPSHOT AT
 * REQUESTS…   decides requests and journals them as cordond does writer append DIR KEYFILE RETAIN TEXT…
 * appends each text as a record writer dump DIR                        prints every record's number and
 * payload, one line each writer rotate DIR OLDKEY NEWKEY AT     hands over to a new key */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cordon/cordon.h"
#include "cordon/journal.h"
#include "cordon/json.h"
#include "journal/journal.h"

static void die(const char *what, const struct cordon_error *e) {
    (void)fprintf(stderr, "%s: %s %s\n", what, e ? e->message : "", e ? e->where : "");
    exit(1);
}

static void read_file(const char *path, struct cdn_buf *b) {
    FILE *f = fopen(path, "rbe");
    char part[4096];
    size_t n;
    cdn_buf_init(b, &cdn_alloc_libc, 1 << 24);
    while (f && (n = fread(part, 1, sizeof(part), f)) > 0)
        cdn_buf_put(b, part, n);
    if (!f)
        die(path, NULL);
    (void)fclose(f);
}

static struct cdn_sign_secret read_key(const char *path) {
    struct cdn_buf b;
    struct cdn_sign_secret key;
    struct cordon_error e;
    read_file(path, &b);
    if (cdn_minisign_read_secret(cdn_buf_get(&b), cdn_str(NULL, 0), &key, &e))
        die(path, &e);
    cdn_buf_free(&b);
    return key;
}

static void write_file(const char *path, const char *ending, const struct cdn_buf *b) {
    char name[4096];
    (void)snprintf(name, sizeof(name), "%s%s", path, ending);
    FILE *f = fopen(name, "wbe");
    if (!f || fwrite(b->p, 1, b->n, f) != b->n || fclose(f) != 0)
        die(name, NULL);
}

static void make_key(const char *path) {
    struct cdn_sign_secret key;
    struct cordon_error e;
    struct cdn_buf b;
    cdn_buf_init(&b, &cdn_alloc_libc, 4096);
    if (cdn_sign_generate(&key, &e) || cdn_minisign_write_secret(&b, &key, cdn_str(NULL, 0), true, &e))
        die(path, &e);
    write_file(path, "", &b);
    cdn_buf_clear(&b);
    cdn_minisign_write_public(&b, &key.pub);
    write_file(path, ".pub", &b);
    cdn_buf_free(&b);
}

static bool loud;
static void on_durable(void *ctx, uint64_t first, uint64_t count) {
    (void)ctx;
    if (loud) {
        char line[32];
        const int n = snprintf(line, sizeof(line), "ack %llu\n", (unsigned long long)(first + count));
        if (write(STDOUT_FILENO, line, (size_t)n) != n)
            exit(1);
    }
}

static struct cdn_journal *open_it(const char *dir, const char *keyfile, uint64_t segment) {
    struct cdn_journal_options o;
    struct cdn_sign_secret key = read_key(keyfile);
    struct cdn_journal *j = NULL;
    struct cordon_error e;
    cdn_journal_options_init(&o);
    o.key = &key;
    o.segment_bytes = segment;
    o.checkpoint_ns = 20000000;
    o.on_durable = on_durable;
    if (cdn_journal_open(dir, &o, &j, &e))
        die(dir, &e);
    return j;
}

static void put(struct cdn_journal *j, cordon_str text, int64_t retain) {
    uint64_t index;
    struct cordon_error e;
    if (cdn_journal_append(j, text, retain, 0, &index, &e))
        die("append", &e);
}

static cordon_str numbered(uint64_t i, size_t bytes, char *storage, size_t size) {
    uint32_t x = (uint32_t)i * 2654435761u + 7;
    size_t n = (size_t)snprintf(storage,
                                size,
                                "{\"at\":\"2026-10-01T09:00:00Z\",\"by\":\"t\",\"data\":{\"n\":%llu,\"x\":\"",
                                (unsigned long long)i);
    while (n + 64 < size && n < bytes) {
        x = x * 1664525 + 1013904223;
        storage[n++] = (char)('a' + (x >> 24) % 26);
    }
    n += (size_t)snprintf(storage + n, size - n, "\"},\"event\":\"test\",\"kind\":\"event\"}");
    return cdn_str(storage, n);
}

static void run(const char *dir, const char *key, uint64_t first) {
    char storage[2048];
    struct cdn_journal *j = open_it(dir, key, 1 << 16);
    loud = true;
    const uint64_t head = cdn_journal_head(j);
    (void)printf("open %llu\n", (unsigned long long)head);
    (void)fflush(stdout);
    struct cordon_error e;
    for (uint64_t i = first;; i++) {
        put(j, numbered(i, 60 + i * 37 % 900, storage, sizeof(storage)), CDN_JOURNAL_KEEP);
        if (i % 64 == 63 && cdn_journal_wait(j, head + (i + 1 - first) - 64, &e))
            die("wait", &e);
    }
}

static void decide(char **argv, int argc) { /* DIR KEY SNAPSHOT AT REQUESTS… */
    struct cordon_error e;
    cordon_snapshot *s = NULL;
    cordon_decider *d = NULL;
    cordon_request *r = NULL;
    const cordon_decision *decision = NULL;
    int64_t at;
    char digest[CORDON_DIGEST_TEXT];
    if (cordon_snapshot_open(argv[2], NULL, &s, &e) || cordon_decider_new(s, NULL, &d, &e) ||
        cordon_request_new(NULL, &r, &e) || cordon_time_parse(cordon_text(argv[3]), &at, &e))
        die(argv[2], &e);
    cordon_snapshot_digest(s, digest);
    struct cdn_journal *j = open_it(argv[0], argv[1], 1 << 16);
    for (int i = 4; i < argc; i++) {
        struct cdn_buf text, record;
        cordon_buffer canonical = {0}, answer = {0};
        read_file(argv[i], &text);
        cdn_buf_init(&record, &cdn_alloc_libc, 1 << 24);
        if (cordon_request_read_json(r, cdn_buf_get(&text), &e) || cordon_decide(d, r, at, &decision, &e) ||
            cordon_request_to_json(r, &canonical, &e) ||
            cordon_decision_to_json(decision, cdn_str(NULL, 0), &answer, &e))
            die(argv[i], &e);
        /* {"decision":X,"snapshot":"…"} → X */
        const size_t tail = strlen(",\"snapshot\":\"\"}") + strlen(digest);
        cdn_buf_printf(&record, "{\"at\":\"%s\",\"decided_at\":\"%s\",\"decision\":", argv[3], argv[3]);
        cdn_buf_put(&record, answer.p + 12, answer.n - 12 - tail);
        cdn_buf_printf(&record,
                       ",\"key\":\"k_test\",\"kind\":\"decision\",\"request\":%.*s",
                       (int)canonical.n,
                       canonical.p);
        cdn_buf_printf(&record, ",\"snapshot\":\"%s\",\"trace\":\"trace-%d\"}", digest, i - 4);
        put(j, cdn_buf_get(&record), at + 60);
        cordon_buffer_free(&canonical);
        cordon_buffer_free(&answer);
        cdn_buf_free(&text);
        cdn_buf_free(&record);
    }
    cdn_journal_close(j);
    cordon_decider_free(d);
    cordon_request_free(r);
    cordon_snapshot_unref(s);
}

static int dump_one(void *ctx, const cordon_record *r) {
    (void)ctx;
    (void)printf("%llu %.*s\n", (unsigned long long)r->index, (int)r->payload.n, r->payload.p);
    return 0;
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    struct cordon_error e;
    if (strcmp(what, "key") == 0 && argc == 3) {
        make_key(argv[2]);
    } else if (strcmp(what, "run") == 0 && argc == 5) {
        run(argv[2], argv[3], strtoull(argv[4], NULL, 10));
    } else if (strcmp(what, "fill") == 0 && argc == 6) {
        const size_t bytes = strtoull(argv[5], NULL, 10), size = bytes + 256;
        char *storage = malloc(size);
        struct cdn_journal *j = open_it(argv[2], argv[3], 0);
        for (uint64_t i = 0, n = strtoull(argv[4], NULL, 10); storage && i < n; i++)
            put(j, numbered(i, bytes, storage, size), CDN_JOURNAL_KEEP);
        cdn_journal_close(j);
        free(storage);
    } else if (strcmp(what, "decide") == 0 && argc > 6) {
        decide(argv + 2, argc - 2);
    } else if (strcmp(what, "append") == 0 && argc > 5) {
        struct cdn_journal *j = open_it(argv[2], argv[3], 1 << 16);
        for (int i = 5; i < argc; i++)
            put(j, cordon_text(argv[i]), strtoll(argv[4], NULL, 10));
        cdn_journal_close(j);
    } else if (strcmp(what, "dump") == 0 && argc == 3) {
        cordon_journal *j = NULL;
        cordon_journal_query q;
        cordon_journal_query_init(&q);
        if (cordon_journal_open(argv[2], NULL, &j, &e) ||
            cordon_journal_search(j, &q, dump_one, NULL, NULL, &e))
            die(argv[2], &e);
        cordon_journal_close(j);
    } else if (strcmp(what, "rotate") == 0 && argc == 6) {
        int64_t at;
        struct cdn_sign_secret key = read_key(argv[4]);
        struct cdn_journal *j = open_it(argv[2], argv[3], 0);
        if (cordon_time_parse(cordon_text(argv[5]), &at, &e) ||
            cdn_journal_rotate_key(j, &key, CDN_STR("test"), at, &e))
            die("rotate", &e);
        cdn_journal_close(j);
    } else {
        (void)fprintf(stderr, "see the head of writer.c\n");
        return 2;
    }
    return 0;
}
