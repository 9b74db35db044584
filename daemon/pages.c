/* SPDX-License-Identifier: Apache-2.0 */
/* pages.c: what the server says of itself: health, readiness, metrics, status page, its own description. */
#include "handlers.h"

#include <inttypes.h>
#include <time.h>

#include "base/num.h"
#include "openapi.h" /* made from docs/openapi.json */

static int64_t wall_now(void) {
    return (int64_t)time(NULL);
}

enum handled page_health(struct call *c) {
    c->reply.fixed = "{\"status\":\"ok\"}";
    c->reply.fixed_size = 15;
    return HANDLED;
}

enum handled page_ready(struct call *c) {
    const char *why = "";
    if (!cdn_service_ready(c->d->service, &why)) {
        reply_problem(
            c, 503, "not-ready", "No decision can be made now", "Reason: %s.", why && *why ? why : "closing");
        reply_header(&c->reply, "Retry-After", "1");
        return HANDLED;
    }
    c->reply.fixed = "{\"status\":\"ready\"}";
    c->reply.fixed_size = 18;
    return HANDLED;
}

enum handled page_version(struct call *c) {
    cdn_buf_printf(&c->reply.body, "{\"version\":\"%s\"}", cordon_version());
    return HANDLED;
}

enum handled page_openapi(struct call *c) {
    c->reply.fixed = (const char *)openapi_json;
    c->reply.fixed_size = sizeof(openapi_json);
    return HANDLED;
}

/* ---- metrics
 * ---------------------------------------------------------------------------------------------------------
 */

