// SPDX-License-Identifier: GPL-2.0-or-later
/* /dev/ward: one scanner reads questions and writes verdicts. Everything it gives is hostile until checked. */
#include <linux/capability.h>
#include <linux/file.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "ward.h"

#define WARD_MAX_MS (24 * 60 * 60 * 1000)
#define WARD_MAX_WAITING (1 << 20)

static atomic_t in_use = ATOMIC_INIT(0);

static int device_open(struct inode *inode, struct file *file)
{
	int error;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (atomic_cmpxchg(&in_use, 0, 1))
		return -EBUSY;
	error = ward_scanner_register(task_tgid(current));
	if (error) {
		atomic_set(&in_use, 0);
		return error;
	}
	file->private_data = get_pid(task_tgid(current));
	ward_queue_attach();
	return stream_open(inode, file);
}

/* A child that inherited the descriptor must not keep a dead scanner's waiters waiting. */
static int device_flush(struct file *file, fl_owner_t id)
{
	if ((current->flags & PF_EXITING) && task_tgid(current) == file->private_data)
		ward_queue_detach();
	return 0;
}

static int device_release(struct inode *inode, struct file *file)
{
	ward_queue_detach();
	ward_scanner_forget_all();
	put_pid(file->private_data);
	atomic_set(&in_use, 0);
	return 0;
}

/* The registered scanner raises no question by this; what it is given raises none either. */
static struct file *open_silently(const struct path *path)
{
	struct file *file = dentry_open(path, O_RDONLY | O_LARGEFILE | O_CLOEXEC | O_NOATIME, current_cred());

	if (!IS_ERR(file))
		ward_make_silent(file);
	return file;
}

static u64 begin_scan(const struct path *path)
{
	struct ward_note *note;
	u64 changes = 0;

	if (!ward_cache_usable(path->dentry))
		return 0;
	note = ward_note_get(d_inode(path->dentry), true);
	if (note) {
		changes = ward_note_changes(note, path->dentry);
		ward_note_put(note);
	}
	return changes;
}

static struct ward_event event_of(struct ward_question *question)
{
	long left = question->deadline - jiffies;
	bool held = question->kind != WARD_EVENT_CLOSE;

	question->changes = begin_scan(&question->path);
	return (struct ward_event){
		.size = sizeof(struct ward_event),
		.kind = question->kind,
		.id = question->id,
		.pid = pid_vnr(question->tgid),
		.uid = from_kuid_munged(current_user_ns(), question->uid),
		.deadline_ms = held && left > 0 ? jiffies_to_msecs(left) : 0,
		.changes = question->changes,
	};
}

/* Reserve, tell, only then install: nobody ever sees a descriptor that the event did not name. */
static int deliver(struct ward_question *question, char __user *buffer)
{
	struct ward_event event = event_of(question);
	int descriptor = get_unused_fd_flags(O_CLOEXEC);
	/* A reader without room for a descriptor is told all the same: whoever waits has to be answered. */
	struct file *file = descriptor < 0 ? ERR_PTR(descriptor) : open_silently(&question->path);
	bool told;

	event.fd = IS_ERR(file) ? PTR_ERR(file) : descriptor;
	told = !copy_to_user(buffer, &event, sizeof(event));
	if (told && !IS_ERR(file)) {
		fd_install(descriptor, file);
		return 0;
	}
	if (descriptor >= 0)
		put_unused_fd(descriptor);
	if (!IS_ERR(file))
		fput(file);
	if (!told)
		return -EFAULT;
	ward_count(WARD_UNOPENED);
	return 0;
}

static int deliver_overflow(u64 lost, char __user *buffer)
{
	struct ward_event event = {
		.size = sizeof(event),
		.kind = WARD_EVENT_OVERFLOW,
		.fd = -1,
		.lost = lost,
	};

	return copy_to_user(buffer, &event, sizeof(event)) ? -EFAULT : 0;
}

