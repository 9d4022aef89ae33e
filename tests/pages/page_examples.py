"""Every example of every page."""

import page_examples_callers
import page_examples_desk
import page_examples_in
import page_examples_log
import page_examples_mailbox
import page_examples_out
import page_examples_own
import page_examples_queue
import page_examples_shifts
import page_examples_sponsored

EXAMPLES = [
    *page_examples_out.EXAMPLES,
    *page_examples_in.EXAMPLES,
    *page_examples_log.EXAMPLES,
    *page_examples_own.EXAMPLES,
    *page_examples_mailbox.EXAMPLES,
    *page_examples_sponsored.EXAMPLES,
    *page_examples_desk.EXAMPLES,
    *page_examples_queue.EXAMPLES,
    *page_examples_callers.EXAMPLES,
    *page_examples_shifts.EXAMPLES,
]
