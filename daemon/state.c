/* SPDX-License-Identifier: Apache-2.0 */
/* state.c: hands views and acts of the service on; reads their arguments strictly. */
#include "handlers.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "csv.h"

/* ---- arguments
 * ---------------------------------------------------------------------------------------------------------
 */

enum type { TEXT, INSTANT, NUMBER, FLAG };
struct argument {
    const char *name;
    enum type type;
    size_t at, has; /* has: offset of the flag; 0: none (the first member is no flag) */
};
#define TAKES(what) offsetof(struct cdn_service_query, what)
static const struct argument arguments[] = {
    {"party", TEXT, TAKES(party), 0},
    {"measure", TEXT, TAKES(measure), 0},
    {"authority", TEXT, TAKES(measure), 0}, /* the service's word for the release authority of a case */
    {"verdict", TEXT, TAKES(verdict), 0},
    {"status", TEXT, TAKES(verdict), 0}, /* and for the status of cases, appeals, drafts */
    {"newest", FLAG, TAKES(newest), 0},
    {"reference", TEXT, TAKES(reference), 0},
    {"at", INSTANT, TAKES(at), TAKES(has_at)},
    {"known_at", INSTANT, TAKES(known_at), TAKES(has_known_at)},
    {"from", INSTANT, TAKES(from), TAKES(has_from)},
    {"until", INSTANT, TAKES(until), TAKES(has_until)},
    {"after", NUMBER, TAKES(after), 0},
    {"limit", NUMBER, TAKES(limit), 0},
};

struct reading {
    struct cdn_service_query *query;
    cordon_error *e;
    int err;
};

static int read_count(cordon_str s, uint64_t most, uint64_t *ret) {
    uint64_t n = 0;
    if (s.n == 0 || s.n > 18)
        return CORDON_E_SYNTAX;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return CORDON_E_SYNTAX;
        n = n * 10 + (uint64_t)(s.p[i] - '0');
    }
    if (n > most)
        return CORDON_E_RANGE;
    *ret = n;
    return 0;
}

static int set(const struct argument *a, struct cdn_service_query *q, cordon_str value, cordon_error *e) {
    void *to = (char *)q + a->at;
    uint64_t n = 0;
    int64_t at = 0;
    int err = 0;
    switch (a->type) {
    case TEXT:
        *(cordon_str *)to = value;
        return cdn_utf8_valid(value) ? 0 : cdn_fail(e, CORDON_E_SYNTAX, "`%s` is not UTF-8", a->name);
    case INSTANT:
        err = cordon_time_parse(value, &at, e);
        if (err)
            return err;
        *(int64_t *)to = at;
        *(bool *)((char *)q + a->has) = true;
        return 0;
    case NUMBER:
        err = read_count(value, a->at == TAKES(limit) ? 1000 : INT64_MAX, &n);
        if (err)
            return cdn_fail(
                e, err, "`%s` takes a whole number%s", a->name, a->at == TAKES(limit) ? " up to 1000" : "");
        if (a->at == TAKES(limit))
            *(uint32_t *)to = (uint32_t)n;
        else
            *(uint64_t *)to = n;
        return 0;
    case FLAG:
        *(bool *)to = cdn_str_eq(value, CDN_STR("yes"));
        return *(bool *)to || cdn_str_eq(value, CDN_STR("no"))
                   ? 0
                   : cdn_fail(e, CORDON_E_SYNTAX, "`%s` takes yes or no", a->name);
    default:
        return cdn_fail(e, CORDON_E_INTERNAL, "unknown type of argument");
    }
}

static enum MHD_Result on_argument(void *cls,
                                   enum MHD_ValueKind kind,
                                   const char *key,
                                   size_t key_size,
                                   const char *value,
                                   size_t value_size) {
    struct reading *r = cls;
    const cordon_str name = cdn_str(key, key_size);
    struct cdn_suggest near;
    (void)kind;
    cdn_suggest_init(&near, name);
    for (size_t i = 0; i < CDN_ARRAY_LEN(arguments); i++) {
        if (cdn_str_eq(name, cdn_str_z(arguments[i].name))) {
            r->err = set(&arguments[i], r->query, cdn_str(value ? value : "", value ? value_size : 0), r->e);
            return r->err ? MHD_NO : MHD_YES;
        }
        cdn_suggest_offer(&near, cdn_str_z(arguments[i].name));
    }
    r->err = cdn_fail(r->e, CORDON_E_NAME, "there is no such argument");
    if (cdn_suggest_found(&near))
        cdn_error_hint(r->e, "did you mean `%.*s`?", CDN_FMT(near.best));
    return MHD_NO;
}

