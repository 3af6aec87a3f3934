// SPDX-License-Identifier: GPL-2.0-or-later
/* Counters, and /sys/kernel/debug/ward/. */
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "compat.h"
#include "ward.h"

atomic64_t ward_counter[WARD_COUNTERS];
static struct dentry *directory;

static u64 value(enum ward_counter which)
{
	return atomic64_read(&ward_counter[which]);
}

void ward_counters_read(struct ward_counters *out)
{
	u64 given_back = value(WARD_REFERENCES_GIVEN_BACK);

	/* First what was given back: a reader never sees more given back than taken. */
	smp_rmb();
	*out = (struct ward_counters){
		.size = sizeof(*out),
		.scanner = ward_scanner_connected(),
		.references_given_back = given_back,
		.references_taken = value(WARD_REFERENCES_TAKEN),
		.closes_queued = value(WARD_CLOSES_QUEUED),
		.closes_dropped = value(WARD_CLOSES_DROPPED),
		.held_total = value(WARD_HELD_TOTAL),
		.allowed = value(WARD_ALLOWED),
		.denied = value(WARD_DENIED),
		.deadlines = value(WARD_DEADLINES),
		.no_scanner = value(WARD_NO_SCANNER),
		.cache_hits = value(WARD_CACHE_HITS),
		.cache_misses = value(WARD_CACHE_MISSES),
		.denied_writes = value(WARD_DENIED_WRITES),
		.overflows = value(WARD_OVERFLOWS),
		.killed = value(WARD_KILLED),
		.unopened = value(WARD_UNOPENED),
	};
	ward_queue_levels(&out->closes_waiting, &out->held_waiting);
}

static int counters_show(struct seq_file *out, void *unused)
{
	struct ward_counters counters;

	ward_counters_read(&counters);
	seq_printf(out, "scanner %u\n", counters.scanner);
	seq_printf(out, "can_hold %u\n", ward_can_hold());
	seq_printf(out, "can_remember %u\n", WARD_HAVE_NOTES);
	seq_printf(out, "references_taken %llu\n", counters.references_taken);
	seq_printf(out, "references_given_back %llu\n", counters.references_given_back);
	seq_printf(out, "closes_queued %llu\n", counters.closes_queued);
	seq_printf(out, "closes_dropped %llu\n", counters.closes_dropped);
	seq_printf(out, "closes_waiting %llu\n", counters.closes_waiting);
	seq_printf(out, "held_total %llu\n", counters.held_total);
	seq_printf(out, "held_waiting %llu\n", counters.held_waiting);
	seq_printf(out, "allowed %llu\n", counters.allowed);
	seq_printf(out, "denied %llu\n", counters.denied);
	seq_printf(out, "deadlines %llu\n", counters.deadlines);
	seq_printf(out, "no_scanner %llu\n", counters.no_scanner);
	seq_printf(out, "cache_hits %llu\n", counters.cache_hits);
	seq_printf(out, "cache_misses %llu\n", counters.cache_misses);
	seq_printf(out, "denied_writes %llu\n", counters.denied_writes);
	seq_printf(out, "overflows %llu\n", counters.overflows);
	seq_printf(out, "killed %llu\n", counters.killed);
	seq_printf(out, "unopened %llu\n", counters.unopened);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(counters);

void ward_debugfs_add(void)
{
	directory = debugfs_create_dir("ward", NULL);
	debugfs_create_file("counters", 0400, directory, NULL, &counters_fops);
}

void ward_debugfs_remove(void)
{
	debugfs_remove_recursive(directory);
}
