/*
 * Kills a process at its k-th system call, whichever of its threads makes it: the process is gone before the call is carried out.
 *
 *     killat K PID                  of a process that runs, counted from when "attached" is printed
 *     killat K FOLDER PROGRAM ...   of a process that is started; only calls that change files in a folder count
 *
 * Only calls count that others can see something of: of files and of sockets. Prints "killed at call K: NUMBER" (of the call, as in <sys/syscall.h>), or
 * "ended after N calls".
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t process;
static const char *folder; /* NULL: everywhere */
static long counted;

static int changes(long call)
{
    switch (call) {
    case SYS_write: case SYS_pwrite64: case SYS_writev: case SYS_pwritev: case SYS_fsync: case SYS_fdatasync: case SYS_ftruncate: case SYS_fallocate:
    case SYS_fchmod: case SYS_fchown: case SYS_unlink: case SYS_unlinkat: case SYS_rename: case SYS_renameat: case SYS_renameat2: case SYS_link: case SYS_linkat:
        return 1;
    }
    return 0;
}

static int looks_or_talks(long call)
{
    switch (call) {
    case SYS_open: case SYS_openat: case SYS_close: case SYS_read: case SYS_pread64: case SYS_preadv: case SYS_readv: case SYS_fcntl: case SYS_flock:
    case SYS_stat: case SYS_lstat: case SYS_fstat: case SYS_newfstatat: case SYS_statx: case SYS_access: case SYS_mkdir: case SYS_fstatfs: case SYS_statfs:
    case SYS_sendmsg: case SYS_sendto: case SYS_recvmsg: case SYS_recvfrom: case SYS_shutdown: case SYS_socket: case SYS_connect: case SYS_accept4:
        return 1;
    }
    return 0;
}

/* Calls by path are rare enough to count wherever it leads. */
static int is_in_folder(long call, unsigned long fd)
{
    char link[64], path[4096];
    switch (call) {
    case SYS_unlink: case SYS_unlinkat: case SYS_rename: case SYS_renameat: case SYS_renameat2: case SYS_link: case SYS_linkat:
        return 1;
    }
    snprintf(link, sizeof link, "/proc/%d/fd/%lu", process, fd);
    ssize_t length = readlink(link, path, sizeof path);
    return length > 0 && strncmp(path, folder, strlen(folder)) == 0;
}

static int counts(pid_t thread, long *call)
{
    struct __ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) <= 0 || info.op != PTRACE_SYSCALL_INFO_ENTRY) return 0;
    *call = (long)info.entry.nr;
    return folder == NULL ? changes(*call) || looks_or_talks(*call) : changes(*call) && is_in_folder(*call, info.entry.args[0]);
}

static const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL;

/* Threads may be born while those that are there are being attached to: until there is no new one. */
static void attach(void)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", process);
    for (int found = 1; found;) {
        found = 0;
        DIR *tasks = opendir(path);
        if (tasks == NULL) { perror(path); exit(2); }
        for (struct dirent *task; (task = readdir(tasks)) != NULL;)
            if (atoi(task->d_name) > 0 && ptrace(PTRACE_SEIZE, atoi(task->d_name), 0, options) == 0) {
                ptrace(PTRACE_INTERRUPT, atoi(task->d_name), 0, 0);
                found = 1;
            }
        closedir(tasks);
    }
}

static void start(char **program)
{
    process = fork();
    if (process == 0) {
        raise(SIGSTOP);
        execvp(program[0], program);
        _exit(127);
    }
    waitpid(process, NULL, WUNTRACED);
    if (ptrace(PTRACE_SEIZE, process, 0, options) != 0) { perror("ptrace"); exit(2); }
    ptrace(PTRACE_INTERRUPT, process, 0, 0);
    kill(process, SIGCONT);
}

int main(int argc, char **argv)
{
    long k = atol(argv[1]);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc > 3) { folder = argv[2]; start(argv + 3); } else { process = atoi(argv[2]); attach(); }
    printf("attached\n");
    for (;;) {
        int status;
        long call = 0;
        pid_t thread = waitpid(-1, &status, __WALL);
        if (thread < 0) {
            if (errno == EINTR) continue;
            break;
        }
        if (!WIFSTOPPED(status)) {
            if (thread == process) break;
            continue;
        }
        int signal = WSTOPSIG(status);
        if (signal == (SIGTRAP | 0x80)) {
            if (counts(thread, &call) && ++counted == k) {
                kill(process, SIGKILL);
                printf("killed at call %ld: %ld\n", k, call);
                continue;
            }
            signal = 0;
        } else if (status >> 16 != 0) signal = 0;
        ptrace(PTRACE_SYSCALL, thread, 0, signal);
    }
    if (counted < k) printf("ended after %ld calls\n", counted);
    return 0;
}
