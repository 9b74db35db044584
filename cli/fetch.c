/* SPDX-License-Identifier: Apache-2.0 */
/* fetch.c: fetch.h over libcurl, which nothing else of Cordon knows. */
#include "fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>

#include <cordon/cordon.h>

#define MOST_REDIRECTS 5L

struct transfer {
    const struct fetch *f;
    struct fetched *to;
    CURL *curl;
    int fd;
    uint64_t have;   /* bytes in the file */
    uint64_t offset; /* of them before this transfer: it asked for the rest */
    bool placed;     /* the answer was looked at, and the file is ready for its body */
    long status;
    uint64_t range_from; /* of the answer; only with status 206 */
    bool ranged;
    uint64_t whole;                                   /* of a 416: all that there is; else 0 */
    char etag[FETCH_TEXT], last_modified[FETCH_TEXT]; /* of the answer */
    char part_etag[FETCH_TEXT], part_modified[FETCH_TEXT];
    char why[FETCH_TEXT]; /* why the body was not taken */
    bool for_good;        /* trying again would not help */
};

void fetch_begin(void) {
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

void fetch_end(void) {
    curl_global_cleanup();
}

static void copy_text(char *to, size_t size, const char *from, size_t n) {
    while (n > 0 && (from[n - 1] == '\r' || from[n - 1] == '\n' || from[n - 1] == ' '))
        n--;
    if (n >= size)
        n = 0; /* a validator that does not fit is no validator */
    memcpy(to, from, n);
    to[n] = '\0';
}

/* ---- what an earlier attempt left -----------------------------------------------------------------------
 */

static bool meta_path(const struct fetch *f, char ret[4096]) {
    const int n = snprintf(ret, 4096, "%s.meta", f->path);
    return n > 0 && n < 4096;
}

static void forget(const struct fetch *f) {
    char meta[4096];
    (void)unlink(f->path);
    if (meta_path(f, meta))
        (void)unlink(meta);
}

/* The part of this address that is here already, if it can be told whether it is still of the same version.
 */
static void recall(struct transfer *t) {
    char meta[4096];
    char lines[3][FETCH_URL] = {"", "", ""};
    struct stat st;
    t->have = 0;
    t->part_etag[0] = t->part_modified[0] = '\0';
    FILE *const in = meta_path(t->f, meta) ? fopen(meta, "re") : NULL;
    for (size_t i = 0; in && i < 3 && fgets(lines[i], sizeof(lines[i]), in); i++)
        lines[i][strcspn(lines[i], "\n")] = '\0';
    if (in)
        (void)fclose(in);
    /* A weak validator does not say that the bytes are the same. */
    const bool strong = lines[1][0] == '"';
    if (strcmp(lines[0], t->f->url) != 0 || (!strong && !lines[2][0]) || stat(t->f->path, &st) != 0 ||
        !S_ISREG(st.st_mode) || st.st_size <= 0) {
        forget(t->f);
        return;
    }
    t->have = (uint64_t)st.st_size;
    copy_text(t->part_etag, sizeof(t->part_etag), lines[1], strong ? strlen(lines[1]) : 0);
    copy_text(t->part_modified, sizeof(t->part_modified), lines[2], strlen(lines[2]));
}

static void remember(const struct transfer *t) {
    char meta[4096];
    FILE *const out = meta_path(t->f, meta) ? fopen(meta, "we") : NULL;
    if (!out)
        return;
    (void)fprintf(out, "%s\n%s\n%s\n", t->f->url, t->etag, t->last_modified);
    if (fclose(out) != 0)
        (void)unlink(meta);
}

/* ---- the answer -------------------------------------------------------------------------------------------
 */

static bool header_is(const char *line, size_t n, const char *name, const char **ret_value, size_t *ret_n) {
    const size_t k = strlen(name);
    if (n <= k || strncasecmp(line, name, k) != 0 || line[k] != ':')
        return false;
    size_t at = k + 1;
    while (at < n && line[at] == ' ')
        at++;
    *ret_value = line + at;
    *ret_n = n - at;
    return true;
}

static size_t on_header(char *line, size_t size, size_t count, void *ctx) {
    struct transfer *const t = ctx;
    const size_t n = size * count;
    const char *value = NULL;
    size_t length = 0;
    if (n > 5 && strncmp(line, "HTTP/", 5) == 0) { /* of a redirect, so far */
        t->etag[0] = t->last_modified[0] = '\0';
        t->ranged = false;
        t->whole = 0;
    } else if (header_is(line, n, "etag", &value, &length)) {
        copy_text(t->etag, sizeof(t->etag), value, length);
    } else if (header_is(line, n, "last-modified", &value, &length)) {
        copy_text(t->last_modified, sizeof(t->last_modified), value, length);
    } else if (header_is(line, n, "content-range", &value, &length) && length > 6 &&
               strncasecmp(value, "bytes ", 6) == 0) {
        const bool all = length > 8 && value[6] == '*' && value[7] == '/';
        const size_t first = all ? 8 : 6;
        uint64_t v = 0;
        size_t at = first;
        for (; at < length && value[at] >= '0' && value[at] <= '9' && v < UINT64_MAX / 16; at++)
            v = v * 10 + (uint64_t)(value[at] - '0');
        t->ranged = !all && at > first && at < length && value[at] == '-';
        t->range_from = v;
        t->whole = all ? v : 0;
    }
    return n;
}

static void refuse(struct transfer *t, bool for_good, const char *why) {
    (void)snprintf(t->why, sizeof(t->why), "%s", why);
    t->for_good = for_good;
}

/* Before the first byte of the body: does it continue what is here, or begin anew? */
static bool place(struct transfer *t) {
    if (curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &t->status) != CURLE_OK)
        return false;
    t->placed = true;
    if (t->status == 206 && (!t->ranged || t->range_from != t->offset || t->offset == 0)) {
        refuse(t, false, "the server answered with another part of the file than was asked for");
        forget(t->f);
        return false;
    }
    if (t->status != 206) {
        t->offset = t->have = 0;
        if (ftruncate(t->fd, 0) != 0 || lseek(t->fd, 0, SEEK_SET) != 0) {
            refuse(t, true, strerror(errno));
            return false;
        }
    }
    remember(t);
    return true;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *ctx) {
    struct transfer *const t = ctx;
    const size_t n = size * count;
    long status = 0;
    (void)curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200 && status != 206)
        return n; /* the page that comes with an error */
    if (!t->placed && !place(t))
        return 0;
    if (t->have + n > t->f->most) {
        char why[FETCH_TEXT];
        (void)snprintf(why,
                       sizeof(why),
                       "it is larger than %llu bytes, the most that is configured",
                       (unsigned long long)t->f->most);
        refuse(t, true, why);
        forget(t->f);
        return 0;
    }
    for (size_t at = 0; at < n;) {
        const ssize_t done = write(t->fd, bytes + at, n - at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0) {
            refuse(t, true, strerror(errno));
            return 0;
        }
        at += (size_t)done;
    }
    t->have += n;
    return n;
}

