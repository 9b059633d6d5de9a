/** The fakes of `Records` and `Journal` keep the law that their adapters keep. */
import { memoryJournal } from '../support/memory-journal.ts';
import { memoryRecords } from '../support/memory-records.ts';
import { journalLaw } from './journal.testsuite.ts';
import { recordsLaw } from './records.testsuite.ts';

recordsLaw({ open: async () => memoryRecords() });
journalLaw({ open: async () => memoryJournal() });
