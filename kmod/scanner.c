// SPDX-License-Identifier: GPL-2.0-or-later
/* Who never waits: the process that opened the device, those it registered, and what any of them forked. */
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>

#include "ward.h"

#define WARD_SCANNERS 16
#define WARD_MAX_ANCESTORS 64

static struct pid __rcu *scanners[WARD_SCANNERS];
static DEFINE_MUTEX(changing);

static bool is_registered(const struct pid *tgid)
{
	int i;

	for (i = 0; i < WARD_SCANNERS; i++)
		if (rcu_access_pointer(scanners[i]) == tgid)
			return true;
	return false;
}

bool ward_task_is_scanner(void)
{
	struct task_struct *task;
	bool found = false;
	int depth = 0;

	rcu_read_lock();
	for (task = current; task->pid > 1 && depth < WARD_MAX_ANCESTORS && !found; depth++) {
		found = is_registered(task_tgid(task));
		task = rcu_dereference(task->real_parent);
	}
	rcu_read_unlock();
	return found;
}

/* Keeps a reference of its own, so that a reused number is somebody else. */
int ward_scanner_register(struct pid *tgid)
{
	int i, error = -ENOSPC;

	mutex_lock(&changing);
	for (i = 0; i < WARD_SCANNERS; i++) {
		struct pid *old = rcu_dereference_protected(scanners[i], lockdep_is_held(&changing));

		if (old == tgid) {
			error = 0;
			break;
		}
		if (!old && error) {
			rcu_assign_pointer(scanners[i], get_pid(tgid));
			error = 0;
			break;
		}
	}
	mutex_unlock(&changing);
	return error;
}

void ward_scanner_forget_all(void)
{
	struct pid *old[WARD_SCANNERS];
	int i;

	mutex_lock(&changing);
	for (i = 0; i < WARD_SCANNERS; i++)
		old[i] = rcu_replace_pointer(scanners[i], NULL, lockdep_is_held(&changing));
	mutex_unlock(&changing);
	synchronize_rcu();
	for (i = 0; i < WARD_SCANNERS; i++)
		put_pid(old[i]);
}
