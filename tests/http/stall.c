/* SPDX-License-Identifier: Apache-2.0 */
/* stall.c: a disk that a test can let hang or fail while the program runs: a library to be preloaded.
 *
 * What stands at the beginning of the file that DISK_MOOD names (int64_t, mapped) says what becomes of
 * fdatasync: 0 it is done, 1 it waits for another mood, 2 it fails with EIO. Only for tests. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { DONE, WAITS, FAILS };
static _Atomic int64_t always;
static _Atomic int64_t *mood = &always;

__attribute__((constructor)) static void map_mood(void) {
    const char *path = getenv("DISK_MOOD");
    const int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *at = file >= 0 ? mmap(NULL, sizeof(*mood), PROT_READ, MAP_SHARED, file, 0) : MAP_FAILED;
    if (at == MAP_FAILED)
        _exit(99); /* a test that goes on with a disk in order would show nothing */
    mood = at;
    (void)close(file);
}

int fdatasync(int file) {
    const struct timespec pause = {.tv_nsec = 1000000};
    while (atomic_load(mood) == WAITS)
        (void)nanosleep(&pause, NULL);
    if (atomic_load(mood) == FAILS) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, file);
}
