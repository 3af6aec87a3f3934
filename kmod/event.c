// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Questions and the references they hold. The rule: the path is copied by value while the file is alive, the reference is
 * taken on the copy, and the copy is put once, when the question goes, in a context that may sleep.
 */
#include <linux/slab.h>

#include "ward.h"

static struct kmem_cache *questions;

struct ward_question *ward_question_new(u32 kind, const struct path *path, gfp_t gfp)
{
	struct ward_question *question = kmem_cache_zalloc(questions, gfp);

	if (!question)
		return NULL;
	kref_init(&question->ref);
	INIT_LIST_HEAD(&question->list);
	INIT_HLIST_NODE(&question->hash);
	init_waitqueue_head(&question->wait);
	question->kind = kind;
	question->uid = current_uid();
	question->tgid = get_pid(task_tgid(current));
	question->path = *path;
	path_get(&question->path);
	ward_count(WARD_REFERENCES_TAKEN);
	return question;
}

/* The mistake this module exists to never make again; tests build it to see that they would notice. */
static bool forgets_reference(const struct ward_question *question)
{
#ifdef WARD_TEST_HISTORIC_LEAK
	return question->kind == WARD_EVENT_CLOSE;
#else
	return false;
#endif
}

static void question_free(struct kref *ref)
{
	struct ward_question *question = container_of(ref, struct ward_question, ref);

	might_sleep();
	if (!forgets_reference(question)) {
		path_put(&question->path);
		ward_count(WARD_REFERENCES_GIVEN_BACK);
	}
	put_pid(question->tgid);
	kmem_cache_free(questions, question);
}

void ward_question_put(struct ward_question *question)
{
	kref_put(&question->ref, question_free);
}

int ward_events_init(void)
{
	questions = kmem_cache_create("ward_question", sizeof(struct ward_question), 0, SLAB_HWCACHE_ALIGN, NULL);
	return questions ? 0 : -ENOMEM;
}

void ward_events_exit(void)
{
	kmem_cache_destroy(questions);
}
