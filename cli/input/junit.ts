/** The option `--junit`, and the file that it names. */
import { dirname, resolve } from 'node:path';
import { Option } from 'clipanion';
import { makeDir, writeAtomic } from '../../adapters/files/files.ts';
import { junitXml } from '../../core/testing/junit.ts';
import type { TestSuite } from '../../core/testing/junit.ts';

export const junitOption = () =>
  Option.String('--junit', { description: 'File for the results as JUnit XML, for CI servers' });

/** Does nothing without a file. */
export async function writeJUnit(file: string | undefined, suites: readonly TestSuite[]): Promise<void> {
  if (file === undefined) return;
  await makeDir(dirname(resolve(file)));
  await writeAtomic(resolve(file), junitXml(suites), { mode: 0o644 });
}
