/*
 * A disk that fails on demand. Preloaded into a process, it stands between it and libc: a call on a file whose path contains a
 * given text (ends so, if there is a $ behind it) fails with a given error, from the k-th time on, for so many times. The order is a line in the file that
 * FAULTS names, and may change at any moment:
 *
 *     SERIAL CALL TEXT ERRNO SKIP TIMES        7 fsync queue.db-wal 5 0 1
 *
 * A new SERIAL starts counting anew. An empty or missing file: nothing fails. The call "any" is every call that stands below, so that the k-th call of
 * all can be made to fail, whatever it is. With the errno 0 nothing fails. What was counted by "any", and what failed, is told in the file FAULTS.told, a
 * line each: SERIAL CALL PATH.
 *
 * Callers that look libc's functions up by name (the runtime does, for the program's own calls) get these too.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/vfs.h>
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

/* The kernel is used directly, here and below, so as not to come back here. */
static void tell(const char *orders, int serial, const char *call, const char *path)
{
    char told[512], line[1024];
    snprintf(told, sizeof told, "%s.told", orders);
    int length = snprintf(line, sizeof line, "%d %s %s\n", serial, call, path);
    int fd = (int)syscall(SYS_openat, AT_FDCWD, told, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return;
    syscall(SYS_write, fd, line, length);
    syscall(SYS_close, fd);
}

/* True if this call is to fail; errno is set. */
static int fails(const char *call, const char *path)
{
    const char *orders = getenv("FAULTS");
    char line[512], order_call[32], text[256];
    int serial, error, skip, times, saved = errno;
    if (orders == NULL || path == NULL) return 0;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, orders, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0) { errno = saved; return 0; }
    long length = syscall(SYS_read, fd, line, sizeof line - 1);
    syscall(SYS_close, fd);
    errno = saved;
    if (length <= 0) return 0;
    line[length] = 0;
    if (sscanf(line, "%d %31s %255s %d %d %d", &serial, order_call, text, &error, &skip, &times) != 6) return 0;
    int any = strcmp(order_call, "any") == 0;
    if ((!any && strcmp(order_call, call) != 0) || !matches(path, text)) return 0;
    if (__atomic_exchange_n(&counted_serial, serial, __ATOMIC_SEQ_CST) != serial) __atomic_store_n(&count, 0, __ATOMIC_SEQ_CST);
    int turn = __atomic_fetch_add(&count, 1, __ATOMIC_SEQ_CST);
    int failing = error != 0 && turn >= skip && turn < skip + times;
    if (failing || (any && error == 0)) tell(orders, serial, call, path);
    errno = failing ? error : saved;
    return failing;
}

static int fails_fd(const char *call, int fd)
{
    char link[64], path[512];
    int saved = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    errno = saved;
    if (length < 0 || path[0] != '/') return 0;
    path[length] = 0;
    return fails(call, path);
}

static void *libc_of(const char *name)
{
    static void *(*look_up)(void *, const char *);
    if (look_up == NULL) look_up = (void *(*)(void *, const char *))dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.2.5");
    return look_up(RTLD_NEXT, name);
}

#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (real == NULL) real = (type (*)(__VA_ARGS__))libc_of(#name)

