/* Preloaded below a process: counts the calls that reach the disk in one folder, fails the n-th, writes down what was written.
 *
 * The process arms it by fault_arm(); calls that name a file or descriptor inside the folder count, all others pass. It stands
 * below SQLite (linked into pysqlite3) and Python alike, since both call the C library by name.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FDS 4096
static char folder[PATH_MAX];
static char names[FDS][256];          /* file name within the folder, by descriptor */
static volatile int armed, at, error_number, lasting, short_writes, calls;
static int log_to = -1;
static char hit[300];

#define REAL(ret, name, ...) static ret (*real_##name)(__VA_ARGS__); \
    if (!real_##name) real_##name = (ret (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

void fault_arm(const char *in, int n, int number, int shortly, int stays) {
    snprintf(folder, sizeof folder, "%s", in);
    at = n; error_number = number; short_writes = shortly; lasting = stays; calls = 0; hit[0] = 0; armed = 1;
}
void fault_disarm(void) { armed = 0; }
int fault_calls(void) { return calls; }
const char *fault_hit(void) { return hit; }
void fault_log(int fd) { log_to = fd; }

static const char *inside(const char *path) {
    size_t n = strlen(folder);
    return armed && path && !strncmp(path, folder, n) && path[n] == '/' ? path + n + 1 : NULL;
}
static const char *of(int fd) { return armed && fd >= 0 && fd < FDS && names[fd][0] ? names[fd] : NULL; }
static void opened(int fd, const char *name) {
    if (fd >= 0 && fd < FDS) snprintf(names[fd], sizeof names[fd], "%s", name ? name : "");
}
/* one line a call: verb, name, offset, length, then so many bytes */
static void note(const char *verb, const char *name, long long offset, const void *data, size_t size) {
    if (log_to < 0) return;
    REAL(ssize_t, write, int, const void *, size_t);
    char line[400];
    int n = snprintf(line, sizeof line, "%s\t%s\t%lld\t%zu\n", verb, name, offset, size);
    int saved = errno;
    if (real_write(log_to, line, n) != n) abort();
    for (size_t done = 0; data && done < size;) {
        ssize_t some = real_write(log_to, (const char *)data + done, size - done);
        if (some <= 0) abort();
        done += some;
    }
    errno = saved;
}
void fault_ack(const char *what) { note("ack", what, 0, NULL, 0); }
/* the error as this call could give it: only what writes finds a full disk, a look at a file is never interrupted */
static int told(const char *verb) {
    if (!strcmp(verb, "stat") || !strcmp(verb, "map") || !strcmp(verb, "lock")) return EIO;
    return !strcmp(verb, "read") && error_number != EINTR ? EIO : error_number;
}
static int fails(const char *verb, const char *name) {
    if (!name) return 0;
    calls++;
    if (!at || (lasting ? calls < at : calls != at)) return 0;
    if (!hit[0]) snprintf(hit, sizeof hit, "%s %s", verb, name);
    errno = told(verb);
    return 1;
}

static int open_any(int (*real)(const char *, int, ...), const char *path, int flags, mode_t mode) {
    const char *name = inside(path);
    if (fails("open", name)) return -1;
    struct stat there;
    int made = name && (flags & O_CREAT) && fstatat(AT_FDCWD, path, &there, AT_SYMLINK_NOFOLLOW);
    int fd = real(path, flags, mode);
    opened(fd, fd < 0 ? NULL : name ? name : armed && path && !strcmp(path, folder) ? "." : NULL);
    if (fd >= 0 && made) note("create", name, 0, NULL, 0);
    if (fd >= 0 && name && (flags & O_TRUNC)) note("truncate", name, 0, NULL, 0);
    return fd;
}
#define OPEN(name) int name(const char *path, int flags, ...) { \
    REAL(int, name, const char *, int, ...); mode_t mode = 0; \
    if (flags & O_CREAT) { va_list a; va_start(a, flags); mode = va_arg(a, mode_t); va_end(a); } \
    return open_any(real_##name, path, flags, mode); }
OPEN(open)
OPEN(open64)

int close(int fd) { REAL(int, close, int); opened(fd, NULL); return real_close(fd); }

#define PWRITE(name, off) ssize_t name(int fd, const void *data, size_t size, off offset) { \
    REAL(ssize_t, name, int, const void *, size_t, off); const char *file = of(fd); \
    if (fails("write", file)) { if (!short_writes || size < 2) return -1; size /= 2; } \
    ssize_t done = real_##name(fd, data, size, offset); \
    if (file && done > 0) note("write", file, offset, data, done); \
    return done; }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t write(int fd, const void *data, size_t size) {
    REAL(ssize_t, write, int, const void *, size_t);
    const char *file = of(fd);
    if (!file) return real_write(fd, data, size);
    if (fails("write", file)) { if (!short_writes || size < 2) return -1; size /= 2; }
    off_t offset = lseek(fd, 0, SEEK_CUR);
    ssize_t done = real_write(fd, data, size);
    if (done > 0) note("write", file, offset, data, done);
    return done;
}
#define READ(name, off) ssize_t name(int fd, void *data, size_t size, off offset) { \
    REAL(ssize_t, name, int, void *, size_t, off); \
    return fails("read", of(fd)) ? -1 : real_##name(fd, data, size, offset); }
READ(pread, off_t)
READ(pread64, off64_t)
ssize_t read(int fd, void *data, size_t size) {
    REAL(ssize_t, read, int, void *, size_t);
    return fails("read", of(fd)) ? -1 : real_read(fd, data, size);
}
#define SYNC(name) int name(int fd) { REAL(int, name, int); const char *file = of(fd); \
    if (fails("sync", file)) return -1; \
    int done = real_##name(fd); if (file && !done) note("sync", file, 0, NULL, 0); return done; }
SYNC(fsync)
SYNC(fdatasync)
#define TRUNCATE(name, off) int name(int fd, off size) { REAL(int, name, int, off); const char *file = of(fd); \
    if (fails("truncate", file)) return -1; \
    int done = real_##name(fd, size); if (file && !done) note("truncate", file, size, NULL, 0); return done; }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)
int unlink(const char *path) {
    REAL(int, unlink, const char *);
    const char *name = inside(path);
    if (fails("unlink", name)) return -1;
    int done = real_unlink(path);
    if (name && !done) note("unlink", name, 0, NULL, 0);
    return done;
}
int rename(const char *from, const char *to) {
    REAL(int, rename, const char *, const char *);
    const char *old = inside(from), *new = inside(to);
    if (fails("rename", old)) return -1;
    int done = real_rename(from, to);
    if (old && new && !done) note("rename", old, 0, new, strlen(new));
    return done;
}
int mkdir(const char *path, mode_t mode) {
    REAL(int, mkdir, const char *, mode_t);
    return fails("mkdir", inside(path)) ? -1 : real_mkdir(path, mode);
}
int rmdir(const char *path) {
    REAL(int, rmdir, const char *);
    return fails("rmdir", inside(path)) ? -1 : real_rmdir(path);
}
int unlinkat(int fd, const char *path, int flags) {
    REAL(int, unlinkat, int, const char *, int);
    return fails("unlink", of(fd)) ? -1 : real_unlinkat(fd, path, flags);
}
/* what is asked about a file, by every name that old and new C libraries have for it */
#define ASK(name, kind) int name(const char *path, struct kind *into) { \
    REAL(int, name, const char *, struct kind *); \
    return fails("stat", inside(path)) ? -1 : real_##name(path, into); }
#define ASK_OPEN(name, kind) int name(int fd, struct kind *into) { \
    REAL(int, name, int, struct kind *); \
    return fails("stat", of(fd)) ? -1 : real_##name(fd, into); }
#define ASK_OLD(name, kind) int name(int version, const char *path, struct kind *into) { \
    REAL(int, name, int, const char *, struct kind *); \
    return fails("stat", inside(path)) ? -1 : real_##name(version, path, into); }
#define ASK_OPEN_OLD(name, kind) int name(int version, int fd, struct kind *into) { \
    REAL(int, name, int, int, struct kind *); \
    return fails("stat", of(fd)) ? -1 : real_##name(version, fd, into); }
ASK(stat, stat)
ASK(lstat, stat)
ASK(stat64, stat64)
ASK(lstat64, stat64)
ASK_OPEN(fstat, stat)
ASK_OPEN(fstat64, stat64)
ASK_OLD(__xstat, stat)
ASK_OLD(__lxstat, stat)
ASK_OLD(__xstat64, stat64)
ASK_OLD(__lxstat64, stat64)
ASK_OPEN_OLD(__fxstat, stat)
ASK_OPEN_OLD(__fxstat64, stat64)
int flock(int fd, int how) {
    REAL(int, flock, int, int);
    return fails("lock", of(fd)) ? -1 : real_flock(fd, how);
}
#define MAP(name, off) void *name(void *at, size_t size, int may, int flags, int fd, off offset) { \
    REAL(void *, name, void *, size_t, int, int, int, off); \
    return fails("map", of(fd)) ? MAP_FAILED : real_##name(at, size, may, flags, fd, offset); }
MAP(mmap, off_t)
MAP(mmap64, off64_t)
