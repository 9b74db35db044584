/* SPDX-License-Identifier: Apache-2.0 */
/* clock.c: a wall clock that a test can set while the program runs: a library to be preloaded.
 *
 * Adds the seconds (int64_t) that stand at the beginning of the file that CLOCK_SHIFT names to what the
 * kernel says. The file is mapped: a write to it counts for the next reading. Monotonic time is the kernel's
 * own. Only for tests. */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static _Atomic int64_t none;
static _Atomic int64_t *shift = &none;

__attribute__((constructor)) static void map_shift(void) {
    const char *path = getenv("CLOCK_SHIFT");
    const int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *at = file >= 0 ? mmap(NULL, sizeof(*shift), PROT_READ, MAP_SHARED, file, 0) : MAP_FAILED;
    if (at == MAP_FAILED)
        _exit(99); /* a test that goes on with the real clock would show nothing */
    shift = at;
    (void)close(file);
}

int clock_gettime(clockid_t which, struct timespec *ret) {
    const int err = (int)syscall(SYS_clock_gettime, which, ret);
    if (err == 0 && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE))
        ret->tv_sec += atomic_load(shift);
    return err;
}

time_t time(time_t *ret) {
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (ret)
        *ret = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *ret, void *zone) {
    struct timespec now = {0};
    (void)zone;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    *ret = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return 0;
}
