// SPDX-License-Identifier: GPL-2.0-or-later
/* The fsnotify group: marks on filesystems, the dispatch of their events, and a teardown by exported calls only. */
#include <linux/delay.h>
#include <linux/magic.h>
#include <linux/namei.h>
#include <linux/slab.h>

#include "compat.h"
#include "ward.h"

#define WARD_SECURITYFS_MAGIC 0x73636673

struct fsnotify_group *ward_group;

/* Has marks for moments only, several on one inode at a time, which ask for no events. */
static struct fsnotify_group *pins;

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
	hooks = READ_ONCE(container_of(sb_mark, struct ward_mark, mark)->hooks);
	if (note && (mask & (FS_MODIFY | FS_CLOSE_WRITE)))
		ward_note_changed(note);
	if (!path)
		return 0;
	if (mask & FS_OPEN_PERM)
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
	ward_group = ward_alloc_group(&ops, 0);
	if (IS_ERR(ward_group))
		return PTR_ERR(ward_group);
	ward_group->priority = WARD_PRIORITY;
	pins = ward_alloc_group(&ops, WARD_GROUP_OF_PINS);
	if (IS_ERR(pins)) {
		fsnotify_put_group(ward_group);
		return PTR_ERR(pins);
	}
	return 0;
}

/*
 * The same for all hooks, so that hooks change while nothing is missed. An open that executes raises FS_OPEN_PERM too, and
 * deny-write lists need opens whatever is asked.
 */
#define WARD_EVENTS (FS_MODIFY | FS_CLOSE_WRITE | FS_OPEN_PERM)

/* Nothing there is a file that anybody could scan; the kernel's own mounts are sockets, pipes and anonymous memory. */
static bool is_virtual(const struct super_block *sb)
{
	if (sb->s_flags & (SB_NOUSER | SB_KERNMOUNT))
		return true;
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

/*
 * A mark that keeps the inode, for as long as a mark that pins nothing is being added. Many kernels lose a reference to the
 * inode for good, and umount waits for it for ever, if that happens while somebody's mark (anybody's inotify watch) is taken
 * away: adding drops the reference that the other mark no longer wants, and forgets to give it back. With a mark that wants
 * it nothing is dropped then; removing this one gives back what is to be given back.
 */
struct ward_mark *ward_pin(struct inode *inode)
{
	struct ward_mark *pin = kzalloc(sizeof(*pin), GFP_KERNEL);

	if (!pin)
		return NULL;
	fsnotify_init_mark(&pin->mark, pins);
	if (!ward_add_inode_mark(&pin->mark, inode))
		return pin;
	fsnotify_put_mark(&pin->mark);
	return NULL;
}

void ward_unpin(struct ward_mark *pin)
{
	fsnotify_destroy_mark(&pin->mark, pins);
	fsnotify_put_mark(&pin->mark);
}

static void destroy_mark(struct fsnotify_mark *mark)
{
	fsnotify_destroy_mark(mark, ward_group);
	fsnotify_put_mark(mark);
}

static DEFINE_MUTEX(marking);

static int add_mark(struct super_block *sb, u32 hooks)
{
	struct ward_mark *mark = kzalloc(sizeof(*mark), GFP_KERNEL);
	int error;

	if (!mark)
		return -ENOMEM;
	fsnotify_init_mark(&mark->mark, ward_group);
	mark->mark.mask = WARD_EVENTS;
	mark->hooks = hooks;
	error = ward_add_sb_mark(&mark->mark, sb);
	fsnotify_put_mark(&mark->mark);
	return error;
}

/* The caller holds the filesystem by an open file. While it was not marked nobody told what changed: nothing is known. */
int ward_mark_set(struct super_block *sb, u32 hooks)
{
	struct fsnotify_mark *old;
	int error = 0;

	if (is_virtual(sb))
		return -EOPNOTSUPP;
	mutex_lock(&marking);
	old = ward_find_sb_mark(sb, ward_group);
	if (!old) {
		ward_cache_forget();
		error = hooks ? add_mark(sb, hooks) : -ENOENT;
	} else if (hooks) {
		WRITE_ONCE(container_of(old, struct ward_mark, mark)->hooks, hooks);
		fsnotify_put_mark(old);
	} else {
		destroy_mark(old);
	}
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
static bool try_grace_period(void)
{
	struct ward_mark *mark = kzalloc(sizeof(*mark), GFP_KERNEL);
	bool added = false;
	struct path root;

	if (!mark)
		return false;
	fsnotify_init_mark(&mark->mark, ward_group);
	if (!kern_path("/", 0, &root)) {
		added = !ward_add_inode_mark(&mark->mark, d_inode(root.dentry));
		if (added)
			fsnotify_destroy_mark(&mark->mark, ward_group);
		path_put(&root);
	}
	fsnotify_put_mark(&mark->mark);
	fsnotify_wait_marks_destroyed();
	return added;
}

/* Each mark holds a reference to the group until it was freed, also one that its inode's end took away meanwhile. */
static void wait_for_marks(const struct fsnotify_group *group)
{
	while (refcount_read(&group->refcnt) > 1) {
		fsnotify_wait_marks_destroyed();
		msleep(1);
	}
}

/*
 * No scanner is connected any more. Order: no more events (marks destroyed; who comes late cannot leave the SRCU to wait
 * any more, for its mark is gone), no more waiters (each is back under the SRCU when it is counted out), a grace period for
 * whoever is still in a hook, and the last marks freed.
 */
void ward_group_exit(void)
{
	struct fsnotify_mark *mark;

	while ((mark = first_mark())) {
		destroy_mark(mark);
		cond_resched();
	}
	ward_wait_shut();
	while (!try_grace_period())
		msleep(1);
	wait_for_marks(ward_group);
	fsnotify_put_group(ward_group);
	wait_for_marks(pins);
	fsnotify_put_group(pins);
}
