/** Folders that tests write into; removed when the test process ends its test file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const made: string[] = [];

export function tempFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'skillos-test-'));
  made.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
});
