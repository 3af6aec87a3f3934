// SPDX-License-Identifier: GPL-2.0-or-later
/* A reference is taken through the place the file is kept at. */
#include <linux/fs.h>
#include <linux/mm_types.h>

struct file *ward_probe(struct mm_struct *mm);
struct file *ward_probe(struct mm_struct *mm)
{
	return get_file_rcu(&mm->exe_file);
}