static int on_progress(void *ctx, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now) {
    struct transfer *const t = ctx;
    (void)up_total;
    (void)up_now;
    if (!t->f->progress || total <= 0)
        return 0;
    return t->f->progress(NULL, t->f->step, t->offset + (uint64_t)now, t->offset + (uint64_t)total);
}

/* ---- one transfer
 * ------------------------------------------------------------------------------------------- */

static struct curl_slist *add_header(struct curl_slist *list, const char *name, const char *value) {
    char line[FETCH_TEXT + 32];
    (void)snprintf(line, sizeof(line), "%s: %s", name, value);
    struct curl_slist *const more = value[0] ? curl_slist_append(list, line) : list;
    return more ? more : list;
}

static struct curl_slist *ask_for(struct transfer *t) {
    struct curl_slist *headers = NULL;
    if (t->have > 0) {
        char range[40];
        (void)snprintf(range, sizeof(range), "%llu-", (unsigned long long)t->have);
        (void)curl_easy_setopt(t->curl, CURLOPT_RANGE, range);
        return add_header(headers, "If-Range", t->part_etag[0] ? t->part_etag : t->part_modified);
    }
    headers = add_header(headers, "If-None-Match", t->f->etag);
    return add_header(headers, "If-Modified-Since", t->f->last_modified);
}

static bool set_up(struct transfer *t, struct curl_slist *headers, char error[CURL_ERROR_SIZE]) {
    const struct fetch *const f = t->f;
    CURL *const c = t->curl;
    const char *const later = strncmp(f->url, "https:", 6) == 0 ? "https" : "http,https";
    CURLcode bad = curl_easy_setopt(c, CURLOPT_URL, f->url);
    bad = bad ? bad : curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    bad = bad ? bad : curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, later);
    bad = bad ? bad : curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
    bad = bad ? bad : curl_easy_setopt(c, CURLOPT_MAXREDIRS, MOST_REDIRECTS);
    bad = bad ? bad : curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    bad = bad ? bad : curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, f->stall);
    bad = bad ? bad : curl_easy_setopt(c, CURLOPT_TIMEOUT, f->seconds);
    bad = bad ? bad : curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
    bad = bad ? bad : curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, f->stall);
    bad = bad ? bad : curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    bad = bad ? bad : curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
    bad = bad ? bad : curl_easy_setopt(c, CURLOPT_HEADERDATA, t);
    bad = bad ? bad : curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
    bad = bad ? bad : curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
    bad = bad ? bad : curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    bad = bad ? bad : curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
    bad = bad ? bad : curl_easy_setopt(c, CURLOPT_XFERINFODATA, t);
    bad = bad ? bad : curl_easy_setopt(c, CURLOPT_ERRORBUFFER, error);
    char agent[64];
    (void)snprintf(agent, sizeof(agent), "cordon/%s", cordon_version());
    bad = bad ? bad : curl_easy_setopt(c, CURLOPT_USERAGENT, agent);
    return bad == CURLE_OK;
}