/* CALL(what it is called in an order, how its file is found: by path or by descriptor, what it returns when it fails, its own signature) */
#define BY_PATH(call, type, failed, name, file, parameters, arguments) \
    type name parameters { static type (*real) parameters; if (real == NULL) real = (type (*) parameters)libc_of(#name); \
        return fails(call, file) ? failed : real arguments; }
#define BY_FD(call, type, failed, name, file, parameters, arguments) \
    type name parameters { static type (*real) parameters; if (real == NULL) real = (type (*) parameters)libc_of(#name); \
        return fails_fd(call, file) ? failed : real arguments; }

BY_FD("fsync", int, -1, fsync, fd, (int fd), (fd))
BY_FD("fsync", int, -1, fdatasync, fd, (int fd), (fd))
BY_FD("ftruncate", int, -1, ftruncate, fd, (int fd, off_t n), (fd, n))
BY_FD("ftruncate", int, -1, ftruncate64, fd, (int fd, off64_t n), (fd, n))
BY_FD("fallocate", int, -1, fallocate64, fd, (int fd, int mode, off64_t o, off64_t n), (fd, mode, o, n))
BY_FD("write", ssize_t, -1, write, fd, (int fd, const void *p, size_t n), (fd, p, n))
BY_FD("pwrite", ssize_t, -1, pwrite, fd, (int fd, const void *p, size_t n, off_t o), (fd, p, n, o))
BY_FD("pwrite", ssize_t, -1, pwrite64, fd, (int fd, const void *p, size_t n, off64_t o), (fd, p, n, o))
BY_FD("pwrite", ssize_t, -1, pwritev64, fd, (int fd, const struct iovec *v, int n, off64_t o), (fd, v, n, o))
BY_FD("read", ssize_t, -1, read, fd, (int fd, void *p, size_t n), (fd, p, n))
BY_FD("pread", ssize_t, -1, pread, fd, (int fd, void *p, size_t n, off_t o), (fd, p, n, o))
BY_FD("pread", ssize_t, -1, pread64, fd, (int fd, void *p, size_t n, off64_t o), (fd, p, n, o))
BY_FD("pread", ssize_t, -1, preadv64, fd, (int fd, const struct iovec *v, int n, off64_t o), (fd, v, n, o))
BY_FD("seek", off64_t, -1, lseek64, fd, (int fd, off64_t o, int whence), (fd, o, whence))
BY_FD("chmod", int, -1, fchmod, fd, (int fd, mode_t mode), (fd, mode))
BY_FD("chown", int, -1, fchown, fd, (int fd, uid_t u, gid_t g), (fd, u, g))
BY_FD("utime", int, -1, futimens, fd, (int fd, const struct timespec t[2]), (fd, t))
BY_FD("stat", int, -1, fstat, fd, (int fd, struct stat *s), (fd, s))
BY_FD("stat", int, -1, fstat64, fd, (int fd, struct stat64 *s), (fd, s))
BY_FD("stat", int, -1, __fxstat64, fd, (int version, int fd, struct stat64 *s), (version, fd, s))
BY_FD("statfs", int, -1, fstatfs64, fd, (int fd, struct statfs64 *s), (fd, s))
BY_FD("mmap", void *, MAP_FAILED, mmap, fd, (void *a, size_t n, int p, int f, int fd, off_t o), (a, n, p, f, fd, o))
BY_FD("mmap", void *, MAP_FAILED, mmap64, fd, (void *a, size_t n, int p, int f, int fd, off64_t o), (a, n, p, f, fd, o))

BY_PATH("stat", int, -1, stat, path, (const char *path, struct stat *s), (path, s))
BY_PATH("stat", int, -1, lstat, path, (const char *path, struct stat *s), (path, s))
BY_PATH("stat", int, -1, stat64, path, (const char *path, struct stat64 *s), (path, s))
BY_PATH("stat", int, -1, lstat64, path, (const char *path, struct stat64 *s), (path, s))
BY_PATH("stat", int, -1, __xstat64, path, (int version, const char *path, struct stat64 *s), (version, path, s))
BY_PATH("stat", int, -1, __lxstat64, path, (int version, const char *path, struct stat64 *s), (version, path, s))
BY_PATH("stat", int, -1, access, path, (const char *path, int mode), (path, mode))
BY_PATH("statfs", int, -1, statfs64, path, (const char *path, struct statfs64 *s), (path, s))
BY_PATH("statfs", int, -1, statvfs, path, (const char *path, struct statvfs *s), (path, s))
BY_PATH("unlink", int, -1, unlink, path, (const char *path), (path))
BY_PATH("rename", int, -1, rename, path, (const char *path, const char *to), (path, to))
BY_PATH("link", int, -1, link, path, (const char *path, const char *to), (path, to))
BY_PATH("mkdir", int, -1, mkdir, path, (const char *path, mode_t mode), (path, mode))
BY_PATH("rmdir", int, -1, rmdir, path, (const char *path), (path))
BY_PATH("chmod", int, -1, chmod, path, (const char *path, mode_t mode), (path, mode))
BY_PATH("opendir", DIR *, NULL, opendir, path, (const char *path), (path))
BY_PATH("utime", int, -1, utimensat, path, (int at, const char *path, const struct timespec t[2], int flags), (at, path, t, flags))

BY_PATH("stat", int, -1, faccessat, path, (int at, const char *path, int mode, int flags), (at, path, mode, flags))
BY_PATH("chown", int, -1, chown, path, (const char *path, uid_t u, gid_t g), (path, u, g))

/* By path, or by descriptor if that is empty. */
int statx(int at, const char *path, int flags, unsigned mask, struct statx *s)
{
    REAL(int, statx, int, const char *, int, unsigned, struct statx *);
    return (path[0] != 0 ? fails("stat", path) : fails_fd("stat", at)) ? -1 : real(at, path, flags, mask, s);
}

/* A connection that comes in: its path is /socket. */
int accept4(int fd, struct sockaddr *restrict address, socklen_t *restrict length, int flags)
{
    REAL(int, accept4, int, struct sockaddr *restrict, socklen_t *restrict, int);
    return fails("accept", "/socket") ? -1 : real(fd, address, length, flags);
}

/* A descriptor is gone, whatever its close says. */
int close(int fd)
{
    REAL(int, close, int);
    if (!fails_fd("close", fd)) return real(fd);
    int error = errno;
    real(fd);
    errno = error;
    return -1;
}

/* Taking a lock. Giving one back does not fail on a disk of this machine, whatever the disk does. */
int flock(int fd, int operation)
{
    REAL(int, flock, int, int);
    return !(operation & LOCK_UN) && fails_fd("lock", fd) ? -1 : real(fd, operation);
}

static int locks(int command, const void *lock)
{
    return command == F_GETLK || ((command == F_SETLK || command == F_SETLKW) && ((const struct flock *)lock)->l_type != F_UNLCK);
}

/* Its third argument is a word, whatever it is. */
int fcntl(int fd, int command, ...)
{
    va_list rest;
    va_start(rest, command);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    REAL(int, fcntl, int, int, ...);
    return locks(command, argument) && fails_fd("lock", fd) ? -1 : real(fd, command, argument);
}

int fcntl64(int fd, int command, ...)
{
    va_list rest;
    va_start(rest, command);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    REAL(int, fcntl64, int, int, ...);
    return locks(command, argument) && fails_fd("lock", fd) ? -1 : real(fd, command, argument);
}

static int mode_of(int flags, va_list rest) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, int) : 0; }

