// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Questions on their way to the scanner. One lock, never held over anything that sleeps; references are given back after
 * it was dropped. A held question is in `by_id` from when it is queued until it is answered; a close is in `by_inode`
 * only while it waits to be read, so that a file closed often is queued once.
 */
#include <linux/jiffies.h>
#include <linux/workqueue.h>

#include "ward.h"

#define WARD_BUCKET_BITS 10

/* How many old closes are taken under the lock at once. */
#define WARD_BATCH 256

struct ward_settings ward_settings = {
	.deadline_ms = 60000,
	.locked_deadline_ms = 5000,
	.on_deadline = WARD_DENY,
	.on_no_scanner = WARD_ALLOW,
	.max_closes = 16384,
	.max_held = 4096,
	.close_age_ms = 1000,
};

DECLARE_WAIT_QUEUE_HEAD(ward_readable);

static DEFINE_SPINLOCK(queue_lock);
static LIST_HEAD(held_list);
static LIST_HEAD(close_list);
static DEFINE_HASHTABLE(by_id, WARD_BUCKET_BITS);
static DEFINE_HASHTABLE(by_inode, WARD_BUCKET_BITS);
static u64 last_id;
static u64 closes_waiting;
static u64 held_waiting;
static u64 lost_untold;
static bool connected;
static struct workqueue_struct *ageing_queue;

static void drop_old_closes(struct work_struct *unused);
static DECLARE_DELAYED_WORK(aging, drop_old_closes);

static unsigned long close_age(void)
{
	return msecs_to_jiffies(READ_ONCE(ward_settings.close_age_ms)) + 1;
}

static void put_all(struct list_head *questions)
{
	struct ward_question *question, *next;

	list_for_each_entry_safe(question, next, questions, list) {
		list_del_init(&question->list);
		ward_question_put(question);
		cond_resched();
	}
}

/* With the lock held. The caller owns the list's reference from here. */
static void unlink_close(struct ward_question *question)
{
	list_del_init(&question->list);
	hash_del(&question->hash);
	closes_waiting--;
}

/* With the lock held. True once; the caller owns the table's reference from then on. */
static bool settle(struct ward_question *question, u32 decision)
{
	if (question->state == WARD_ANSWERED)
		return false;
	question->state = WARD_ANSWERED;
	question->decision = decision;
	list_del_init(&question->list);
	hash_del(&question->hash);
	held_waiting--;
	return true;
}

static void note_lost(u64 closes)
{
	lost_untold += closes;
	atomic64_add(closes, &ward_counter[WARD_CLOSES_DROPPED]);
}

static void drop_old_closes(struct work_struct *unused)
{
	unsigned long age = close_age();
	struct ward_question *question, *next;
	LIST_HEAD(old);
	unsigned int room = WARD_BATCH;
	bool more;

	spin_lock(&queue_lock);
	list_for_each_entry_safe(question, next, &close_list, list) {
		if (!room || time_before(jiffies, question->deadline + age))
			break;
		unlink_close(question);
		list_add_tail(&question->list, &old);
		note_lost(1);
		room--;
	}
	more = !list_empty(&close_list);
	spin_unlock(&queue_lock);
	if (!list_empty(&old)) {
		ward_count(WARD_OVERFLOWS);
		wake_up(&ward_readable);
	}
	put_all(&old);
	if (more)
		queue_delayed_work(ageing_queue, &aging, room ? age / 2 + 1 : 0);
}

/* The age that is allowed may be shorter now. */
void ward_queue_age_now(void)
{
	mod_delayed_work(ageing_queue, &aging, 0);
}

/* With the lock held. */
static bool is_waiting(const struct inode *inode)
{
	struct ward_question *question;

	hash_for_each_possible(by_inode, question, hash, (unsigned long)inode)
		if (d_inode(question->path.dentry) == inode)
			return true;
	return false;
}

/* With the lock held. True where the close needs no room of its own: nobody reads, known already, or counted as lost. */
static bool close_is_done(const struct inode *inode)
{
	if (!connected) {
		note_lost(1);
		return true;
	}
	if (is_waiting(inode))
		return true;
	if (closes_waiting >= READ_ONCE(ward_settings.max_closes)) {
		note_lost(1);
		ward_count(WARD_OVERFLOWS);
		return true;
	}
	return false;
}

/* Called from __fput: the path is alive, sleeping is legal, waiting for user space is not. */
void ward_queue_close(const struct path *path)
{
	struct inode *inode = d_inode(path->dentry);
	struct ward_question *question;
	bool done;

	spin_lock(&queue_lock);
	done = close_is_done(inode);
	spin_unlock(&queue_lock);
	if (done)
		goto wake;
	question = ward_question_new(WARD_EVENT_CLOSE, path, GFP_KERNEL | __GFP_NOWARN);
	spin_lock(&queue_lock);
	if (!question) {
		note_lost(1);
		spin_unlock(&queue_lock);
		goto wake;
	}
	done = close_is_done(inode);
	if (!done) {
		question->deadline = jiffies;
		list_add_tail(&question->list, &close_list);
		hash_add(by_inode, &question->hash, (unsigned long)inode);
		closes_waiting++;
	}
	spin_unlock(&queue_lock);
	if (done) {
		ward_question_put(question);
	} else {
		ward_count(WARD_CLOSES_QUEUED);
		queue_delayed_work(ageing_queue, &aging, close_age());
	}
wake:
	if (wq_has_sleeper(&ward_readable))
		wake_up(&ward_readable);
}

