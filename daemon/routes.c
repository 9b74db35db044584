/* SPDX-License-Identifier: Apache-2.0 */
/* routes.c: every operation, in one table, and the finding of one.
 *
 * From the table come routing, 405 with Allow, the limits of bodies, roles, labels of metrics;
 * tests/http/openapi.py compares it (`cordond --routes`) with docs/openapi.json, both ways. A parameter takes
 * one segment; {name*} at the end takes all that follows, with its slashes, and may be empty; what a proxy
 * appends stays as it is. Often asked operations stand first. */
#include "handlers.h"

#include <assert.h>

#define DECIDE CDN_MAY_DECIDE
#define READ CDN_MAY_READ
#define AUTHOR CDN_MAY_AUTHOR
#define APPROVE CDN_MAY_APPROVE
#define AUDIT CDN_MAY_AUDIT
#define ADMIN CDN_MAY_ADMIN
#define ANY CDN_MAY_ALL

enum { ENFORCE_PATH = 3 }; /* number of the parameter that a proxy's client wrote */

#define SMALL (64u << 10) /* a reason, a signature */
#define LARGE (1u << 20)  /* a request */

#define LOOK(path, name, who, what)                                                                          \
    {                                                                                                        \
        .method = "GET", .pattern = path, .id = name, .run = state_look, .roles = who, .flags = ROUTE_LONG,  \
        .view = what                                                                                         \
    }
#define DO(verb, path, name, who, what, most, status)                                                        \
    {                                                                                                        \
        .method = verb, .pattern = path, .id = name, .run = state_do, .roles = who, .flags = ROUTE_LONG,     \
        .act = what, .body = most, .success = status                                                         \
    }

