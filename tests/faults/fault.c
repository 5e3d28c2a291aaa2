/* Preloaded into `lamplight serve` by the tests of faults. At the Nth call of one kind it ends the program (SIGKILL),
 * freezes it (SIGSTOP) or lets the call fail; it can also write down what reaches the database files, for a simulated
 * power cut. Everything comes by the environment:
 *
 *   LAMPLIGHT_FAULT        ACTION:PLACE-OPERATION-WHEN:N, with a + behind N for "and every one after it".
 *                          ACTION: kill, stop, ENOSPC, EIO, EMFILE
 *                          PLACE: db, wal, file (any other file), lmtp (accepted), smtp, pg (connected, by port), net
 *                          OPERATION: open write sync truncate (files) send recv (sockets) accept socket connect;
 *                          lmtp also kept (a send with "250 2.0.0 kept"), smtp also message (a send that ends a message)
 *                          and taken (the first recv after it), pg also commit (a send with "COMMIT")
 *                          WHEN: before, after, torn (half of the octets, then the fault)
 *   LAMPLIGHT_FAULT_PORTS  SMTP,PG
 *   LAMPLIGHT_FAULT_NOTE   a file that is made when the fault comes
 *   LAMPLIGHT_FAULT_COUNT  a file for how many calls of each kind there were, when the program ends by itself
 *   LAMPLIGHT_FAULT_LOG    a file for the record of writes, truncations, syncs and replies
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum place { NOWHERE, DB, WAL, FILES, LMTP, SMTP, PG, NET };
enum operation { OPEN, WRITE, SYNC, TRUNCATE, SEND, RECV, ACCEPT, SOCKET, CONNECT, KEPT, MESSAGE, TAKEN, COMMIT };
enum when { BEFORE, AFTER, TORN };

static const char *PLACES[] = {"", "db", "wal", "file", "lmtp", "smtp", "pg", "net", NULL};
static const char *OPERATIONS[] = {"open", "write",  "sync",    "truncate", "send",    "recv",
                                   "accept", "socket", "connect", "kept",     "message", "taken", "commit", NULL};
static const char *WHENS[] = {"before", "after", "torn", NULL};

#define MOST 65536
static unsigned char place_of[MOST], ended_message[MOST];

static int counting;
static long counts[8][13][3];
static int armed, want_place, want_operation, want_when, want_on, smtp_port, pg_port;
static int want_signal, want_errno;
static long want_count, count;
static const char *note;
static int log_fd = -1;
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;

static int word(const char *text, const char **words) {
    for (int at = 0; words[at]; at++)
        if (strcmp(text, words[at]) == 0) return at;
    fprintf(stderr, "LAMPLIGHT_FAULT: unknown word %s\n", text);
    abort();
}

__attribute__((constructor)) static void begin(void) {
    const char *ports = getenv("LAMPLIGHT_FAULT_PORTS");
    if (ports) sscanf(ports, "%d,%d", &smtp_port, &pg_port);
    const char *log = getenv("LAMPLIGHT_FAULT_LOG");
    if (log) log_fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    note = getenv("LAMPLIGHT_FAULT_NOTE");
    counting = getenv("LAMPLIGHT_FAULT_COUNT") != NULL;
    const char *fault = getenv("LAMPLIGHT_FAULT");
    if (!fault) return;
    char action[16], place[16], operation[16], when[16], on = 0;
    int read = sscanf(fault, "%15[a-zA-Z]:%15[a-z]-%15[a-z]-%15[a-z]:%ld%c", action, place, operation, when, &want_count, &on);
    if (read < 5) {
        fprintf(stderr, "LAMPLIGHT_FAULT can't be read: %s\n", fault);
        abort();
    }
    want_on = on == '+';
    want_place = word(place, PLACES);
    want_operation = word(operation, OPERATIONS);
    want_when = word(when, WHENS);
    if (strcmp(action, "kill") == 0) want_signal = SIGKILL;
    else if (strcmp(action, "stop") == 0) want_signal = SIGSTOP;
    else if (strcmp(action, "ENOSPC") == 0) want_errno = ENOSPC;
    else if (strcmp(action, "EIO") == 0) want_errno = EIO;
    else if (strcmp(action, "EMFILE") == 0) want_errno = EMFILE;
    else abort();
    armed = 1;
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("LAMPLIGHT_FAULT_COUNT");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (!file) return;
    for (int place = 0; PLACES[place]; place++)
        for (int operation = 0; OPERATIONS[operation]; operation++)
            for (int when = 0; WHENS[when]; when++)
                if (counts[place][operation][when])
                    fprintf(file, "%s-%s-%s %ld\n", PLACES[place], OPERATIONS[operation], WHENS[when],
                            counts[place][operation][when]);
    fclose(file);
}

static int is_wanted(int place, int operation, int when) {
    if (counting) __atomic_add_fetch(&counts[place][operation][when], 1, __ATOMIC_SEQ_CST);
    if (!armed || place != want_place || operation != want_operation || when != want_when) return 0;
    long now = __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST);
    return now == want_count || (want_on && now > want_count);
}

/* The fault itself; what it returns is the errno of a call that fails. */
static int strike(void) {
    if (note) close((int)syscall(SYS_openat, AT_FDCWD, note, O_WRONLY | O_CREAT, 0600));
    if (want_signal) {
        syscall(SYS_kill, getpid(), want_signal);
        if (want_signal == SIGKILL)
            for (;;) pause();
    }
    return want_errno;
}

