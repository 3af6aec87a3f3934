// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What administrators exempted. A rule names its file or directory by what the setter's descriptor showed (filesystem,
 * inode, generation): nothing is pinned and no name is resolved at an event. The set is replaced as a whole and read
 * under RCU.
 */
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/mm_types.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat.h"
#include "ward.h"

#define WARD_MAX_RULES 256

struct ward_key {
	dev_t device;
	u32 generation;
	unsigned long inode;
};

struct ward_rule {
	u32 kind;
	struct ward_key key;
	kuid_t uid;
	struct pid *tgid;
	char text[WARD_EXTENSION_MAX];
};

struct ward_filters {
	u32 kinds;	/* a bit for each kind that has a rule */
	unsigned int count;
	struct ward_rule rules[];
};

static struct ward_filters __rcu *filters;
static DEFINE_MUTEX(changing);

static struct ward_key key_of(const struct inode *inode)
{
	return (struct ward_key){ inode->i_sb->s_dev, inode->i_generation, inode->i_ino };
}

static bool has(const struct ward_filters *set, u32 kind)
{
	return set->kinds & BIT(kind);
}

static bool names(const struct ward_filters *set, u32 kind, const struct inode *inode)
{
	struct ward_key key = key_of(inode);
	unsigned int i;

	for (i = 0; i < set->count; i++) {
		const struct ward_rule *rule = &set->rules[i];

		if (rule->kind == kind && rule->key.device == key.device && rule->key.inode == key.inode &&
		    rule->key.generation == key.generation)
			return true;
	}
	return false;
}

static bool names_filesystem(const struct ward_filters *set, u32 kind, const struct super_block *sb)
{
	unsigned int i;

	for (i = 0; i < set->count; i++)
		if (set->rules[i].kind == kind && set->rules[i].key.device == sb->s_dev)
			return true;
	return false;
}

/* Whether a directory above is named; renames meanwhile are noticed and the walk is taken again. */
static bool is_below(const struct ward_filters *set, u32 kind, const struct dentry *dentry)
{
	const struct dentry *up, *parent;
	const struct inode *inode;
	bool found;
	int seq = 0;

	do {
		read_seqbegin_or_lock(&rename_lock, &seq);
		found = false;
		for (up = dentry; !found && !IS_ROOT(up); up = parent) {
			parent = READ_ONCE(up->d_parent);
			inode = READ_ONCE(parent->d_inode);
			found = inode && names(set, kind, inode);
		}
		if (!need_seqretry(&rename_lock, seq))
			break;
		done_seqretry(&rename_lock, seq);
		seq = 1;
	} while (true);
	done_seqretry(&rename_lock, seq);
	return found;
}

static bool has_extension(const struct ward_filters *set, u32 kind, struct dentry *dentry)
{
	char extension[WARD_EXTENSION_MAX] = "";
	const char *dot;
	unsigned int i;

	spin_lock(&dentry->d_lock);
	dot = strrchr(dentry->d_name.name, '.');
	if (dot && strlen(dot + 1) < sizeof(extension))
		strscpy(extension, dot + 1, sizeof(extension));
	spin_unlock(&dentry->d_lock);
	for (i = 0; i < set->count; i++)
		if (set->rules[i].kind == kind && extension[0] && !strcasecmp(set->rules[i].text, extension))
			return true;
	return false;
}

static bool is_process(const struct ward_filters *set)
{
	unsigned int i;

	for (i = 0; i < set->count; i++)
		if (set->rules[i].kind == WARD_FILTER_SKIP_PROCESS && set->rules[i].tgid == task_tgid(current))
			return true;
	return false;
}

static bool is_user(const struct ward_filters *set, u32 kind)
{
	unsigned int i;

	for (i = 0; i < set->count; i++)
		if (set->rules[i].kind == kind && uid_eq(set->rules[i].uid, current_uid()))
			return true;
	return false;
}

static bool is_program(const struct ward_filters *set)
{
	struct file *program = current->mm ? ward_program_get(current->mm) : NULL;
	bool found = program && names(set, WARD_FILTER_SKIP_PROGRAM, file_inode(program));

	if (program)
		ward_program_put(program);
	return found;
}

static bool skips_asker(const struct ward_filters *set)
{
	if (has(set, WARD_FILTER_SKIP_PROCESS) && is_process(set))
		return true;
	if (has(set, WARD_FILTER_SKIP_PROGRAM) && is_program(set))
		return true;
	if (has(set, WARD_FILTER_SKIP_USER) && is_user(set, WARD_FILTER_SKIP_USER))
		return true;
	return has(set, WARD_FILTER_INCLUDE_USER) && !is_user(set, WARD_FILTER_INCLUDE_USER);
}

static bool is_excluded(const struct ward_filters *set, struct dentry *dentry)
{
	if (has(set, WARD_FILTER_EXCLUDE_FILE) && names(set, WARD_FILTER_EXCLUDE_FILE, d_inode(dentry)))
		return true;
	if (has(set, WARD_FILTER_EXCLUDE_EXTENSION) && has_extension(set, WARD_FILTER_EXCLUDE_EXTENSION, dentry))
		return true;
	return has(set, WARD_FILTER_EXCLUDE_DIR) && is_below(set, WARD_FILTER_EXCLUDE_DIR, dentry);
}