int open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    int mode = mode_of(flags, rest);
    va_end(rest);
    REAL(int, open, const char *, int, ...);
    return fails("open", path) ? -1 : real(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    int mode = mode_of(flags, rest);
    va_end(rest);
    REAL(int, open64, const char *, int, ...);
    return fails("open", path) ? -1 : real(path, flags, mode);
}

/* Those of the above that somebody may look up in libc by name. */
void *dlsym(void *library, const char *name)
{
    static const struct { const char *name; void *ours; } table[] = {
        { "open", open }, { "close", close }, { "fsync", fsync }, { "fdatasync", fdatasync }, { "ftruncate", ftruncate }, { "write", write },
        { "pwrite", pwrite }, { "read", read }, { "pread", pread }, { "flock", flock }, { "fcntl", fcntl }, { "fchmod", fchmod }, { "fchown", fchown },
        { "fstat", fstat }, { "stat", stat }, { "lstat", lstat }, { "access", access }, { "statvfs", statvfs }, { "unlink", unlink },
        { "rename", rename }, { "link", link }, { "mkdir", mkdir }, { "rmdir", rmdir }, { "chmod", chmod }, { "chown", chown }, { "statx", statx },
        { "faccessat", faccessat },
    };
    static void *(*real)(void *, const char *);
    if (real == NULL) real = (void *(*)(void *, const char *))dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.2.5");
    void *found = real(library, name);
    for (size_t i = 0; found != NULL && i < sizeof table / sizeof table[0]; i++)
        if (strcmp(name, table[i].name) == 0 && found == libc_of(name)) return table[i].ours;
    return found;
}
