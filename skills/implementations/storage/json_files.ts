/** JSON files of the sample below the home of whoever runs the worker: `rm -r ~/.skillos-sample` starts afresh. */
import { randomUUID } from 'node:crypto';
import { readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

export function sampleFolder(name: string): string {
  return join(homedir(), '.skillos-sample', name);
}

export async function readJson<T>(path: string): Promise<T | undefined> {
  const text = await orNone(readFile(path, 'utf8'));
  return text === undefined ? undefined : (JSON.parse(text) as T);
}

/** All files of a folder whose names match; `undefined` where there is no such folder. */
export async function readAll<T>(folder: string, pattern: RegExp): Promise<readonly T[] | undefined> {
  const files = await orNone(readdir(folder));
  const values = files?.filter((file) => pattern.test(file)).map((file) => readJson<T>(join(folder, file)));
  return values && (await Promise.all(values)).filter((value) => value !== undefined);
}

/** Never leaves half a file: the draft beside it is renamed when it is complete. */
export async function replaceJson(path: string, value: unknown): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, path);
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '');
}

async function orNone<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
