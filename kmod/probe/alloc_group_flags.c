// SPDX-License-Identifier: GPL-2.0-or-later
/* Groups are allocated with flags. */
#include <linux/fsnotify_backend.h>

struct fsnotify_group *ward_probe(const struct fsnotify_ops *ops);
struct fsnotify_group *ward_probe(const struct fsnotify_ops *ops)
{
	return fsnotify_alloc_group(ops, 0);
}