const struct route routes[] = {
    {.method = "POST",
     .pattern = "/v1/decide",
     .id = "decide",
     .run = answer_decide,
     .roles = DECIDE,
     .flags = ROUTE_TIMED,
     .body = LARGE},
    {.method = "*",
     .pattern = "/v1/enforce/{action}/{service}/{role}",
     .id = "enforce",
     .run = answer_enforce,
     .roles = DECIDE,
     .flags = ROUTE_TIMED | ROUTE_PROXY,
     .body = SMALL},
    {.method = "*",
     .pattern = "/v1/enforce/{action}/{service}/{role}/{path*}",
     .id = "enforcePath",
     .run = answer_enforce,
     .roles = DECIDE,
     .flags = ROUTE_TIMED | ROUTE_PROXY,
     .body = SMALL},
    {.method = "POST",
     .pattern = "/v1/batch",
     .id = "batch",
     .roles = DECIDE,
     .flags = ROUTE_STREAM,
     .body = LARGE},
    {.method = "POST",
     .pattern = "/v1/explain",
     .id = "explain",
     .run = answer_explain,
     .roles = READ,
     .flags = ROUTE_LONG,
     .body = LARGE},
    {.method = "POST",
     .pattern = "/v1/screen",
     .id = "screen",
     .run = answer_screen,
     .roles = READ,
     .flags = ROUTE_LONG,
     .body = LARGE},

    LOOK("/v1/measures", "listMeasures", READ, CDN_VIEW_MEASURES),
    LOOK("/v1/measures/{id*}", "getMeasure", READ, CDN_VIEW_MEASURES),
    LOOK("/v1/lists", "listLists", READ, CDN_VIEW_LISTS),
    LOOK("/v1/status", "getStatus", READ, CDN_VIEW_STATUS),

    LOOK("/v1/snapshots", "listSnapshots", READ, CDN_VIEW_SNAPSHOTS),
    LOOK("/v1/snapshots/{digest}", "getSnapshot", READ, CDN_VIEW_SNAPSHOTS),
    DO("POST", "/v1/snapshots", "buildSnapshot", AUTHOR, CDN_ACT_SNAPSHOT_BUILD, SMALL, 201),
    DO("POST",
       "/v1/snapshots/{digest}/activate",
       "activateSnapshot",
       APPROVE,
       CDN_ACT_SNAPSHOT_ACTIVATE,
       SMALL,
       200),
    DO("POST", "/v1/rollback", "rollBackSnapshot", APPROVE, CDN_ACT_SNAPSHOT_ROLLBACK, SMALL, 200),
    DO("POST", "/v1/reload", "reload", APPROVE, CDN_ACT_RELOAD, SMALL, 200),

    LOOK("/v1/journal/records", "searchRecords", AUDIT, CDN_VIEW_SEARCH),
    LOOK("/v1/journal/records/{index}", "getRecord", AUDIT, CDN_VIEW_RECORD),
    LOOK("/v1/journal/records/{index}/proof", "getProof", AUDIT, CDN_VIEW_PROOF),
    {.method = "GET",
     .pattern = "/v1/journal/checkpoint",
     .id = "getCheckpoint",
     .run = state_look,
     .flags = ROUTE_LONG | ROUTE_OPEN,
     .view = CDN_VIEW_CHECKPOINT},
    {.method = "GET",
     .pattern = "/v1/journal/tile/{path*}",
     .id = "getTile",
     .run = state_tile,
     .roles = AUDIT,
     .flags = ROUTE_LONG},
    DO("POST", "/v1/journal/records/{index}/erase", "eraseRecord", AUDIT, CDN_ACT_ERASE, SMALL, 200),
    DO("POST", "/v1/legal-holds", "placeLegalHold", AUDIT, CDN_ACT_LEGAL_HOLD, SMALL, 201),
    DO("POST", "/v1/legal-holds/{hold}/lift", "liftLegalHold", AUDIT, CDN_ACT_LEGAL_HOLD_LIFT, SMALL, 200),
    DO("POST", "/v1/backups", "backUp", AUDIT, CDN_ACT_BACKUP, SMALL, 201),

    LOOK("/v1/cases", "listCases", READ, CDN_VIEW_CASES),
    LOOK("/v1/cases/{case}", "getCase", READ, CDN_VIEW_CASE),
    DO("POST", "/v1/cases/{case}/comments", "commentCase", READ, CDN_ACT_CASE_COMMENT, SMALL, 201),
    DO("POST", "/v1/cases/{case}/evidence", "addCaseEvidence", READ, CDN_ACT_CASE_EVIDENCE, SMALL, 201),
    DO("POST", "/v1/cases/{case}/release", "releaseCase", ANY, CDN_ACT_CASE_RELEASE, SMALL, 200),
    DO("POST", "/v1/cases/{case}/refuse", "refuseCase", ANY, CDN_ACT_CASE_REFUSE, SMALL, 200),
    LOOK("/v1/clearances", "listClearances", READ, CDN_VIEW_CLEARANCES),
    DO("POST", "/v1/clearances", "grantClearance", AUTHOR, CDN_ACT_CLEARANCE, SMALL, 201),
    DO("POST",
       "/v1/clearances/{clearance}/withdraw",
       "withdrawClearance",
       AUTHOR,
       CDN_ACT_CLEARANCE_WITHDRAW,
       SMALL,
       200),
    LOOK("/v1/appeals", "listAppeals", READ, CDN_VIEW_APPEALS),
    LOOK("/v1/appeals/{appeal}", "getAppeal", READ, CDN_VIEW_APPEALS),
    DO("POST", "/v1/appeals", "openAppeal", AUTHOR, CDN_ACT_APPEAL_OPEN, SMALL, 201),
    DO("POST",
       "/v1/appeals/{appeal}/evidence",
       "addAppealEvidence",
       AUTHOR,
       CDN_ACT_APPEAL_EVIDENCE,
       SMALL,
       201),
    DO("POST", "/v1/appeals/{appeal}/resolve", "resolveAppeal", APPROVE, CDN_ACT_APPEAL_RESOLVE, SMALL, 200),

    LOOK("/v1/drafts", "listDrafts", READ, CDN_VIEW_DRAFTS),
    LOOK("/v1/drafts/{draft}", "getDraft", READ, CDN_VIEW_DRAFTS),
    DO("POST", "/v1/drafts", "createDraft", AUTHOR, CDN_ACT_DRAFT_CREATE, LARGE, 201),
    DO("POST", "/v1/drafts/{draft}/change", "changeDraft", AUTHOR, CDN_ACT_DRAFT_CHANGE, LARGE, 200),
    DO("POST", "/v1/drafts/{draft}/submit", "submitDraft", AUTHOR, CDN_ACT_DRAFT_SUBMIT, SMALL, 200),
    DO("POST", "/v1/drafts/{draft}/approve", "approveDraft", APPROVE, CDN_ACT_DRAFT_APPROVE, SMALL, 200),
    DO("POST", "/v1/drafts/{draft}/reject", "rejectDraft", APPROVE, CDN_ACT_DRAFT_REJECT, SMALL, 200),
    DO("POST", "/v1/drafts/{draft}/schedule", "scheduleDraft", APPROVE, CDN_ACT_DRAFT_SCHEDULE, SMALL, 200),
    DO("POST", "/v1/drafts/{draft}/withdraw", "withdrawDraft", AUTHOR, CDN_ACT_DRAFT_WITHDRAW, SMALL, 200),

    LOOK("/v1/duties", "listDuties", READ, CDN_VIEW_DUTIES),
    {.method = "GET",
     .pattern = "/v1/duties.csv",
     .id = "exportDuties",
     .run = state_duties_csv,
     .roles = READ,
     .flags = ROUTE_LONG,
     .view = CDN_VIEW_DUTIES},
    DO("POST", "/v1/duties/{decision}/done", "finishDuty", AUTHOR, CDN_ACT_DUTY_DONE, SMALL, 200),
    DO("POST", "/v1/usage/{decision}/reverse", "reverseUsage", DECIDE, CDN_ACT_USAGE_REVERSE, SMALL, 200),

    LOOK("/v1/keys", "listKeys", ADMIN, CDN_VIEW_KEYS),
    DO("POST", "/v1/keys", "createKey", ADMIN, CDN_ACT_KEY_CREATE, SMALL, 201),
    DO("POST", "/v1/keys/{key}/revoke", "revokeKey", ADMIN, CDN_ACT_KEY_REVOKE, SMALL, 200),
    DO("POST", "/v1/keys/{key}/signer", "setSigner", ADMIN, CDN_ACT_KEY_SIGNER, SMALL, 200),

    {.method = "GET", .pattern = "/v1/health", .id = "getHealth", .run = page_health, .flags = ROUTE_OPEN},
    {.method = "GET", .pattern = "/v1/ready", .id = "getReady", .run = page_ready, .flags = ROUTE_OPEN},
    {.method = "GET",
     .pattern = "/v1/version",
     .id = "getVersion",
     .run = page_version,
     .roles = ANY,
     .flags = ROUTE_LOCAL},
    {.method = "GET",
     .pattern = "/v1/openapi.json",
     .id = "getOpenapi",
     .run = page_openapi,
     .flags = ROUTE_OPEN},
    {.method = "GET",
     .pattern = "/metrics",
     .id = "getMetrics",
     .run = page_metrics,
     .roles = READ,
     .flags = ROUTE_LOCAL | ROUTE_LONG},
    {.method = "GET",
     .pattern = "/",
     .id = "getStatusPage",
     .run = page_status,
     .roles = READ,
     .flags = ROUTE_LOCAL | ROUTE_LONG},
};
const size_t route_count = CDN_ARRAY_LEN(routes);
static_assert(CDN_ARRAY_LEN(routes) <= METRIC_ROUTES, "a counter for each route");