static void head(struct cdn_buf *b, const char *name, const char *type, const char *help) {
    cdn_buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void one(struct cdn_buf *b, const char *name, const char *type, const char *help, int64_t value) {
    head(b, name, type, help);
    cdn_buf_printf(b, "%s %" PRId64 "\n", name, value);
}

static void seconds(struct cdn_buf *b, uint64_t ns) {
    cdn_buf_printf(b, "%" PRIu64 ".%09u", ns / UINT64_C(1000000000), (unsigned)(ns % UINT64_C(1000000000)));
}

static void histogram(struct cdn_buf *b,
                      const char *name,
                      const char *help,
                      const struct cdn_service_histogram *h) {
    uint64_t sum = 0;
    head(b, name, "histogram", help);
    for (unsigned i = 0; i + 1 < CDN_SERVICE_BUCKETS; i++) {
        sum += h->buckets[i];
        cdn_buf_printf(b, "%s_bucket{le=\"", name);
        seconds(b, (UINT64_C(1) << i) * 1000);
        cdn_buf_printf(b, "\"} %" PRIu64 "\n", sum);
    }
    cdn_buf_printf(b, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum ", name, h->count, name);
    seconds(b, h->sum_ns);
    cdn_buf_printf(b, "\n%s_count %" PRIu64 "\n", name, h->count);
}

static void label(struct cdn_buf *b, const char *text) { /* a value of a label, escaped */
    for (const char *p = text; *p; p++) {
        if (*p == '"' || *p == '\\')
            cdn_buf_char(b, '\\');
        cdn_buf_char(b, *p == '\n' ? ' ' : *p);
    }
}

static void list_rows(struct cdn_buf *b, const struct cdn_service_metrics *m, const char *name, int which) {
    for (uint32_t i = 0; i < m->list_count; i++) {
        const struct cdn_service_list_age *l = &m->lists[i];
        const int64_t age = l->published ? wall_now() - l->published : -1;
        const int64_t use =
            l->published && l->first_used ? CDN_MAX(l->first_used - l->published, INT64_C(0)) : -1;
        const int64_t value = which == 0 ? age : which == 1 ? use : (int64_t)l->entries;
        if (value < 0)
            continue;
        cdn_buf_printf(b, "%s{list=\"", name);
        label(b, l->name);
        cdn_buf_printf(b, "\"} %" PRId64 "\n", value);
    }
}

static void write_state(struct cdn_buf *b, const struct cdn_service_metrics *m) {
    static const char *const ages[4] = {"hour", "day", "week", "older"};
    head(b,
         "cordon_list_age_seconds",
         "gauge",
         "Time since the list was published, as the current snapshot has it.");
    list_rows(b, m, "cordon_list_age_seconds", 0);
    head(b,
         "cordon_list_publication_to_use_seconds",
         "gauge",
         "Time from the list's publication to the first decision that used it.");
    list_rows(b, m, "cordon_list_publication_to_use_seconds", 1);
    head(b, "cordon_list_entries", "gauge", "Entries of the list.");
    list_rows(b, m, "cordon_list_entries", 2);
    if (m->geodata_date)
        one(b, "cordon_geodata_age_seconds", "gauge", "Age of the geodata.", wall_now() - m->geodata_date);
    head(b,
         "cordon_holds_open",
         "gauge",
         "Open holds, by age: younger than an hour, a day, a week, or older.");
    for (unsigned i = 0; i < 4; i++)
        cdn_buf_printf(b, "cordon_holds_open{age=\"%s\"} %" PRIu64 "\n", ages[i], m->holds_open[i]);
    one(b, "cordon_appeals_open", "gauge", "Open appeals.", (int64_t)m->appeals_open);
    one(b, "cordon_duties_open", "gauge", "Duties to be done.", (int64_t)m->duties_open);
    one(b, "cordon_duties_overdue", "gauge", "Duties past their time.", (int64_t)m->duties_overdue);
    one(b,
        "cordon_drafts_waiting",
        "gauge",
        "Drafts that wait for a second person.",
        (int64_t)m->drafts_waiting);
    one(b, "cordon_ready", "gauge", "1: decisions can be made.", m->ready);
    one(b,
        "cordon_snapshot_since_seconds",
        "gauge",
        "When the current snapshot was activated.",
        m->snapshot_since);
}

static void write_service(struct cdn_buf *b, const struct cdn_service_metrics *m) {
    head(b,
         "cordon_decided_total",
         "counter",
         "Decisions made and recorded, by verdict, with those of batches.");
    for (int v = CORDON_VERDICT_ALLOW; v <= CORDON_VERDICT_FREEZE; v++)
        cdn_buf_printf(
            b, "cordon_decided_total{verdict=\"%s\"} %" PRIu64 "\n", cordon_verdict_name(v), m->decisions[v]);
    one(b,
        "cordon_repeated_total",
        "counter",
        "Answers given again for an idempotency key.",
        (int64_t)m->repeated);
    head(b, "cordon_no_verdict_total", "counter", "Requests without a verdict, by reason.");
    for (unsigned i = 1; i < CDN_REFUSAL_COUNT; i++)
        cdn_buf_printf(b,
                       "cordon_no_verdict_total{reason=\"%s\"} %" PRIu64 "\n",
                       cdn_service_refusal_name(i),
                       m->refusals[i]);
    histogram(b, "cordon_decide_seconds", "From asked to decided.", &m->decide);
    histogram(b, "cordon_durable_seconds", "From asked to a durable answer.", &m->durable);
    histogram(b, "cordon_commit_seconds", "One group of the journal, written and synced.", &m->commit);
    one(b, "cordon_journal_records", "gauge", "Records of the journal.", (int64_t)m->journal_size);
    one(b,
        "cordon_journal_durable_records",
        "gauge",
        "Records that are durable.",
        (int64_t)m->journal_durable);
    one(b,
        "cordon_journal_waiting",
        "gauge",
        "Records that wait to be durable.",
        (int64_t)m->journal_waiting);
    one(b,
        "cordon_journal_failures_total",
        "counter",
        "Groups that could not be written.",
        (int64_t)m->journal_failures);
    one(b, "cordon_snapshot_swaps_total", "counter", "Snapshots taken into use.", (int64_t)m->swaps);
    one(b, "cordon_reloads_total", "counter", "Reloads that were asked for.", (int64_t)m->reloads);
    one(b,
        "cordon_reload_failures_total",
        "counter",
        "Reloads refused; the old snapshot stayed.",
        (int64_t)m->reload_failures);
}

enum handled page_metrics(struct call *c) {
    struct cdn_service_metrics m = {0};
    cdn_service_metrics(c->d->service, &m);
    metrics_write(&c->d->metrics, route_name, &c->reply.body);
    write_service(&c->reply.body, &m);
    write_state(&c->reply.body, &m);
    c->reply.type = "text/plain; version=0.0.4; charset=utf-8";
    return HANDLED;
}

/* ---- status page
 * ------------------------------------------------------------------------------------------------------- */

static void html(struct cdn_buf *b, const char *text) {
    for (const char *p = text; *p; p++) {
        switch (*p) {
        case '<':
            cdn_buf_z(b, "&lt;");
            break;
        case '&':
            cdn_buf_z(b, "&amp;");
            break;
        case '"':
            cdn_buf_z(b, "&quot;");
            break;
        default:
            cdn_buf_char(b, *p);
        }
    }
}

static void age(struct cdn_buf *b, int64_t s) {
    if (s < 0)
        cdn_buf_z(b, "not known");
    else if (s < 7200)
        cdn_buf_printf(b, "%" PRId64 " min", s / 60);
    else if (s < 172800)
        cdn_buf_printf(b, "%" PRId64 " h", s / 3600);
    else
        cdn_buf_printf(b, "%" PRId64 " days", s / 86400);
}

static void row(struct cdn_buf *b, const char *what, uint64_t value) {
    cdn_buf_printf(b, "<tr><td>%s<td class=n>%" PRIu64 "\n", what, value);
}

static void write_lists(struct cdn_buf *b, const struct cdn_service_metrics *m) {
    cdn_buf_z(
        b, "<h2>Data</h2><table><tr><th>list<th>entries<th>published<th>age<th>publication to first use\n");
    for (uint32_t i = 0; i < m->list_count; i++) {
        const struct cdn_service_list_age *l = &m->lists[i];
        cdn_buf_z(b, "<tr><td>");
        html(b, l->name);
        cdn_buf_printf(b, "<td class=n>%" PRIu64 "<td>", l->entries);
        if (l->published)
            cdn_time_write(b, l->published);
        cdn_buf_z(b, "<td>");
        age(b, l->published ? wall_now() - l->published : -1);
        cdn_buf_z(b, "<td>");
        if (l->first_used && l->published)
            age(b, CDN_MAX(l->first_used - l->published, INT64_C(0)));
        else
            cdn_buf_z(b, "not used yet");
        cdn_buf_char(b, '\n');
    }
    cdn_buf_z(b, "<tr><td>geodata<td><td>");
    if (m->geodata_date)
        cdn_time_write(b, m->geodata_date);
    cdn_buf_z(b, "<td>");
    age(b, m->geodata_date ? wall_now() - m->geodata_date : -1);
    cdn_buf_z(b, "<td></table>\n");
}

enum handled page_status(struct call *c) {
    struct cdn_service_metrics m = {0};
    struct cdn_buf *b = &c->reply.body;
    cdn_service_metrics(c->d->service, &m);
    cdn_buf_z(
        b,
        "<!doctype html><html lang=en><meta charset=utf-8><title>Cordon: "
        "status</title><style>body{font:16px/1.5 "
        "sans-serif;margin:2em auto;max-width:60em;padding:0 "
        "1em}table{border-collapse:collapse}td,th{padding:.2em "
        "1em .2em 0;text-align:left}.n{text-align:right}.bad{color:#b00020}</style><h1>Cordon</h1>\n<p>");
    if (m.ready) {
        cdn_buf_z(b, "Ready.");
    } else {
        cdn_buf_z(b, "<strong class=bad>Not ready: ");
        html(b, m.not_ready);
        cdn_buf_z(b, ". No request is allowed until that is over.</strong>");
    }
    cdn_buf_printf(b, " Version %s. Snapshot in use since ", cordon_version());
    cdn_time_write(b, m.snapshot_since);
    cdn_buf_z(b, ".\n");
    write_lists(b, &m);
    cdn_buf_z(b, "<h2>Open</h2><table>\n");
    row(b, "holds, younger than an hour", m.holds_open[0]);
    row(b, "holds, younger than a day", m.holds_open[1]);
    row(b, "holds, younger than a week", m.holds_open[2]);
    row(b, "holds, older", m.holds_open[3]);
    row(b, "appeals", m.appeals_open);
    row(b, "drafts that wait for a second person", m.drafts_waiting);
    row(b, "duties", m.duties_open);
    row(b, "duties past their time", m.duties_overdue);
    cdn_buf_z(b, "</table>\n<p>Next duty: ");
    if (m.next_due != CORDON_NEVER && m.next_due != 0)
        cdn_time_write(b, m.next_due);
    else
        cdn_buf_z(b, "none");
    cdn_buf_z(b,
              ". <a href=\"/v1/duties.csv\">All duties as CSV</a> (with a key).\n<h2>Decisions since the "
              "start</h2><table>\n");
    for (int v = CORDON_VERDICT_ALLOW; v <= CORDON_VERDICT_FREEZE; v++)
        row(b, cordon_verdict_name(v), m.decisions[v]);
    row(b, "records in the journal", m.journal_size);
    row(b, "failures of the journal", m.journal_failures);
    cdn_buf_z(b, "</table></html>\n");
    c->reply.type = "text/html; charset=utf-8";
    reply_header(&c->reply, "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
    return HANDLED;
}