/* 1: an event was delivered, 0: there is none. */
static int read_one(char __user *buffer)
{
	struct ward_question *question;
	u64 lost;
	int error;

	question = ward_queue_next(&lost);
	if (question) {
		error = deliver(question, buffer);
		if (error) {
			ward_queue_return(question);
			return error;
		}
		ward_question_put(question);
		return 1;
	}
	if (!lost)
		return 0;
	error = deliver_overflow(lost, buffer);
	if (error)
		ward_queue_lost_return(lost);
	return error ? error : 1;
}

static ssize_t device_read(struct file *file, char __user *buffer, size_t count, loff_t *position)
{
	size_t done = 0;
	int result;

	if (count < sizeof(struct ward_event))
		return -EINVAL;
	while (done + sizeof(struct ward_event) <= count) {
		result = read_one(buffer + done);
		if (result < 0)
			return done ? done : result;
		if (result) {
			done += sizeof(struct ward_event);
			continue;
		}
		if (done)
			break;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(ward_readable, ward_queue_readable()))
			return -ERESTARTSYS;
	}
	return done;
}

static bool is_decision(u32 decision)
{
	return decision == WARD_ALLOW || decision == WARD_DENY;
}

static void remember(const struct path *path, u64 changes, u32 known)
{
	struct ward_note *note;

	if (!known)
		return;
	note = ward_note_get(d_inode(path->dentry), false);
	if (!note)
		return;
	ward_note_set(note, path->dentry, changes, known);
	ward_note_put(note);
}

static int take_verdict(const struct ward_verdict *verdict)
{
	struct ward_question *question;

	if (!is_decision(verdict->decision) || verdict->known > WARD_KNOWN_INFECTED || verdict->reserved)
		return -EINVAL;
	question = ward_queue_answer(verdict->id, verdict->decision);
	if (!question)
		return -ENOENT;
	remember(&question->path, question->changes, verdict->known);
	ward_question_put(question);
	return 0;
}

static ssize_t device_write(struct file *file, const char __user *buffer, size_t count, loff_t *position)
{
	struct ward_verdict verdict;
	size_t done = 0;
	u32 size;
	int error = 0;

	while (!error && done + sizeof(verdict) <= count) {
		if (get_user(size, (const u32 __user *)(buffer + done)))
			error = -EFAULT;
		else if (size < sizeof(verdict) || size > count - done)
			error = -EINVAL;
		else
			error = copy_struct_from_user(&verdict, sizeof(verdict), buffer + done, size);
		if (!error)
			error = take_verdict(&verdict);
		if (!error)
			done += size;
	}
	if (done)
		return done;
	return error ? error : -EINVAL;
}

static __poll_t device_poll(struct file *file, poll_table *table)
{
	poll_wait(file, &ward_readable, table);
	return EPOLLOUT | EPOLLWRNORM | (ward_queue_readable() ? EPOLLIN | EPOLLRDNORM : 0);
}

static int set_mark(const struct ward_mark_request *request)
{
	struct file *file;
	int error;

	if ((request->hooks & ~WARD_HOOKS) || request->reserved)
		return -EINVAL;
	file = fget(request->fd);
	if (!file)
		return -EBADF;
	error = ward_mark_set(file->f_path.dentry->d_sb, request->hooks);
	fput(file);
	return error;
}

static int set_policy(const struct ward_policy *policy)
{
	if (!is_decision(policy->on_deadline) || !is_decision(policy->on_no_scanner) || !policy->deadline_ms ||
	    !policy->locked_deadline_ms || !policy->close_age_ms || policy->deadline_ms > WARD_MAX_MS ||
	    policy->locked_deadline_ms > WARD_MAX_MS || policy->close_age_ms > WARD_MAX_MS ||
	    policy->max_closes > WARD_MAX_WAITING || policy->max_held > WARD_MAX_WAITING)
		return -EINVAL;
	WRITE_ONCE(ward_settings.deadline_ms, policy->deadline_ms);
	WRITE_ONCE(ward_settings.locked_deadline_ms, policy->locked_deadline_ms);
	WRITE_ONCE(ward_settings.on_deadline, policy->on_deadline);
	WRITE_ONCE(ward_settings.on_no_scanner, policy->on_no_scanner);
	WRITE_ONCE(ward_settings.max_closes, policy->max_closes);
	WRITE_ONCE(ward_settings.max_held, policy->max_held);
	WRITE_ONCE(ward_settings.close_age_ms, policy->close_age_ms);
	ward_queue_age_now();
	return 0;
}