#define FAIL_BEFORE(place, operation)                                   \
    if (is_wanted(place, operation, BEFORE)) {                          \
        int failed = strike();                                          \
        if (failed) { errno = failed; return -1; }                      \
    }
#define STRIKE_AFTER(place, operation)                                  \
    if (is_wanted(place, operation, AFTER)) { int kept = errno; strike(); errno = kept; }

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static enum place at(int fd) { return fd >= 0 && fd < MOST ? place_of[fd] : NOWHERE; }
static void put(int fd, enum place place) {
    if (fd >= 0 && fd < MOST) { place_of[fd] = place; ended_message[fd] = 0; }
}

static enum place place_of_path(const char *path) {
    size_t length = strlen(path);
    if (length >= 12 && strcmp(path + length - 12, "lamplight.db") == 0) return DB;
    if (length >= 16 && strcmp(path + length - 16, "lamplight.db-wal") == 0) return WAL;
    if (strncmp(path, "/proc/", 6) == 0 || strncmp(path, "/sys/", 5) == 0) return NOWHERE;
    return FILES;
}

/* The record: what, which file, offset or number, length, and the octets. */
static void record(char what, enum place place, uint64_t offset, const void *data, uint64_t length) {
    if (log_fd < 0) return;
    char head[18];
    head[0] = what;
    head[1] = (char)place;
    memcpy(head + 2, &offset, 8);
    memcpy(head + 10, &length, 8);
    struct iovec parts[2] = {{head, sizeof head}, {(void *)data, data ? length : 0}};
    pthread_mutex_lock(&log_lock);
    syscall(SYS_writev, log_fd, parts, 2);
    pthread_mutex_unlock(&log_lock);
}

int open(const char *path, int flags, ...) {
    REAL(open);
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    enum place place = place_of_path(path);
    FAIL_BEFORE(place, OPEN)
    int fd = real(path, flags, mode);
    put(fd, place);
    STRIKE_AFTER(place, OPEN)
    return fd;
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open(path, flags | O_LARGEFILE, mode);
}

int close(int fd) {
    REAL(close);
    put(fd, NOWHERE);
    return real(fd);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
    REAL(pwrite64);
    enum place place = at(fd);
    if (is_wanted(place, WRITE, TORN)) {
        real(fd, data, length / 2, offset);
        record('W', place, (uint64_t)offset, data, length / 2);
        int failed = strike();
        if (failed) { errno = failed; return -1; }
    }
    FAIL_BEFORE(place, WRITE)
    ssize_t done = real(fd, data, length, offset);
    if (done > 0 && (place == DB || place == WAL)) record('W', place, (uint64_t)offset, data, (uint64_t)done);
    STRIKE_AFTER(place, WRITE)
    return done;
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return pwrite64(fd, data, length, offset); }

