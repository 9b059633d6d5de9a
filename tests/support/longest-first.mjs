import path from 'node:path';
import TestSequencer from '@jest/test-sequencer';

/** By folder of tests/; the others are in the middle. Suites that start most processes and servers come first. */
const RANKS = { smoke: 0, e2e: 1, core: 3 };
const MIDDLE = 2;

/**
 * Where no earlier run has left its times, as in a fresh clone: the suites of folders whose suites take longest start first,
 * so that short ones are left for the end and no processor waits for the last of the others.
 */
export default class LongestFirst extends TestSequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    if (sorted.some((test) => this.time(test) !== undefined)) return sorted;
    return sorted.sort((a, b) => rankOf(a) - rankOf(b));
  }
}

function rankOf(test) {
  const [, folder] = path.relative(test.context.config.rootDir, test.path).split(path.sep);
  return RANKS[folder] ?? MIDDLE;
}