static int register_process(const struct ward_register *request)
{
	struct pid *pid = find_get_pid(request->pid);
	int error;

	if (!pid)
		return -ESRCH;
	error = ward_scanner_register(pid);
	put_pid(pid);
	return error;
}

static int set_known(const struct ward_known *request)
{
	struct file *file;

	if (request->known > WARD_KNOWN_INFECTED || request->reserved)
		return -EINVAL;
	file = fget(request->fd);
	if (!file)
		return -EBADF;
	if (S_ISREG(file_inode(file)->i_mode))
		remember(&file->f_path, request->changes, request->known);
	fput(file);
	return 0;
}

/* Copies what the caller has of the structure; what it does not have is zero. */
static int fetch(void *request, size_t size, const void __user *argument)
{
	u32 given;

	if (get_user(given, (const u32 __user *)argument))
		return -EFAULT;
	if (given < sizeof(u32) || given > PAGE_SIZE)
		return -EINVAL;
	return copy_struct_from_user(request, size, argument, given);
}

static int give(const void *answer, size_t size, void __user *argument)
{
	u32 room;

	if (get_user(room, (const u32 __user *)argument))
		return -EFAULT;
	return copy_to_user(argument, answer, min_t(size_t, room, size)) ? -EFAULT : 0;
}

static int tell_info(void __user *argument)
{
	struct ward_info info = {
		.size = sizeof(info),
		.protocol = WARD_PROTOCOL,
		.abilities = (ward_can_hold() ? WARD_CAN_HOLD : 0) | (WARD_HAVE_NOTES ? WARD_CAN_REMEMBER : 0),
	};

	return give(&info, sizeof(info), argument);
}

static int tell_counters(void __user *argument)
{
	struct ward_counters counters;

	ward_counters_read(&counters);
	return give(&counters, sizeof(counters), argument);
}

static long device_ioctl(struct file *file, unsigned int command, unsigned long value)
{
	void __user *argument = (void __user *)value;
	union {
		struct ward_mark_request mark;
		struct ward_policy policy;
		struct ward_filter filter;
		struct ward_register process;
		struct ward_known known;
	} request;
	int error;

	if (command == WARD_IOC_INFO)
		return tell_info(argument);
	if (command == WARD_IOC_COUNTERS)
		return tell_counters(argument);
	if (command == WARD_IOC_FORGET) {
		ward_cache_forget();
		return 0;
	}
	switch (command) {
	case WARD_IOC_MARK:
		error = fetch(&request, sizeof(request.mark), argument);
		return error ? error : set_mark(&request.mark);
	case WARD_IOC_POLICY:
		error = fetch(&request, sizeof(request.policy), argument);
		return error ? error : set_policy(&request.policy);
	case WARD_IOC_FILTER:
		error = fetch(&request, sizeof(request.filter), argument);
		return error ? error : ward_filter_change(&request.filter);
	case WARD_IOC_REGISTER:
		error = fetch(&request, sizeof(request.process), argument);
		return error ? error : register_process(&request.process);
	case WARD_IOC_KNOWN:
		error = fetch(&request, sizeof(request.known), argument);
		return error ? error : set_known(&request.known);
	}
	return -ENOTTY;
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.open = device_open,
	.flush = device_flush,
	.release = device_release,
	.read = device_read,
	.write = device_write,
	.poll = device_poll,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ward",
	.mode = 0600,
	.fops = &operations,
};

int ward_device_init(void)
{
	return misc_register(&device);
}

void ward_device_exit(void)
{
	misc_deregister(&device);
}
