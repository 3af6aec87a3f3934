// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Holding an opener. Sleeping in fsnotify's handler would hold its SRCU and with it every close of an inotify descriptor
 * on the machine; fanotify leaves the SRCU by two helpers that are not exported. Their addresses are asked of a kprobe
 * that is removed at once, and they are called through static calls, which need no indirect branch target. Where they
 * are not found nobody is held.
 */
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/sched/signal.h>
#include <linux/static_call.h>

#include "compat.h"
#include "ward.h"

static bool no_prepare(struct fsnotify_iter_info *iter)
{
	return false;
}

static void no_finish(struct fsnotify_iter_info *iter)
{
}

DEFINE_STATIC_CALL(ward_prepare_user_wait, no_prepare);
DEFINE_STATIC_CALL(ward_finish_user_wait, no_finish);

static bool helpers_found;
static atomic_t waiters = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(waiters_gone);

/* The start of a function: a probe may sit behind an entry instruction, and only the symbol table knows how far. */
static void *function_start(const char *name)
{
	struct kprobe probe = { .symbol_name = name };
	char symbol[KSYM_SYMBOL_LEN];
	unsigned long offset;
	void *address;
	size_t length = strlen(name);

	if (register_kprobe(&probe))
		return NULL;
	address = probe.addr;
	unregister_kprobe(&probe);
	sprint_symbol(symbol, (unsigned long)address);
	if (strncmp(symbol, name, length) || sscanf(symbol + length, "+0x%lx", &offset) != 1)
		return NULL;
	return address - offset;
}

void ward_wait_find_helpers(void)
{
	void *prepare = function_start("fsnotify_prepare_user_wait");
	void *finish = function_start("fsnotify_finish_user_wait");

	if (!prepare || !finish) {
		pr_notice("ward: this kernel's wait helpers were not found: opens are not held, only what is known to be infected is denied\n");
		return;
	}
	static_call_update(ward_prepare_user_wait, (typeof(&no_prepare))prepare);
	static_call_update(ward_finish_user_wait, (typeof(&no_finish))finish);
	helpers_found = true;
}

bool ward_can_hold(void)
{
	return helpers_found;
}

static bool answered(const struct ward_question *question)
{
	return READ_ONCE(question->state) == WARD_ANSWERED;
}

/* Which decision the policy has for a question that no verdict answered. */
static u32 by_policy(bool scanner_gone)
{
	if (!scanner_gone) {
		ward_count(WARD_DEADLINES);
		return READ_ONCE(ward_settings.on_deadline);
	}
	ward_count(WARD_NO_SCANNER);
	return READ_ONCE(ward_settings.on_no_scanner);
}

static int ask(struct ward_question *question, u32 deadline_ms)
{
	long left = msecs_to_jiffies(deadline_ms) + 1;
	u32 decision;

	question->deadline = jiffies + left;
	if (!ward_queue_held(question)) {
		decision = by_policy(!ward_scanner_connected());
	} else {
		ward_count(WARD_HELD_TOTAL);
		left = ward_wait_timeout(question->wait, answered(question), left);
		ward_queue_leave(question);
		decision = question->decision;
		if (!decision && left < 0) {
			ward_count(WARD_KILLED);
			return -EINTR;
		}
		if (!decision)
			decision = by_policy(left > 0);
	}
	ward_count(decision == WARD_ALLOW ? WARD_ALLOWED : WARD_DENIED);
	return decision == WARD_ALLOW ? 0 : -EPERM;
}

/*
 * fsnotify could not pin what it looks at, because somebody takes a mark away just now. On kernels without the fix of 2026
 * that may be anybody's inotify watch: an answer without a question would let whoever adds and removes watches read what was
 * never scanned. The system call is begun anew, or, where nobody could do that, answered as if it had not been answered in
 * time.
 */
static int ask_again(void)
{
	if (current->flags & (PF_IO_WORKER | PF_KTHREAD))
		return by_policy(false) == WARD_ALLOW ? 0 : -EPERM;
	return restart_syscall();
}

/* Called from the open hook, in the opener's context, under fsnotify's SRCU. 0 or the error of open(2). */
int ward_hold(const struct path *path, u32 kind, u32 deadline_ms, struct fsnotify_iter_info *iter)
{
	struct ward_question *question;
	int error = 0;

	atomic_inc(&waiters);
	if (!static_call(ward_prepare_user_wait)(iter)) {
		error = ask_again();
		goto out;
	}
	question = ward_question_new(kind, path, GFP_KERNEL);
	if (question) {
		error = ask(question, deadline_ms);
		ward_question_put(question);
	} else {
		error = READ_ONCE(ward_settings.on_deadline) == WARD_ALLOW ? 0 : -EPERM;
	}
	static_call(ward_finish_user_wait)(iter);
out:
	/* From here the SRCU is held again: the teardown's next grace period waits for this return. */
	if (atomic_dec_and_test(&waiters))
		wake_up(&waiters_gone);
	return error;
}

/* Nobody is connected any more: the last waiters are on their way out. */
void ward_wait_shut(void)
{
	wait_event(waiters_gone, atomic_read(&waiters) == 0);
}