/* Files and directories included by name limit their own filesystem only; a file that is named needs no directory. */
static bool is_included(const struct ward_filters *set, struct dentry *dentry)
{
	bool limits_files = has(set, WARD_FILTER_INCLUDE_FILE) && names_filesystem(set, WARD_FILTER_INCLUDE_FILE, dentry->d_sb);
	bool limits_dirs = has(set, WARD_FILTER_INCLUDE_DIR) && names_filesystem(set, WARD_FILTER_INCLUDE_DIR, dentry->d_sb);

	if (limits_files && names(set, WARD_FILTER_INCLUDE_FILE, d_inode(dentry)))
		return true;
	if (limits_dirs && !is_below(set, WARD_FILTER_INCLUDE_DIR, dentry))
		return false;
	if (limits_files && !limits_dirs)
		return false;
	return !has(set, WARD_FILTER_INCLUDE_EXTENSION) || has_extension(set, WARD_FILTER_INCLUDE_EXTENSION, dentry);
}

bool ward_filter_wants(const struct path *path)
{
	const struct ward_filters *set;
	bool wants = true;

	rcu_read_lock();
	set = rcu_dereference(filters);
	if (set && set->count)
		wants = !skips_asker(set) && !is_excluded(set, path->dentry) && is_included(set, path->dentry);
	rcu_read_unlock();
	return wants;
}

bool ward_filter_denies_write(const struct path *path)
{
	const struct ward_filters *set;
	bool denies = false;

	rcu_read_lock();
	set = rcu_dereference(filters);
	if (set && has(set, WARD_FILTER_DENY_WRITE_FILE))
		denies = names(set, WARD_FILTER_DENY_WRITE_FILE, d_inode(path->dentry));
	if (set && !denies && has(set, WARD_FILTER_DENY_WRITE_DIR))
		denies = is_below(set, WARD_FILTER_DENY_WRITE_DIR, path->dentry);
	rcu_read_unlock();
	return denies;
}

static int rule_from_fd(struct ward_rule *rule, int descriptor)
{
	struct file *file = fget(descriptor);
	bool wants_directory = rule->kind == WARD_FILTER_INCLUDE_DIR || rule->kind == WARD_FILTER_EXCLUDE_DIR ||
			       rule->kind == WARD_FILTER_DENY_WRITE_DIR;
	int error = 0;

	if (!file)
		return -EBADF;
	if (wants_directory != (bool)S_ISDIR(file_inode(file)->i_mode))
		error = wants_directory ? -ENOTDIR : -EISDIR;
	else
		rule->key = key_of(d_inode(file->f_path.dentry));
	fput(file);
	return error;
}

static int rule_from(struct ward_rule *rule, const struct ward_filter *change)
{
	switch (change->kind) {
	case WARD_FILTER_INCLUDE_EXTENSION:
	case WARD_FILTER_EXCLUDE_EXTENSION:
		if (!change->text[0] || strnlen(change->text, sizeof(change->text)) == sizeof(change->text))
			return -EINVAL;
		memcpy(rule->text, change->text, sizeof(rule->text));
		return 0;
	case WARD_FILTER_SKIP_PROCESS:
		rule->tgid = find_get_pid(change->number);
		return rule->tgid ? 0 : -ESRCH;
	case WARD_FILTER_INCLUDE_USER:
	case WARD_FILTER_SKIP_USER:
		rule->uid = make_kuid(current_user_ns(), change->number);
		return uid_valid(rule->uid) ? 0 : -EINVAL;
	default:
		return rule_from_fd(rule, change->fd);
	}
}

static struct ward_filters *copy_filters(const struct ward_filters *old, unsigned int room, u32 without)
{
	unsigned int count = old ? old->count : 0, i;
	struct ward_filters *set = kzalloc(struct_size(set, rules, count + room), GFP_KERNEL);

	for (i = 0; set && i < count; i++) {
		if (old->rules[i].kind == without)
			continue;
		set->rules[set->count++] = old->rules[i];
		set->kinds |= BIT(old->rules[i].kind);
		get_pid(old->rules[i].tgid);
	}
	return set;
}

static void free_filters(struct ward_filters *set)
{
	unsigned int i;

	for (i = 0; set && i < set->count; i++)
		put_pid(set->rules[i].tgid);
	kfree(set);
}

/* With the mutex held. */
static void replace(struct ward_filters *set)
{
	struct ward_filters *old = rcu_replace_pointer(filters, set, lockdep_is_held(&changing));

	synchronize_rcu();
	free_filters(old);
}

static int clear(u32 kind)
{
	struct ward_filters *set = NULL;

	if (kind) {
		set = copy_filters(rcu_dereference_protected(filters, lockdep_is_held(&changing)), 0, kind);
		if (!set)
			return -ENOMEM;
	}
	replace(set);
	return 0;
}

static int add(const struct ward_filter *change)
{
	struct ward_rule rule = { .kind = change->kind };
	const struct ward_filters *old = rcu_dereference_protected(filters, lockdep_is_held(&changing));
	struct ward_filters *set;
	int error;

	if (old && old->count >= WARD_MAX_RULES)
		return -ENOSPC;
	error = rule_from(&rule, change);
	if (error)
		return error;
	set = copy_filters(old, 1, 0);
	if (!set) {
		put_pid(rule.tgid);
		return -ENOMEM;
	}
	set->rules[set->count++] = rule;
	set->kinds |= BIT(rule.kind);
	replace(set);
	return 0;
}

int ward_filter_change(const struct ward_filter *change)
{
	int error = -EINVAL;

	if (change->kind > WARD_FILTER_KINDS)
		return -EINVAL;
	mutex_lock(&changing);
	if (change->operation == WARD_FILTER_CLEAR)
		error = clear(change->kind);
	else if (change->operation == WARD_FILTER_ADD && change->kind)
		error = add(change);
	mutex_unlock(&changing);
	return error;
}

void ward_filter_exit(void)
{
	mutex_lock(&changing);
	replace(NULL);
	mutex_unlock(&changing);
}
