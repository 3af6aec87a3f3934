/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The differences between kernels, each found by try-compile (probe/) or by what the headers define, never by version. */
#ifndef _WARD_COMPAT_H
#define _WARD_COMPAT_H

#include <linux/fs.h>
#include <linux/fsnotify_backend.h>
#include <linux/freezer.h>
#include <linux/file.h>
#include <linux/mm_types.h>
#include <linux/rcupdate.h>

static inline struct fsnotify_group *ward_alloc_group(const struct fsnotify_ops *ops, int flags)
{
#ifdef FSNOTIFY_GROUP_NOFS
	return fsnotify_alloc_group(ops, flags | FSNOTIFY_GROUP_NOFS);
#elif defined(WARD_ALLOC_GROUP_FLAGS)
	return fsnotify_alloc_group(ops, flags);
#else
	return fsnotify_alloc_group(ops);
#endif
}

#ifdef FS_PRIO_1
#define WARD_PRIORITY FS_PRIO_1
#else
#define WARD_PRIORITY FSNOTIFY_PRIO_CONTENT
#endif

#ifdef WARD_MARK_BY_OBJECT
static inline int ward_add_sb_mark(struct fsnotify_mark *mark, struct super_block *sb)
{
	return fsnotify_add_mark(mark, sb, FSNOTIFY_OBJ_TYPE_SB, 0);
}

static inline int ward_add_inode_mark(struct fsnotify_mark *mark, struct inode *inode)
{
	return fsnotify_add_mark(mark, inode, FSNOTIFY_OBJ_TYPE_INODE, 0);
}

static inline struct fsnotify_mark *ward_find_sb_mark(struct super_block *sb, struct fsnotify_group *group)
{
	return fsnotify_find_mark(sb, FSNOTIFY_OBJ_TYPE_SB, group);
}

static inline struct fsnotify_mark *ward_find_inode_mark(struct inode *inode, struct fsnotify_group *group)
{
	return fsnotify_find_mark(inode, FSNOTIFY_OBJ_TYPE_INODE, group);
}
#else
static inline int ward_add_sb_mark(struct fsnotify_mark *mark, struct super_block *sb)
{
	return fsnotify_add_mark(mark, &sb->s_fsnotify_marks, FSNOTIFY_OBJ_TYPE_SB, 0, NULL);
}

static inline int ward_add_inode_mark(struct fsnotify_mark *mark, struct inode *inode)
{
	return fsnotify_add_mark(mark, &inode->i_fsnotify_marks, FSNOTIFY_OBJ_TYPE_INODE, 0, NULL);
}

static inline struct fsnotify_mark *ward_find_sb_mark(struct super_block *sb, struct fsnotify_group *group)
{
	return fsnotify_find_mark(&sb->s_fsnotify_marks, group);
}

static inline struct fsnotify_mark *ward_find_inode_mark(struct inode *inode, struct fsnotify_group *group)
{
	return fsnotify_find_mark(&inode->i_fsnotify_marks, group);
}
#endif

/* Without marks that pin nothing there is no cache: marks that pin inodes would grow without bound. */
#ifdef FSNOTIFY_MARK_FLAG_NO_IREF
#define WARD_HAVE_NOTES 1
#define WARD_GROUP_OF_PINS FSNOTIFY_GROUP_DUPS
#else
#define WARD_HAVE_NOTES 0
#define WARD_GROUP_OF_PINS 0
#endif

#ifdef WARD_INODE_GET_CTIME
static inline struct timespec64 ward_ctime(const struct inode *inode)
{
	return inode_get_ctime(inode);
}
#else
static inline struct timespec64 ward_ctime(const struct inode *inode)
{
	return inode->i_ctime;
}
#endif

/*
 * Under RCU: the file of a process's program. Where freed files are reused at once, a reference is needed to look into it.
 */
#ifdef WARD_GET_FILE_RCU_SLOT
static inline struct file *ward_program_get(struct mm_struct *mm)
{
	return get_file_rcu(&mm->exe_file);
}

static inline void ward_program_put(struct file *program)
{
	fput(program);
}
#else
static inline struct file *ward_program_get(struct mm_struct *mm)
{
	return rcu_dereference(mm->exe_file);
}

static inline void ward_program_put(struct file *program)
{
}
#endif

/* Makes an open file silent; only its opener has it yet. */
static inline void ward_make_silent(struct file *file)
{
#ifdef FMODE_FSNOTIFY_MASK
	file->f_mode &= ~FMODE_FSNOTIFY_MASK;
#endif
	file->f_mode |= FMODE_NONOTIFY;
}

#ifdef TASK_FREEZABLE
#define WARD_WAIT_STATE (TASK_KILLABLE | TASK_FREEZABLE)
#define ward_freezable_schedule_timeout(left) schedule_timeout(left)
#else
#define WARD_WAIT_STATE TASK_KILLABLE
#define ward_freezable_schedule_timeout(left) freezable_schedule_timeout(left)
#endif

/* Left jiffies (at least 1) when the condition came true, 0 at the deadline, -ERESTARTSYS when killed. */
#define ward_wait_timeout(queue, condition, timeout)					\
({											\
	long __ret = (timeout);								\
	if (!___wait_cond_timeout(condition))						\
		__ret = ___wait_event(queue, ___wait_cond_timeout(condition),		\
				      WARD_WAIT_STATE, 0, timeout,			\
				      __ret = ward_freezable_schedule_timeout(__ret));	\
	__ret;										\
})

#endif