static int read_query(struct call *c, struct cdn_service_query *q, cordon_error *e) {
    struct reading r = {.query = q, .e = e};
    (void)MHD_get_connection_values_n(c->connection, MHD_GET_ARGUMENT_KIND, on_argument, &r);
    q->id = c->params[0];
    return r.err;
}

/* ---- views and acts
 * ------------------------------------------------------------------------------------------------------ */

static bool looked(struct call *c, struct cdn_buf *out) {
    struct cdn_service_query q = {0};
    cordon_error e = {0};
    uint8_t refusal = CDN_REFUSED_INTERNAL;
    int err = read_query(c, &q, &e);
    if (err) {
        reply_error(c, 400, "argument", &e);
        return false;
    }
    struct cdn_service_caller caller = c->caller;
    if (c->local && !c->has_key)
        caller.roles = c->route->roles ? c->route->roles : CDN_MAY_READ; /* the service asks for some role */
    err = cdn_service_look(
        c->d->service, &caller, (enum cdn_service_view)c->route->view, &q, out, &refusal, &e);
    if (err == CORDON_E_STATE && c->route->view == CDN_VIEW_SEARCH && refusal == CDN_REFUSED_CONFLICT)
        refusal =
            CDN_REFUSED_BUSY; /* the index lags behind the journal: an answer now would leave something out */
    if (err)
        reply_refusal(c, refusal, &e);
    return err == CORDON_OK;
}

enum handled state_look(struct call *c) {
    if (looked(c, &c->reply.body) && c->route->view == CDN_VIEW_CHECKPOINT)
        c->reply.type = "text/plain; charset=utf-8";
    return HANDLED;
}

enum handled state_do(struct call *c) {
    cordon_error e = {0};
    uint8_t refusal = CDN_REFUSED_INTERNAL;
    const cordon_str body = c->body.n > 0 ? cdn_buf_get(&c->body) : CDN_STR("{}");
    const int err = cdn_service_do(c->d->service,
                                   &c->caller,
                                   (enum cdn_service_act)c->route->act,
                                   c->params[0],
                                   body,
                                   &c->reply.body,
                                   &refusal,
                                   &e);
    if (err)
        reply_refusal(c, refusal, &e);
    else
        c->reply.status = c->route->success;
    return HANDLED;
}

/* ---- tiles of the journal (C2SP tlog-tiles)
 * ------------------------------------------------------------------------------- */

/* Digits, x, p, dots between and slashes: nothing that leaves the folder. */
static bool tile_path(cordon_str s) {
    for (size_t i = 0; i < s.n; i++) {
        const char p = s.p[i];
        const bool letter = (p >= '0' && p <= '9') || p == 'x' || p == 'p' || (p >= 'a' && p <= 'z');
        const bool dot = p == '.' && i > 0 && s.p[i - 1] != '.' && s.p[i - 1] != '/';
        const bool slash = p == '/' && i > 0 && s.p[i - 1] != '/';
        if (!letter && !dot && !slash)
            return false;
    }
    return s.n > 0 && s.n < 200;
}

enum handled state_tile(struct call *c) {
    char path[CONFIG_TEXT + 256];
    struct stat st;
    const cordon_str name = c->params[0];
    const int n = snprintf(path, sizeof(path), "%s/journal/tile/%.*s", cfg(c->d)->data, CDN_FMT(name));
    const bool right = tile_path(name) && n > 0 && (size_t)n < sizeof(path);
    const int fd = right ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        if (fd >= 0)
            (void)close(fd);
        reply_problem(c,
                      404,
                      "no-such-tile",
                      "There is no such tile",
                      "The checkpoint says how many records there are.");
        return HANDLED;
    }
    c->reply.fd = fd;
    c->reply.fd_size = (uint64_t)st.st_size;
    c->reply.type = "application/octet-stream";
    return HANDLED;
}

/* ---- duties for those who work with tables
 * ---------------------------------------------------------------------------- */

enum handled state_duties_csv(struct call *c) {
    static const char *const columns[] = {"decision",
                                          "number",
                                          "measure",
                                          "kind",
                                          "text",
                                          "to",
                                          "due",
                                          "overdue",
                                          "since",
                                          "party",
                                          "reference"};
    struct cdn_buf json;
    cdn_buf_init(&json, &cdn_alloc_libc, CDN_MIB(64));
    if (looked(c, &json)) {
        if (csv_write(cdn_buf_get(&json), columns, CDN_ARRAY_LEN(columns), &c->reply.body)) {
            reply_problem(
                c, 500, "internal", "The export failed", "The service's own form was not understood.");
        } else {
            c->reply.type = "text/csv; charset=utf-8";
            reply_header(&c->reply, "Content-Disposition", "attachment; filename=\"duties.csv\"");
        }
    }
    cdn_buf_free(&json);
    return HANDLED;
}