/* What the transfer came to. True: there is something to be said for another try. */
static bool conclude(struct transfer *t, CURLcode code, const char *error) {
    struct fetched *const to = t->to;
    (void)curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &t->status);
    to->outcome = FETCH_FAILED;
    if (code == CURLE_OK && t->status == 304 && t->have == 0) {
        to->outcome = FETCH_NOT_MODIFIED;
    } else if (code == CURLE_OK && (t->status == 200 || t->status == 206)) {
        if (!t->placed && !place(t)) {
            (void)snprintf(to->reason, sizeof(to->reason), "%.500s", t->why);
            return !t->for_good;
        }
        if (fsync(t->fd) != 0) {
            (void)snprintf(to->reason, sizeof(to->reason), "%.500s", strerror(errno));
            return false;
        }
        to->outcome = FETCH_DONE;
        to->bytes = t->have;
        to->resumed = t->offset;
        memcpy(to->etag, t->etag, sizeof(to->etag));
        memcpy(to->last_modified, t->last_modified, sizeof(to->last_modified));
    } else if (code == CURLE_OK && t->status == 416 && t->have > 0 && t->whole == t->have) {
        /* Nothing is left to fetch of the same version: an earlier attempt got all of it. */
        to->outcome = FETCH_DONE;
        to->bytes = to->resumed = t->have;
        memcpy(to->etag, t->part_etag, sizeof(to->etag));
        memcpy(to->last_modified, t->part_modified, sizeof(to->last_modified));
    } else if (code == CURLE_OK) {
        if (t->status == 416) /* what is here is not a part of what is there */
            forget(t->f);
        (void)snprintf(to->reason, sizeof(to->reason), "the server answered with status %ld", t->status);
        return t->status >= 500 || t->status == 429 || t->status == 416 || t->status == 408;
    } else {
        const char *const why = t->why[0] ? t->why : error[0] ? error : curl_easy_strerror(code);
        (void)snprintf(to->reason, sizeof(to->reason), "%.500s", why);
        return !t->for_good && code != CURLE_TOO_MANY_REDIRECTS && code != CURLE_UNSUPPORTED_PROTOCOL &&
               code != CURLE_URL_MALFORMAT && code != CURLE_PEER_FAILED_VERIFICATION &&
               code != CURLE_COULDNT_RESOLVE_HOST && code != CURLE_ABORTED_BY_CALLBACK;
    }
    return false;
}

static bool once(const struct fetch *f, struct fetched *to) {
    struct transfer t = {.f = f, .to = to, .fd = -1};
    char error[CURL_ERROR_SIZE] = "";
    bool again = false;
    recall(&t);
    t.offset = t.have;
    t.fd = open(f->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644);
    t.curl = t.fd < 0 ? NULL : curl_easy_init();
    struct curl_slist *const headers = t.curl ? ask_for(&t) : NULL;
    if (t.fd < 0)
        (void)snprintf(to->reason, sizeof(to->reason), "%.300s: %s", f->path, strerror(errno));
    else if (!t.curl || !set_up(&t, headers, error))
        (void)snprintf(to->reason, sizeof(to->reason), "the transfer could not be set up");
    else
        again = conclude(&t, curl_easy_perform(t.curl), error);
    curl_slist_free_all(headers);
    curl_easy_cleanup(t.curl);
    if (t.fd >= 0)
        (void)close(t.fd);
    return again;
}

void fetch_file(const struct fetch *f, struct fetched *ret) {
    unsigned pause = f->pause;
    for (unsigned i = 0; i < f->tries; i++) {
        memset(ret, 0, sizeof(*ret));
        ret->outcome = FETCH_FAILED;
        if (!once(f, ret))
            return;
        if (i + 1 < f->tries) {
            struct timespec t = {.tv_sec = pause};
            (void)nanosleep(&t, NULL);
            pause *= 2;
        }
    }
}
