// SPDX-License-Identifier: GPL-2.0-or-later
/* ward.ko: brings the parts up, and takes them down in the opposite order. */
#include <linux/module.h>

#include "ward.h"

static int __init ward_init(void)
{
	int error = ward_events_init();

	if (error)
		return error;
	error = ward_cache_init();
	if (error)
		goto no_cache;
	error = ward_queue_init();
	if (error)
		goto no_queue;
	ward_wait_find_helpers();
	error = ward_group_init();
	if (error)
		goto no_group;
	error = ward_device_init();
	if (error)
		goto no_device;
	ward_debugfs_add();
	return 0;

no_device:
	ward_group_exit();
no_group:
	ward_queue_exit();
no_queue:
	ward_cache_exit();
no_cache:
	ward_events_exit();
	return error;
}

/* The device is closed, or the module would be in use: nobody can mark or hold any more. */
static void __exit ward_exit(void)
{
	ward_debugfs_remove();
	ward_device_exit();
	ward_group_exit();
	/* After the last hook: a close that was on its way may have started the ageing. */
	ward_queue_exit();
	ward_filter_exit();
	ward_cache_exit();
	ward_events_exit();
}

module_init(ward_init);
module_exit(ward_exit);
MODULE_DESCRIPTION("Feeds opened, executed and closed files to Ward's scanner");
MODULE_AUTHOR("The Ward developers");
MODULE_LICENSE("GPL");
