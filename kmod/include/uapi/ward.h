/* SPDX-License-Identifier: GPL-2.0-or-later WITH Linux-syscall-note */
/*
 * What /dev/ward speaks. Every structure starts with its own size: a newer side appends fields, an older side sees zeroes
 * there or refuses what it does not know (E2BIG). Ids are never reused and never addresses.
 *
 * The device is opened by one process at a time, the scanner, which needs CAP_SYS_ADMIN. read(2) gives whole events,
 * write(2) takes whole verdicts. Every event but an overflow carries a read-only file descriptor that raises no events;
 * the reader closes it.
 */
#ifndef WARD_UAPI_H
#define WARD_UAPI_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define WARD_PROTOCOL 1
#define WARD_DEVICE "/dev/ward"

/* Event kinds. */
#define WARD_EVENT_OPEN 1	/* somebody waits in open(2) */
#define WARD_EVENT_EXEC 2	/* somebody waits in execve(2) */
#define WARD_EVENT_CLOSE 3	/* closed after writing; nobody waits */
#define WARD_EVENT_OVERFLOW 4	/* closes were dropped: compare versions */

struct ward_event {
	__u32 size;
	__u32 kind;
	__u64 id;		/* what a verdict names; 0: nobody waits */
	__s32 fd;		/* or minus an errno: the file cannot be opened, or there is no room for its descriptor */
	__u32 pid;		/* thread group, in the reader's pid namespace; 0: not visible there */
	__u32 uid;
	__u32 deadline_ms;	/* how much longer the asker waits */
	__u64 changes;		/* to be given back with the verdict */
	__u64 lost;		/* overflow: how many closes were dropped since the last one told */
};

/* Decisions. */
#define WARD_ALLOW 1
#define WARD_DENY 2

/* What the kernel may remember about the contents. Neither flag: nothing, as for a scan that failed. */
#define WARD_KNOWN_CLEAN 1
#define WARD_KNOWN_INFECTED 2

struct ward_verdict {
	__u32 size;
	__u32 decision;
	__u64 id;
	__u32 known;
	__u32 reserved;
};

/* What is known of a file that nobody waits for; `changes` is from the event of the same file. */
struct ward_known {
	__u32 size;
	__s32 fd;
	__u64 changes;
	__u32 known;
	__u32 reserved;
};

#define WARD_CAN_HOLD 1		/* opens can be held for a verdict */
#define WARD_CAN_REMEMBER 2	/* verdicts are cached in the kernel */

struct ward_info {
	__u32 size;
	__u32 protocol;
	__u32 abilities;
	__u32 reserved;
};

#define WARD_HOOK_CLOSE 1
#define WARD_HOOK_OPEN 2
#define WARD_HOOK_EXEC 4
#define WARD_HOOKS 7

/* The filesystem of a directory or file: all of it, through every mount of it. No hooks: the mark is removed. */
struct ward_mark_request {
	__u32 size;
	__s32 fd;
	__u32 hooks;
	__u32 reserved;
};

struct ward_policy {
	__u32 size;
	__u32 deadline_ms;	/* how long an opener is held at most */
	__u32 locked_deadline_ms; /* the same where a directory is locked meanwhile (creating opens on network filesystems) */
	__u32 on_deadline;	/* WARD_ALLOW or WARD_DENY */
	__u32 on_no_scanner;	/* WARD_ALLOW or WARD_DENY */
	__u32 max_closes;	/* closes that wait to be read */
	__u32 max_held;		/* opens that wait for an answer */
	__u32 close_age_ms;	/* a close nobody reads is given up after this, so that umount wins */
};

/* Filter kinds: what names the thing in brackets. */
#define WARD_FILTER_INCLUDE_DIR 1	/* [fd] only below these directories, on their filesystem */
#define WARD_FILTER_EXCLUDE_DIR 2	/* [fd] */
#define WARD_FILTER_INCLUDE_FILE 3	/* [fd] */
#define WARD_FILTER_EXCLUDE_FILE 4	/* [fd] */
#define WARD_FILTER_INCLUDE_EXTENSION 5	/* [text] only these, without the dot, ASCII case is ignored */
#define WARD_FILTER_EXCLUDE_EXTENSION 6	/* [text] */
#define WARD_FILTER_SKIP_PROCESS 7	/* [number] thread group, in the setter's pid namespace */
#define WARD_FILTER_SKIP_PROGRAM 8	/* [fd] what such a program opens */
#define WARD_FILTER_INCLUDE_USER 9	/* [number] only these users, in the setter's user namespace */
#define WARD_FILTER_SKIP_USER 10	/* [number] */
#define WARD_FILTER_DENY_WRITE_DIR 11	/* [fd] write-opens below are refused without asking */
#define WARD_FILTER_DENY_WRITE_FILE 12	/* [fd] */
#define WARD_FILTER_KINDS 12

#define WARD_FILTER_ADD 1
#define WARD_FILTER_CLEAR 2		/* all of this kind; kind 0: all of all kinds */

#define WARD_EXTENSION_MAX 16

struct ward_filter {
	__u32 size;
	__u32 operation;
	__u32 kind;
	__s32 fd;
	__u32 number;
	char text[WARD_EXTENSION_MAX];	/* ends with a NUL */
	__u32 reserved;
};

/* A process of the scanner's: it and what it forks from now on never waits. */
struct ward_register {
	__u32 size;
	__u32 pid;
};

struct ward_counters {
	__u32 size;
	__u32 scanner;		/* 1: connected */
	__u64 references_taken;
	__u64 references_given_back;
	__u64 closes_queued;
	__u64 closes_dropped;
	__u64 closes_waiting;
	__u64 held_total;
	__u64 held_waiting;
	__u64 allowed;
	__u64 denied;
	__u64 deadlines;
	__u64 no_scanner;
	__u64 cache_hits;
	__u64 cache_misses;
	__u64 denied_writes;
	__u64 overflows;
	__u64 killed;
	__u64 unopened;		/* events told without a descriptor */
};

#define WARD_IOC_INFO _IOR('W', 1, struct ward_info)
#define WARD_IOC_MARK _IOW('W', 2, struct ward_mark_request)
#define WARD_IOC_POLICY _IOW('W', 3, struct ward_policy)
#define WARD_IOC_FILTER _IOW('W', 4, struct ward_filter)
#define WARD_IOC_REGISTER _IOW('W', 5, struct ward_register)
#define WARD_IOC_KNOWN _IOW('W', 6, struct ward_known)
#define WARD_IOC_FORGET _IO('W', 7)	/* nothing that is remembered is valid any more: new signatures */
#define WARD_IOC_COUNTERS _IOR('W', 8, struct ward_counters)

#endif
