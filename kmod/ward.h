/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of ward.ko know of each other: one section a file. */
#ifndef _WARD_H
#define _WARD_H

#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/fsnotify_backend.h>
#include <linux/hashtable.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/path.h>
#include <linux/pid.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "include/uapi/ward.h"

/* stats.c: counters that never hold anything up; any context. */
enum ward_counter {
	WARD_REFERENCES_TAKEN,
	WARD_REFERENCES_GIVEN_BACK,
	WARD_CLOSES_QUEUED,
	WARD_CLOSES_DROPPED,
	WARD_HELD_TOTAL,
	WARD_ALLOWED,
	WARD_DENIED,
	WARD_DEADLINES,
	WARD_NO_SCANNER,
	WARD_CACHE_HITS,
	WARD_CACHE_MISSES,
	WARD_DENIED_WRITES,
	WARD_OVERFLOWS,
	WARD_KILLED,
	WARD_UNOPENED,
	WARD_COUNTERS
};

extern atomic64_t ward_counter[WARD_COUNTERS];

static inline void ward_count(enum ward_counter which)
{
	atomic64_inc(&ward_counter[which]);
}

void ward_counters_read(struct ward_counters *out);
void ward_debugfs_add(void);
void ward_debugfs_remove(void);

/* event.c: one question or message, with the references it holds. */
enum ward_event_state {
	WARD_QUEUED,	/* waits to be read */
	WARD_READ,	/* the scanner has it */
	WARD_ANSWERED,	/* by a verdict or by policy; final */
};

struct ward_question {
	struct kref ref;
	struct list_head list;		/* a queue [queue lock] */
	struct hlist_node hash;		/* by id, or by inode for closes [queue lock] */
	struct path path;		/* by value; its reference is this object's */
	struct pid *tgid;
	kuid_t uid;
	u64 id;
	u32 kind;
	enum ward_event_state state;	/* [queue lock] */
	u32 decision;			/* final once answered */
	unsigned long deadline;		/* jiffies; closes: when they were queued */
	u64 changes;			/* of the inode when it was read */
	wait_queue_head_t wait;
};

struct ward_question *ward_question_new(u32 kind, const struct path *path, gfp_t gfp);
void ward_question_put(struct ward_question *question);
int ward_events_init(void);
void ward_events_exit(void);

/* queue.c: questions between the hooks and the device. Nothing here sleeps but the giving back of references. */
struct ward_settings {
	u32 deadline_ms;
	u32 locked_deadline_ms;
	u32 on_deadline;
	u32 on_no_scanner;
	u32 max_closes;
	u32 max_held;
	u32 close_age_ms;
};

extern struct ward_settings ward_settings;

void ward_queue_close(const struct path *path);
bool ward_queue_held(struct ward_question *question);
struct ward_question *ward_queue_next(u64 *lost);
void ward_queue_return(struct ward_question *question);
void ward_queue_lost_return(u64 lost);
struct ward_question *ward_queue_answer(u64 id, u32 decision);
void ward_queue_leave(struct ward_question *question);
bool ward_queue_readable(void);
void ward_queue_age_now(void);
void ward_queue_attach(void);
void ward_queue_detach(void);
bool ward_scanner_connected(void);
void ward_queue_levels(u64 *closes, u64 *held);
extern wait_queue_head_t ward_readable;
int ward_queue_init(void);
void ward_queue_exit(void);

/* wait.c: holding an opener without holding anybody else. */
void ward_wait_find_helpers(void);
bool ward_can_hold(void);
int ward_hold(const struct path *path, u32 kind, u32 deadline_ms, struct fsnotify_iter_info *iter);
void ward_wait_shut(void);

/* group.c: the fsnotify group, the marks on filesystems and inodes, the dispatch. */
struct ward_mark {
	struct fsnotify_mark mark;
	bool is_note;
	u32 hooks;	/* of a filesystem's mark */
};

extern struct fsnotify_group *ward_group;

int ward_group_init(void);
void ward_group_exit(void);
int ward_mark_set(struct super_block *sb, u32 hooks);
struct ward_mark *ward_pin(struct inode *inode);
void ward_unpin(struct ward_mark *pin);

/* cache.c: what is known of an inode, in a mark that pins nothing. */
struct ward_note;

int ward_cache_init(void);
void ward_cache_exit(void);
bool ward_cache_usable(struct dentry *dentry);
struct ward_note *ward_note_of(struct fsnotify_mark *mark);
struct ward_note *ward_note_get(struct inode *inode, bool make);
void ward_note_put(struct ward_note *note);
void ward_note_free(struct fsnotify_mark *mark);
void ward_note_changed(struct ward_note *note);
u64 ward_note_changes(struct ward_note *note, struct dentry *dentry);
u32 ward_note_known(struct ward_note *note, struct dentry *dentry);
void ward_note_set(struct ward_note *note, struct dentry *dentry, u64 changes, u32 known);
void ward_cache_forget(void);
bool ward_has_writer(struct dentry *dentry);

/* hooks.c: what a file event means. */
int ward_on_open(const struct path *path, u32 hooks, struct ward_note *note, struct fsnotify_iter_info *iter);
void ward_on_close(const struct path *path);

/* filter.c: what administrators exempted; read under RCU. */
bool ward_filter_wants(const struct path *path);
bool ward_filter_denies_write(const struct path *path);
int ward_filter_change(const struct ward_filter *change);
void ward_filter_exit(void);

/* scanner.c: who never waits. */
bool ward_task_is_scanner(void);
int ward_scanner_register(struct pid *tgid);
void ward_scanner_forget_all(void);

/* device.c */
int ward_device_init(void);
void ward_device_exit(void);

#endif