const char *route_name(unsigned i) {
    return i < route_count ? routes[i].id : NULL;
}

/* ---- matching
 * ------------------------------------------------------------------------------------------------------- */

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Appends the decoded segment. CORDON_E_SYNTAX: a wrong escape, or one that gives NUL. */
static int decode(cordon_str s, struct cdn_buf *to) {
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '%') {
            cdn_buf_char(to, s.p[i]);
            continue;
        }
        const bool whole = s.n - i > 2;
        const int high = whole ? hex_digit(s.p[i + 1]) : -1;
        const int low = whole ? hex_digit(s.p[i + 2]) : -1;
        if (high < 0 || low < 0 || (high == 0 && low == 0))
            return CORDON_E_SYNTAX;
        cdn_buf_char(to, (char)(high * 16 + low));
        i += 2;
    }
    return 0;
}

/* Undecoded parameters in `params`; true when the path has the pattern's form. */
static bool has_form(const char *pattern,
                     cordon_str path,
                     cordon_str params[ROUTE_PARAMETERS],
                     size_t *ret_count) {
    const char *p = pattern;
    size_t i = 0;
    size_t count = 0;
    while (*p) {
        if (*p != '{') {
            if (i >= path.n || path.p[i] != *p)
                return false;
            p++;
            i++;
            continue;
        }
        const char *end = strchr(p, '}');
        if (!end || count >= ROUTE_PARAMETERS)
            return false;
        const bool all = end[-1] == '*';
        const size_t from = i;
        while (i < path.n && (all || path.p[i] != '/'))
            i++;
        if (i == from && !all)
            return false;
        params[count++] = cdn_str(path.p + from, i - from);
        p = end + 1;
    }
    *ret_count = count;
    return i == path.n;
}

int route_find(const char *method,
               cordon_str path,
               const struct route **ret,
               cordon_str params[ROUTE_PARAMETERS],
               struct cdn_buf *storage,
               struct cdn_buf *ret_allow) {
    size_t count = 0;
    const struct route *found = NULL;
    cordon_str raw[ROUTE_PARAMETERS] = {{0}};
    for (size_t i = 0; i < route_count && !found; i++) {
        if (!has_form(routes[i].pattern, path, raw, &count))
            continue;
        if (strcmp(routes[i].method, "*") == 0 || strcmp(routes[i].method, method) == 0) {
            found = &routes[i];
        } else {
            cdn_buf_z(ret_allow, ret_allow->n ? ", " : "");
            cdn_buf_z(ret_allow, routes[i].method);
            if (strcmp(routes[i].method, "GET") == 0)
                cdn_buf_z(ret_allow, ", HEAD");
        }
    }
    if (!found)
        return CORDON_E_NOTFOUND;
    size_t begins[ROUTE_PARAMETERS + 1] = {0};
    for (size_t i = 0; i < count; i++) {
        begins[i] = storage->n;
        if (found->flags & ROUTE_PROXY && i == ENFORCE_PATH)
            cdn_buf_str(storage, raw[i]); /* the client's, whatever it is */
        else if (decode(raw[i], storage))
            return CORDON_E_SYNTAX;
        begins[i + 1] = storage->n;
    }
    if (storage->err)
        return storage->err;
    for (size_t i = 0; i < count; i++) /* now that the storage no longer moves */
        params[i] = cdn_str(storage->p + begins[i], begins[i + 1] - begins[i]);
    *ret = found;
    return 0;
}
