/** The fakes of `Records`, `Journal` and `Blobs` keep the law that their adapters keep. */
import { memoryBlobs } from '../support/memory-blobs.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { memoryRecords } from '../support/memory-records.ts';
import { blobsLaw } from './blobs.testsuite.ts';
import { journalLaw } from './journal.testsuite.ts';
import { recordsLaw } from './records.testsuite.ts';

recordsLaw({ open: async () => memoryRecords() });
journalLaw({ open: async () => memoryJournal() });
blobsLaw({ open: async () => memoryBlobs() });
