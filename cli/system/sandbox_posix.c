// SPDX-License-Identifier: MIT
#ifndef _WIN32
#include "sandbox.h"

#include <stddef.h>
#include <stdint.h>

#if defined(__linux__) && __has_include(<linux/landlock.h>)

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define SANDBOX_MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define SANDBOX_MACHINE AUDIT_ARCH_AARCH64
#endif

enum {
    READS = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
    TEMPORARY = READS | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
                LANDLOCK_ACCESS_FS_REMOVE_FILE,
    // All that the first version of Landlock knows.
    ALL = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1,
};

void sandbox_begin(struct sandbox *ret_sandbox)
{
    const struct landlock_ruleset_attr rules = {.handled_access_fs = ALL};
    ret_sandbox->rules = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
}

static void let(struct sandbox *sandbox, const char *path, uint64_t access)
{
    struct stat status;
    if (sandbox->rules < 0)
        return;
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return;
    if (fstat(fd, &status) == 0) {
        if (!S_ISDIR(status.st_mode)) // other rights are refused for a file
            access &= LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE;
        const struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = fd};
        syscall(SYS_landlock_add_rule, sandbox->rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    }
    close(fd);
}

void sandbox_let_read(struct sandbox *sandbox, const char *path)
{
    let(sandbox, path, READS);
}

void sandbox_let_usual(struct sandbox *sandbox)
{
    static const char *const loaded[] = {
        "/lib",           "/lib64",           "/usr/lib",       "/usr/lib64",
        "/usr/local/lib", "/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo"};
    for (size_t i = 0; i < sizeof loaded / sizeof *loaded; i++)
        let(sandbox, loaded[i], READS);
    const char *folder = getenv("TMPDIR");
    let(sandbox, folder && *folder ? folder : "/tmp", TEMPORARY);
}

#ifdef SANDBOX_MACHINE

#define REFUSE(name)                                                                               \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1),                                         \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)

// Other programs and processes, the network, and what changes the system around the program.
static void refuse_calls(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SANDBOX_MACHINE, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        REFUSE(execve),
        REFUSE(execveat),
        REFUSE(socket),
        REFUSE(socketpair),
        REFUSE(connect),
        REFUSE(bind),
        REFUSE(ptrace),
        REFUSE(process_vm_readv),
        REFUSE(process_vm_writev),
        REFUSE(io_uring_setup),
        REFUSE(bpf),
        REFUSE(perf_event_open),
        REFUSE(userfaultfd),
        REFUSE(open_by_handle_at),
        REFUSE(mount),
        REFUSE(umount2),
        REFUSE(chroot),
        REFUSE(setns),
        REFUSE(unshare),
        REFUSE(keyctl),
        REFUSE(init_module),
        REFUSE(finit_module),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {.len = sizeof filter / sizeof *filter, .filter = filter};
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

#else

static void refuse_calls(void)
{
}

#endif

void sandbox_enter(struct sandbox *sandbox)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) {
        if (sandbox->rules >= 0)
            syscall(SYS_landlock_restrict_self, sandbox->rules, 0);
        refuse_calls();
    }
    if (sandbox->rules >= 0)
        close(sandbox->rules);
    sandbox->rules = -1;
}

#else

void sandbox_begin(struct sandbox *ret_sandbox)
{
    ret_sandbox->rules = -1;
}

void sandbox_let_read(struct sandbox *sandbox, const char *path)
{
    (void)sandbox, (void)path;
}

void sandbox_let_usual(struct sandbox *sandbox)
{
    (void)sandbox;
}

void sandbox_enter(struct sandbox *sandbox)
{
    (void)sandbox;
}

#endif

#endif