int ftruncate64(int fd, off64_t length) {
    REAL(ftruncate64);
    enum place place = at(fd);
    FAIL_BEFORE(place, TRUNCATE)
    int done = real(fd, length);
    if (done == 0 && (place == DB || place == WAL)) record('T', place, (uint64_t)length, NULL, 0);
    STRIKE_AFTER(place, TRUNCATE)
    return done;
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

static int sync_with(int (*real)(int), int fd) {
    static uint64_t syncs;
    enum place place = at(fd);
    FAIL_BEFORE(place, SYNC)
    uint64_t number = __atomic_add_fetch(&syncs, 1, __ATOMIC_SEQ_CST);
    int is_ours = place == DB || place == WAL;
    /* Only what was written before the sync began is sure to be on the disk when it ends. */
    if (is_ours) record('B', place, number, NULL, 0);
    int done = real(fd);
    if (is_ours && done == 0) record('E', place, number, NULL, 0);
    STRIKE_AFTER(place, SYNC)
    return done;
}

int fsync(int fd) {
    REAL(fsync);
    return sync_with(real, fd);
}

int fdatasync(int fd) {
    REAL(fdatasync);
    return sync_with(real, fd);
}

int unlink(const char *path) {
    REAL(unlink);
    enum place place = place_of_path(path);
    int done = real(path);
    if (done == 0 && (place == DB || place == WAL)) record('U', place, 0, NULL, 0);
    return done;
}

int socket(int domain, int type, int protocol) {
    REAL(socket);
    FAIL_BEFORE(NET, SOCKET)
    int fd = real(domain, type, protocol);
    put(fd, NET);
    return fd;
}

int accept4(int listener, struct sockaddr *address, socklen_t *length, int flags) {
    REAL(accept4);
    /* A listener is asked in vain as well: only a connection counts. */
    FAIL_BEFORE(LMTP, ACCEPT)
    int fd = real(listener, address, length, flags);
    if (fd >= 0) {
        put(fd, LMTP);
        STRIKE_AFTER(LMTP, ACCEPT)
    }
    return fd;
}

int connect(int fd, const struct sockaddr *address, socklen_t length) {
    REAL(connect);
    enum place place = NET;
    if (address->sa_family == AF_INET) {
        int port = ntohs(((const struct sockaddr_in *)address)->sin_port);
        place = port == smtp_port ? SMTP : port == pg_port ? PG : NET;
    }
    put(fd, place);
    FAIL_BEFORE(place, CONNECT)
    int done = real(fd, address, length);
    STRIKE_AFTER(place, CONNECT)
    return done;
}

static int kept_in(const void *data, size_t length) {
    static const char KEPT_REPLY[] = "250 2.0.0 kept";
    int found = 0;
    const char *rest = data;
    while (length >= sizeof KEPT_REPLY - 1) {
        const char *next = memmem(rest, length, KEPT_REPLY, sizeof KEPT_REPLY - 1);
        if (!next) break;
        found++;
        length -= (size_t)(next + 1 - rest);
        rest = next + 1;
    }
    return found;
}

static enum operation kind_of_send(int fd, enum place place, const void *data, size_t length) {
    if (place == LMTP) {
        int kept = kept_in(data, length);
        if (!kept) return SEND;
        struct sockaddr_in peer;
        socklen_t size = sizeof peer;
        if (log_fd >= 0 && getpeername(fd, (struct sockaddr *)&peer, &size) == 0)
            for (; kept > 0; kept--) record('R', LMTP, ntohs(peer.sin_port), NULL, 0);
        return KEPT;
    }
    if (place == SMTP) {
        int ends = length >= 3 && memcmp((const char *)data + length - 3, ".\r\n", 3) == 0
            && (length == 3 || (length >= 5 && memcmp((const char *)data + length - 5, "\r\n.\r\n", 5) == 0));
        ended_message[fd] = (unsigned char)ends;
        return ends ? MESSAGE : SEND;
    }
    if (place == PG && memmem(data, length, "COMMIT", 6)) return COMMIT;
    return SEND;
}

ssize_t send(int fd, const void *data, size_t length, int flags) {
    REAL(send);
    enum place place = at(fd);
    if (place < LMTP || place > PG) return real(fd, data, length, flags);
    enum operation kind = kind_of_send(fd, place, data, length);
    if (is_wanted(place, kind, TORN)) {
        real(fd, data, length / 2, flags);
        int failed = strike();
        if (failed) { errno = failed; return -1; }
    }
    FAIL_BEFORE(place, kind)
    ssize_t done = real(fd, data, length, flags);
    STRIKE_AFTER(place, kind)
    return done;
}

ssize_t write(int fd, const void *data, size_t length) {
    enum place place = at(fd);
    if (place >= LMTP && place <= PG) return send(fd, data, length, 0);
    REAL(write);
    FAIL_BEFORE(place, WRITE)
    ssize_t done = real(fd, data, length);
    STRIKE_AFTER(place, WRITE)
    return done;
}

ssize_t writev(int fd, const struct iovec *parts, int number) {
    enum place place = at(fd);
    /* A short write is allowed: the first piece alone makes one. */
    if (place >= LMTP && place <= PG && number > 0) return send(fd, parts[0].iov_base, parts[0].iov_len, 0);
    REAL(writev);
    return real(fd, parts, number);
}

ssize_t recv(int fd, void *data, size_t length, int flags) {
    REAL(recv);
    enum place place = at(fd);
    if (place < LMTP || place > PG) return real(fd, data, length, flags);
    FAIL_BEFORE(place, RECV)
    ssize_t done = real(fd, data, length, flags);
    if (done > 0) {
        STRIKE_AFTER(place, RECV)
        if (place == SMTP && ended_message[fd]) {
            ended_message[fd] = 0;
            STRIKE_AFTER(SMTP, TAKEN)
        }
    }
    return done;
}

ssize_t read(int fd, void *data, size_t length) {
    enum place place = at(fd);
    if (place >= LMTP && place <= PG) return recv(fd, data, length, 0);
    REAL(read);
    return real(fd, data, length);
}
