// SPDX-License-Identifier: GPL-2.0-or-later
/* What the opening and the closing of a regular file mean. */
#include <linux/sched.h>

#include "compat.h"
#include "ward.h"

/* Needs no verdict: gives nothing that was there before to whoever opens it. */
static bool reads_nothing_old(const struct file *file)
{
	return !(file->f_mode & FMODE_READ) || (file->f_mode & FMODE_CREATED) || (file->f_flags & O_TRUNC);
}

/* A creating open on filesystems that open and create in one step holds its directory's lock. */
static bool holds_directory(const struct file *file)
{
	const struct inode *directory;
	bool holds;

	if (!(file->f_flags & O_CREAT))
		return false;
	rcu_read_lock();
	directory = READ_ONCE(READ_ONCE(file->f_path.dentry->d_parent)->d_inode);
	holds = directory && directory->i_op->atomic_open;
	rcu_read_unlock();
	return holds;
}

static bool is_exempt(void)
{
	return (current->flags & PF_KTHREAD) || ward_task_is_scanner();
}

static u32 known(struct ward_note *note, struct dentry *dentry)
{
	if (!note)
		return 0;
	if (ward_has_writer(dentry)) {
		ward_note_changed(note);
		return 0;
	}
	return ward_note_known(note, dentry);
}

static int ask(const struct file *file, struct fsnotify_iter_info *iter, u32 knowledge)
{
	u32 kind = (file->f_flags & __FMODE_EXEC) ? WARD_EVENT_EXEC : WARD_EVENT_OPEN;
	u32 deadline = holds_directory(file) ? READ_ONCE(ward_settings.locked_deadline_ms) :
					       READ_ONCE(ward_settings.deadline_ms);
	int error = 0;

	if (ward_can_hold() && ward_scanner_connected()) {
		error = ward_hold(&file->f_path, kind, deadline, iter);
	} else if (!ward_scanner_connected()) {
		ward_count(WARD_NO_SCANNER);
		if (READ_ONCE(ward_settings.on_no_scanner) == WARD_DENY)
			error = -EPERM;
	}
	/* Whatever the policy says of scans that did not happen: this one did. */
	if (!error && knowledge == WARD_KNOWN_INFECTED && !ward_scanner_connected())
		error = -EPERM;
	if (!error && knowledge == WARD_KNOWN_INFECTED && !ward_can_hold())
		error = -EPERM;
	return error;
}

/* In the opener's context, before open(2) or execve(2) has the file. The path is the one inside the file. */
int ward_on_open(const struct path *path, u32 hooks, struct ward_note *note, struct fsnotify_iter_info *iter)
{
	const struct file *file = container_of(path, struct file, f_path);
	struct dentry *dentry = path->dentry;
	u32 knowledge = known(note, dentry);
	bool writes = file->f_mode & FMODE_WRITE;

	if (knowledge == WARD_KNOWN_CLEAN && !writes) {
		ward_count(WARD_CACHE_HITS);
		return 0;
	}
	if (writes && ward_filter_denies_write(path) && !is_exempt()) {
		ward_count(WARD_DENIED_WRITES);
		return -EPERM;
	}
	if (reads_nothing_old(file))
		return 0;
	if (!(hooks & ((file->f_flags & __FMODE_EXEC) ? WARD_HOOK_EXEC : WARD_HOOK_OPEN)))
		return 0;
	if (is_exempt() || !ward_filter_wants(path))
		return 0;
	ward_count(WARD_CACHE_MISSES);
	return ask(file, iter, knowledge);
}

/* First thing in __fput, also in kernel threads that put a user's file: waits for nobody. */
void ward_on_close(const struct path *path)
{
	if (ward_scanner_connected() && ward_task_is_scanner())
		return;
	if (ward_filter_wants(path))
		ward_queue_close(path);
}
