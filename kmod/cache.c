// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is known of an inode, kept in an fsnotify mark on it that pins nothing and goes with the inode. A note is believed
 * only if nothing changed since the scanner began to read: no modification, no close after writing, no writer seen at an
 * open (which is what catches stores through a writable mapping), the same size and the same settled change time (which
 * catches writers that raise no events), and no new signatures.
 */
#include <linux/magic.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "compat.h"
#include "ward.h"

/* Younger change times may repeat: the clock that stamps files ticks this slowly at worst. */
#define WARD_SETTLED_NS (20 * NSEC_PER_MSEC)

struct ward_note {
	struct ward_mark mark;
	spinlock_t lock;	/* all below; taken last, nothing is called under it */
	u64 changes;
	u64 generation;	/* when the scanner began to read */
	u32 known;
	bool settled;
	struct timespec64 ctime;	/* when the scanner began to read */
	loff_t size;
};

static atomic64_t generation = ATOMIC64_INIT(1);
static struct kmem_cache *notes;

int ward_cache_init(void)
{
	notes = kmem_cache_create("ward_note", sizeof(struct ward_note), 0, 0, NULL);
	return notes ? 0 : -ENOMEM;
}

void ward_cache_exit(void)
{
	kmem_cache_destroy(notes);
}

void ward_note_free(struct fsnotify_mark *mark)
{
	kmem_cache_free(notes, container_of(mark, struct ward_note, mark.mark));
}

struct ward_note *ward_note_of(struct fsnotify_mark *mark)
{
	return mark ? container_of(mark, struct ward_note, mark.mark) : NULL;
}

static struct ward_note *note_make(struct inode *inode)
{
#ifdef FSNOTIFY_MARK_FLAG_NO_IREF
	struct ward_note *note = kmem_cache_zalloc(notes, GFP_KERNEL);
	struct ward_mark *pin;

	if (!note)
		return NULL;
	pin = ward_pin(inode);
	if (!pin) {
		kmem_cache_free(notes, note);
		return NULL;
	}
	fsnotify_init_mark(&note->mark.mark, ward_group);
	note->mark.is_note = true;
	note->mark.mark.flags |= FSNOTIFY_MARK_FLAG_NO_IREF;
	spin_lock_init(&note->lock);
	note->changes = 1;
	if (ward_add_inode_mark(&note->mark.mark, inode)) {
		fsnotify_put_mark(&note->mark.mark);
		note = ward_note_of(ward_find_inode_mark(inode, ward_group));
	}
	ward_unpin(pin);
	return note;
#else
	return NULL;
#endif
}

/* The caller holds the inode and may sleep. With a reference. */
struct ward_note *ward_note_get(struct inode *inode, bool make)
{
	struct ward_note *note = ward_note_of(ward_find_inode_mark(inode, ward_group));

	return note || !make ? note : note_make(inode);
}

void ward_note_put(struct ward_note *note)
{
	fsnotify_put_mark(&note->mark.mark);
}

void ward_note_changed(struct ward_note *note)
{
	spin_lock(&note->lock);
	note->changes++;
	note->known = 0;
	spin_unlock(&note->lock);
}

/* On a layered filesystem the writers and the times are those of the inode below. */
static struct inode *data_inode(struct dentry *dentry)
{
	struct inode *real = d_real_inode(dentry);

	return real ? real : d_inode(dentry);
}

/*
 * All changes are made through this kernel. Elsewhere (servers, clusters, programs behind FUSE) a file may change and
 * nobody here is told.
 */
static bool is_local(const struct super_block *sb)
{
	switch (sb->s_magic) {
	case EXT4_SUPER_MAGIC: /* ext2 and ext3 as well */
	case XFS_SUPER_MAGIC:
	case BTRFS_SUPER_MAGIC:
	case F2FS_SUPER_MAGIC:
	case MSDOS_SUPER_MAGIC:
	case TMPFS_MAGIC:
	case RAMFS_MAGIC:
		return true;
	}
	return false;
}

bool ward_cache_usable(struct dentry *dentry)
{
	if (!WARD_HAVE_NOTES)
		return false;
	if (dentry->d_sb->s_magic == OVERLAYFS_SUPER_MAGIC)
		return is_local(data_inode(dentry)->i_sb);
	return is_local(dentry->d_sb);
}

/* May sleep: a layered filesystem may have to look for the data. */
bool ward_has_writer(struct dentry *dentry)
{
	return inode_is_open_for_write(d_inode(dentry)) || inode_is_open_for_write(data_inode(dentry));
}

static bool is_settled(const struct inode *inode, struct timespec64 ctime)
{
	struct timespec64 now;
	s64 age;

	ktime_get_coarse_real_ts64(&now);
	age = timespec64_to_ns(&now) - timespec64_to_ns(&ctime);
	return age > max_t(s64, WARD_SETTLED_NS, 2 * (s64)inode->i_sb->s_time_gran);
}

/* With the lock held. */
static bool looks_the_same(const struct ward_note *note, struct inode *inode)
{
	struct timespec64 ctime = ward_ctime(inode);

	return note->settled && note->generation == atomic64_read(&generation) && i_size_read(inode) == note->size &&
	       timespec64_equal(&ctime, &note->ctime);
}

/* The scanner is about to read: what its verdict has to name. */
u64 ward_note_changes(struct ward_note *note, struct dentry *dentry)
{
	struct inode *inode = data_inode(dentry);
	struct timespec64 ctime = ward_ctime(inode);
	u64 changes;

	spin_lock(&note->lock);
	if (!looks_the_same(note, inode)) {
		note->changes++;
		note->known = 0;
		note->ctime = ctime;
		note->size = i_size_read(inode);
		note->generation = atomic64_read(&generation);
		note->settled = is_settled(inode, ctime);
	}
	changes = note->changes;
	spin_unlock(&note->lock);
	return changes;
}

/* WARD_KNOWN_*, or 0. The caller has ruled out writers. */
u32 ward_note_known(struct ward_note *note, struct dentry *dentry)
{
	struct inode *inode = data_inode(dentry);
	u32 known = 0;

	spin_lock(&note->lock);
	if (note->known && looks_the_same(note, inode))
		known = note->known;
	spin_unlock(&note->lock);
	return known;
}

void ward_note_set(struct ward_note *note, struct dentry *dentry, u64 changes, u32 known)
{
	struct inode *inode = data_inode(dentry);

	spin_lock(&note->lock);
	/* Under the lock: a writer that goes says so before it is gone. */
	if (note->changes == changes && looks_the_same(note, inode) && !inode_is_open_for_write(d_inode(dentry)) &&
	    !inode_is_open_for_write(inode))
		note->known = known;
	spin_unlock(&note->lock);
}

void ward_cache_forget(void)
{
	atomic64_inc(&generation);
}
