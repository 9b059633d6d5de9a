/** The system's Chromium without a window. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** What no test needs: what leaves the machine, and the sandbox, which containers cannot have. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

const executable = findExecutable();

/**
 * `describe` for tests that need a browser. In CI a missing one fails them; elsewhere they are skipped, and say so.
 */
export const describeInBrowser = executable === undefined && !process.env['CI'] ? skipLoudly : describe;

/** `more`: further arguments of Chromium. */
export async function openBrowser(more: readonly string[] = []): Promise<Browser> {
  if (executable === undefined) throw new Error(`Expected one of ${NAMES.join(', ')} on PATH`);
  return chromium.launch({ executablePath: executable, args: [...ARGUMENTS, ...more] });
}

function skipLoudly(name: string, tests: () => void): void {
  process.stderr.write(`SKIPPED: ${name}: no Chromium on PATH (apt-get install chromium)\n`);
  describe.skip(name, tests);
}

function findExecutable(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const files = NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  return files.find((file) => existsSync(file));
}
