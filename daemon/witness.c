/* SPDX-License-Identifier: Apache-2.0 */
/* witness.c: looks for a new checkpoint every second and hands it on.
 *
 * A witness that does not answer delays nothing but itself: the newest checkpoint is tried again with growing
 * pauses, and those between are skipped, because a checkpoint covers all that came before it. */
#include "witness.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

enum { MOST_PAUSE = 300 };

struct witness {
    struct daemon *d;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t news;
    bool over;
    struct cdn_buf last, now;
};

static bool write_file(const char *path, cordon_str text) {
    char temporary[CONFIG_TEXT + 8];
    (void)snprintf(temporary, sizeof(temporary), "%s.new", path);
    const int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return false;
    const bool ok = write(fd, text.p, text.n) == (ssize_t)text.n && fsync(fd) == 0;
    return close(fd) == 0 && ok && rename(temporary, path) == 0;
}

static size_t drop(char *p, size_t size, size_t n, void *ctx) {
    (void)p;
    (void)ctx;
    return size * n;
}

static bool push(const char *url, cordon_str text) {
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: text/plain; charset=utf-8");
    long status = 0;
    bool ok = curl && headers;
    ok = ok && curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_POSTFIELDS, text.p) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)text.n) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_TIMEOUT, 10L) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop) == CURLE_OK;
    ok = ok && curl_easy_perform(curl) == CURLE_OK;
    ok = ok && curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK && status >= 200 &&
         status < 300;
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return ok;
}

/* True when nothing is left to hand on. */
static bool hand_on(struct witness *w) {
    struct cdn_service_caller local;
    const struct cdn_service_query q = {0};
    cordon_error e = {0};
    uint8_t refusal = 0;
    cdn_service_local(&local);
    cdn_buf_clear(&w->now);
    if (cdn_service_look(w->d->service, &local, CDN_VIEW_CHECKPOINT, &q, &w->now, &refusal, &e) ||
        w->now.n == 0)
        return true; /* there is none yet */
    if (cdn_str_eq(cdn_buf_get(&w->now), cdn_buf_get(&w->last)))
        return true;
    const struct config *c = cfg(w->d);
    const bool written = !c->witness_file[0] || write_file(c->witness_file, cdn_buf_get(&w->now));
    const bool pushed = !c->witness_url[0] || push(c->witness_url, cdn_buf_get(&w->now));
    if (!written || !pushed) {
        log_say(LOG_LEVEL_WARNING,
                "witness",
                "why",
                written ? "the push failed" : "the file could not be written");
        return false;
    }
    cdn_buf_clear(&w->last);
    cdn_buf_put(&w->last, w->now.p, w->now.n);
    return true;
}

static void *work(void *arg) {
    struct witness *w = arg;
    time_t pause = 1;
    (void)pthread_mutex_lock(&w->lock);
    while (!w->over) {
        struct timespec until;
        (void)pthread_mutex_unlock(&w->lock);
        pause = hand_on(w) ? 1 : CDN_MIN(pause * 2, (time_t)MOST_PAUSE);
        (void)pthread_mutex_lock(&w->lock);
        (void)clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += pause;
        if (!w->over)
            (void)pthread_cond_timedwait(&w->news, &w->lock, &until);
    }
    (void)pthread_mutex_unlock(&w->lock);
    return NULL;
}

struct witness *witness_start(struct daemon *d) {
    struct witness *w = calloc(1, sizeof(*w));
    pthread_condattr_t monotonic; /* a wall clock that is set back would make it wait as long */
    if (!w)
        return NULL;
    w->d = d;
    cdn_buf_init(&w->last, &cdn_alloc_libc, CDN_MIB(1));
    cdn_buf_init(&w->now, &cdn_alloc_libc, CDN_MIB(1));
    (void)pthread_mutex_init(&w->lock, NULL);
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&w->news, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || pthread_create(&w->thread, NULL, work, w) != 0) {
        log_say(LOG_LEVEL_ERROR, "witness", "why", "it could not be started");
        free(w);
        return NULL;
    }
    return w;
}

void witness_stop(struct witness *w) {
    if (!w)
        return;
    (void)pthread_mutex_lock(&w->lock);
    w->over = true;
    (void)pthread_cond_signal(&w->news);
    (void)pthread_mutex_unlock(&w->lock);
    (void)pthread_join(w->thread, NULL);
    cdn_buf_free(&w->last);
    cdn_buf_free(&w->now);
    (void)pthread_mutex_destroy(&w->lock);
    (void)pthread_cond_destroy(&w->news);
    curl_global_cleanup();
    free(w);
}
