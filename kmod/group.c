// SPDX-License-Identifier: GPL-2.0-or-later
/* The fsnotify group: marks on filesystems, the dispatch of their events, and a teardown by exported calls only. */
#include <linux/magic.h>
#include <linux/namei.h>
#include <linux/slab.h>

#include "compat.h"
#include "ward.h"

#define WARD_SECURITYFS_MAGIC 0x73636673

struct fsnotify_group *ward_group;

/* Any context fsnotify calls from: may sleep, holds fsnotify's SRCU; the objects live as long as the call. */
static int handle_event(struct fsnotify_group *group, u32 mask, const void *data, int data_type, struct inode *dir,
			const struct qstr *name, u32 cookie, struct fsnotify_iter_info *iter)
{
	const struct path *path = fsnotify_data_path(data, data_type);
	struct inode *inode = fsnotify_data_inode(data, data_type);
	struct fsnotify_mark *sb_mark = fsnotify_iter_sb_mark(iter);
	struct ward_note *note = ward_note_of(fsnotify_iter_inode_mark(iter));
	u32 hooks;

	if (!inode || !S_ISREG(inode->i_mode) || !sb_mark)
		return 0;
	hooks = container_of(sb_mark, struct ward_mark, mark)->hooks;
	if (note && (mask & (FS_MODIFY | FS_CLOSE_WRITE)))
		ward_note_changed(note);
	if (!path)
		return 0;
	if (mask & (FS_OPEN_PERM | FS_OPEN_EXEC_PERM))
		return ward_on_open(path, hooks, note, iter);
	if ((mask & FS_CLOSE_WRITE) && (hooks & WARD_HOOK_CLOSE))
		ward_on_close(path);
	return 0;
}

static void free_mark(struct fsnotify_mark *fsn_mark)
{
	struct ward_mark *mark = container_of(fsn_mark, struct ward_mark, mark);

	if (mark->is_note)
		ward_note_free(fsn_mark);
	else
		kfree(mark);
}

static const struct fsnotify_ops ops = {
	.handle_event = handle_event,
	.free_mark = free_mark,
};

int ward_group_init(void)
{
	ward_group = ward_alloc_group(&ops);
	if (IS_ERR(ward_group))
		return PTR_ERR(ward_group);
	ward_group->priority = WARD_PRIORITY;
	return 0;
}

/* An open that executes raises FS_OPEN_PERM too: the exec event alone is asked for only where plain opens are not. */
static u32 events_for(u32 hooks)
{
	u32 events = FS_MODIFY | FS_CLOSE_WRITE;

	if (hooks & WARD_HOOK_OPEN)
		events |= FS_OPEN_PERM;
	else if (hooks & WARD_HOOK_EXEC)
		events |= FS_OPEN_EXEC_PERM;
	return events;
}

static bool is_virtual(const struct super_block *sb)
{
	switch (sb->s_magic) {
	case PROC_SUPER_MAGIC:
	case SYSFS_MAGIC:
	case DEBUGFS_MAGIC:
	case TRACEFS_MAGIC:
	case CGROUP_SUPER_MAGIC:
	case CGROUP2_SUPER_MAGIC:
	case BPF_FS_MAGIC:
	case WARD_SECURITYFS_MAGIC:
		return true;
	}
	return false;
}

static void destroy_mark(struct fsnotify_mark *mark)
{
	fsnotify_destroy_mark(mark, ward_group);
	fsnotify_put_mark(mark);
}

static DEFINE_MUTEX(marking);

/* The caller holds the filesystem by an open file. */
int ward_mark_set(struct super_block *sb, u32 hooks)
{
	struct fsnotify_mark *old;
	struct ward_mark *mark;
	int error = 0;

	if (is_virtual(sb))
		return -EOPNOTSUPP;
	mutex_lock(&marking);
	old = ward_find_sb_mark(sb, ward_group);
	if (!hooks) {
		error = old ? 0 : -ENOENT;
		goto out;
	}
	mark = kzalloc(sizeof(*mark), GFP_KERNEL);
	if (!mark) {
		error = -ENOMEM;
		if (old)
			fsnotify_put_mark(old);
		old = NULL;
		goto out;
	}
	if (old)
		destroy_mark(old);
	old = NULL;
	fsnotify_init_mark(&mark->mark, ward_group);
	mark->mark.mask = events_for(hooks);
	mark->hooks = hooks;
	error = ward_add_sb_mark(&mark->mark, sb);
	fsnotify_put_mark(&mark->mark);
out:
	if (old)
		destroy_mark(old);
	mutex_unlock(&marking);
	return error;
}

static struct fsnotify_mark *first_mark(void)
{
	struct fsnotify_mark *mark;

	mutex_lock(&ward_group->mark_mutex);
	mark = list_first_entry_or_null(&ward_group->marks_list, struct fsnotify_mark, g_list);
	if (mark)
		refcount_inc(&mark->refcnt);
	mutex_unlock(&ward_group->mark_mutex);
	return mark;
}

/* Destroying any mark makes fsnotify wait for its SRCU: whoever was in a hook when this began has left it afterwards. */
static void grace_period(void)
{
	struct ward_mark *mark = kzalloc(sizeof(*mark), GFP_KERNEL | __GFP_NOFAIL);
	struct path root;

	fsnotify_init_mark(&mark->mark, ward_group);
	if (!kern_path("/", 0, &root)) {
		if (!ward_add_inode_mark(&mark->mark, d_inode(root.dentry)))
			fsnotify_destroy_mark(&mark->mark, ward_group);
		path_put(&root);
	}
	fsnotify_put_mark(&mark->mark);
	fsnotify_wait_marks_destroyed();
}

/*
 * No scanner is connected any more. Order: no more events (marks destroyed, a grace period), no more waiters (each is
 * back under the SRCU when it is counted out), and another grace period for their last instructions and marks.
 */
void ward_group_exit(void)
{
	struct fsnotify_mark *mark;

	while ((mark = first_mark()))
		destroy_mark(mark);
	fsnotify_wait_marks_destroyed();
	ward_wait_shut();
	grace_period();
	fsnotify_put_group(ward_group);
}