/* False where nobody would answer it. */
bool ward_queue_held(struct ward_question *question)
{
	bool room;

	spin_lock(&queue_lock);
	room = connected && held_waiting < READ_ONCE(ward_settings.max_held);
	if (room) {
		question->id = ++last_id;
		question->state = WARD_QUEUED;
		kref_get(&question->ref);
		list_add_tail(&question->list, &held_list);
		hash_add(by_id, &question->hash, question->id);
		held_waiting++;
	}
	spin_unlock(&queue_lock);
	if (room)
		wake_up(&ward_readable);
	return room;
}

/* What to read next, held opens first, with a reference for the reader; or how many closes were lost; or neither. */
struct ward_question *ward_queue_next(u64 *lost)
{
	struct ward_question *question;

	spin_lock(&queue_lock);
	*lost = 0;
	question = list_first_entry_or_null(&held_list, struct ward_question, list);
	if (question) {
		list_del_init(&question->list);
		question->state = WARD_READ;
		kref_get(&question->ref);
	} else if (lost_untold) {
		*lost = lost_untold;
		lost_untold = 0;
	} else {
		question = list_first_entry_or_null(&close_list, struct ward_question, list);
		if (question)
			unlink_close(question);
	}
	spin_unlock(&queue_lock);
	return question;
}

void ward_queue_lost_return(u64 lost)
{
	spin_lock(&queue_lock);
	lost_untold += lost;
	spin_unlock(&queue_lock);
}

/* The reader could not take it after all: it is the next to be read again. Takes the reader's reference. */
void ward_queue_return(struct ward_question *question)
{
	bool put = true;

	spin_lock(&queue_lock);
	if (question->kind == WARD_EVENT_CLOSE) {
		if (close_is_done(d_inode(question->path.dentry)))
			goto out;
		list_add(&question->list, &close_list);
		hash_add(by_inode, &question->hash, (unsigned long)d_inode(question->path.dentry));
		closes_waiting++;
		put = false;
		queue_delayed_work(ageing_queue, &aging, close_age());
	} else if (question->state == WARD_READ) {
		question->state = WARD_QUEUED;
		list_add(&question->list, &held_list);
	}
out:
	spin_unlock(&queue_lock);
	if (put)
		ward_question_put(question);
}

/* The scanner's verdict. The question, with a reference for the caller, if it was read and still waited. */
struct ward_question *ward_queue_answer(u64 id, u32 decision)
{
	struct ward_question *question, *found = NULL;

	spin_lock(&queue_lock);
	hash_for_each_possible(by_id, question, hash, id) {
		if (question->id == id && question->state == WARD_READ) {
			settle(question, decision);
			found = question;
			break;
		}
	}
	spin_unlock(&queue_lock);
	if (found)
		wake_up(&found->wait);
	return found;
}

/* The waiter goes; a decision that came in time stays. */
void ward_queue_leave(struct ward_question *question)
{
	bool mine;

	spin_lock(&queue_lock);
	mine = settle(question, 0);
	spin_unlock(&queue_lock);
	if (mine)
		ward_question_put(question);
}

bool ward_queue_readable(void)
{
	bool readable;

	spin_lock(&queue_lock);
	readable = lost_untold || !list_empty(&held_list) || !list_empty(&close_list);
	spin_unlock(&queue_lock);
	return readable;
}

bool ward_scanner_connected(void)
{
	return READ_ONCE(connected);
}

void ward_queue_levels(u64 *closes, u64 *held)
{
	spin_lock(&queue_lock);
	*closes = closes_waiting;
	*held = held_waiting;
	spin_unlock(&queue_lock);
}

void ward_queue_attach(void)
{
	spin_lock(&queue_lock);
	connected = true;
	spin_unlock(&queue_lock);
}

/* The scanner is gone: every waiter is released by policy, every close is counted as lost. */
void ward_queue_detach(void)
{
	struct ward_question *question;
	struct hlist_node *next;
	LIST_HEAD(gone);
	int bucket;

	spin_lock(&queue_lock);
	connected = false;
	hash_for_each_safe(by_id, bucket, next, question, hash) {
		settle(question, 0);
		list_add(&question->list, &gone);
		wake_up(&question->wait);
	}
	note_lost(closes_waiting);
	while (!list_empty(&close_list)) {
		question = list_first_entry(&close_list, struct ward_question, list);
		unlink_close(question);
		list_add(&question->list, &gone);
	}
	spin_unlock(&queue_lock);
	put_all(&gone);
}

int ward_queue_init(void)
{
	ageing_queue = alloc_workqueue("ward", WQ_UNBOUND, 0);
	return ageing_queue ? 0 : -ENOMEM;
}

/* No hook runs any more. */
void ward_queue_exit(void)
{
	ward_queue_detach();
	cancel_delayed_work_sync(&aging);
	destroy_workqueue(ageing_queue);
}
