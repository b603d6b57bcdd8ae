/*
 * A disk that fails on demand. Preloaded into a process, it stands between it and libc: a call on a file whose path contains a
 * given text (ends so, if there is a $ behind it) fails with a given error, from the k-th time on, for so many times. The order is a line in the file that
 * FAULTS names, and may change at any moment:
 *
 *     SERIAL CALL TEXT ERRNO SKIP TIMES        7 fsync queue.db-wal 5 0 1
 *
 * A new SERIAL starts counting anew. An empty or missing file: nothing fails.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int counted_serial = -1;
static int count;

/* Whether a path contains a text; with a $ at its end, whether the path ends so. */
static int matches(const char *path, char *text)
{
    size_t text_length = strlen(text), path_length = strlen(path);
    if (text[text_length - 1] != '$') return strstr(path, text) != NULL;
    text_length--;
    return path_length >= text_length && strncmp(path + path_length - text_length, text, text_length) == 0;
}

/* True if this call is to fail; errno is set. Uses the kernel directly, so as not to come back here. */
static int fails(const char *call, const char *path)
{
    const char *orders = getenv("FAULTS");
    char line[512], order_call[32], text[256];
    int serial, error, skip, times, saved = errno;
    if (orders == NULL) return 0;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, orders, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0) { errno = saved; return 0; }
    long length = syscall(SYS_read, fd, line, sizeof line - 1);
    syscall(SYS_close, fd);
    errno = saved;
    if (length <= 0) return 0;
    line[length] = 0;
    if (sscanf(line, "%d %31s %255s %d %d %d", &serial, order_call, text, &error, &skip, &times) != 6) return 0;
    if (strcmp(order_call, call) != 0 || !matches(path, text)) return 0;
    if (__atomic_exchange_n(&counted_serial, serial, __ATOMIC_SEQ_CST) != serial) __atomic_store_n(&count, 0, __ATOMIC_SEQ_CST);
    int turn = __atomic_fetch_add(&count, 1, __ATOMIC_SEQ_CST);
    if (turn < skip || turn >= skip + times) return 0;
    errno = error;
    return 1;
}

static int fails_fd(const char *call, int fd)
{
    char link[64], path[512];
    int saved = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    errno = saved;
    if (length < 0) return 0;
    path[length] = 0;
    return fails(call, path);
}

#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (real == NULL) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

int fsync(int fd) { REAL(int, "fsync", int); return fails_fd("fsync", fd) ? -1 : real(fd); }
int fdatasync(int fd) { REAL(int, "fdatasync", int); return fails_fd("fsync", fd) ? -1 : real(fd); }
int ftruncate(int fd, off_t n) { REAL(int, "ftruncate", int, off_t); return fails_fd("ftruncate", fd) ? -1 : real(fd, n); }
int ftruncate64(int fd, off_t n) { REAL(int, "ftruncate64", int, off_t); return fails_fd("ftruncate", fd) ? -1 : real(fd, n); }
ssize_t pwrite(int fd, const void *p, size_t n, off_t o) { REAL(ssize_t, "pwrite", int, const void *, size_t, off_t); return fails_fd("pwrite", fd) ? -1 : real(fd, p, n, o); }
ssize_t pwrite64(int fd, const void *p, size_t n, off_t o) { REAL(ssize_t, "pwrite64", int, const void *, size_t, off_t); return fails_fd("pwrite", fd) ? -1 : real(fd, p, n, o); }
ssize_t pread(int fd, void *p, size_t n, off_t o) { REAL(ssize_t, "pread", int, void *, size_t, off_t); return fails_fd("pread", fd) ? -1 : real(fd, p, n, o); }
ssize_t pread64(int fd, void *p, size_t n, off_t o) { REAL(ssize_t, "pread64", int, void *, size_t, off_t); return fails_fd("pread", fd) ? -1 : real(fd, p, n, o); }
int unlink(const char *path) { REAL(int, "unlink", const char *); return fails("unlink", path) ? -1 : real(path); }

static int mode_of(int flags, va_list rest) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, int) : 0; }

int open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    int mode = mode_of(flags, rest);
    va_end(rest);
    REAL(int, "open", const char *, int, ...);
    return fails("open", path) ? -1 : real(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    int mode = mode_of(flags, rest);
    va_end(rest);
    REAL(int, "open64", const char *, int, ...);
    return fails("open", path) ? -1 : real(path, flags, mode);
}
