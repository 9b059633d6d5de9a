/**
 * Files that are stored by their content: the time of change says when one was last used. A use within `TOUCH_AFTER_MS` of
 * the last one changes nothing, since no such file is removed. Any other use and every removal hold the lock of the file.
 */
import { existsSync, statSync, unlinkSync, utimesSync } from 'node:fs';
import type { Stats } from 'node:fs';
import path from 'node:path';
import { TOUCH_AFTER_MS } from '../../../core/storage/blobs.ts';
import type { RemovedContent } from '../../../core/storage/blobs.ts';
import { makeDir, storageError, writeAtomic } from '../../files/files.ts';
import { withLock } from '../../files/lock.ts';

/** Present if every use of a file in the folder has been recorded since it was made, or since the first removal. */
const MARKER = '.uses-recorded';

export interface UsedFiles {
  /** Records the use. Resolves to the size of the file; undefined if it is missing. */
  use(file: string): Promise<number | undefined>;
  /** Records a use now, also if one is recorded within the last `TOUCH_AFTER_MS`. */
  touch(file: string): Promise<void>;
  /** Creates a file that is missing. */
  create(write: () => Promise<void>): Promise<void>;
  /** Runs `work` while the file is neither touched nor removed. */
  locked<T>(file: string, work: () => Promise<T>): Promise<T>;
  /** Each item is one or more files, of which the first tells the last use. */
  removeUnused(
    items: AsyncIterable<readonly string[]>,
    given: { readonly before: number; readonly isDryRun: boolean },
  ): Promise<RemovedContent>;
}

export function openUsedFiles(dir: string): UsedFiles {
  const marker = path.join(dir, MARKER);
  const locked = <T>(file: string, work: () => Promise<T>) =>
    withLock(path.join(dir, '.locks', path.basename(file)), work);
  const record = async (file: string, unlessWithinMs: number) => {
    const found = statOf(file);
    if (found === undefined || Date.now() - found.mtimeMs < unlessWithinMs) return found?.size;
    return locked(file, async () => {
      const present = statOf(file);
      if (present !== undefined) utimesSync(file, new Date(), new Date());
      return present?.size;
    });
  };
  const use = (file: string) => record(file, TOUCH_AFTER_MS);
  const removeOne = (files: readonly string[], before: number) =>
    locked(files[0] ?? '', async () => {
      const unused = unusedBytes(files, before);
      if (unused !== undefined) for (const file of files) remove(file);
      return unused;
    });
  return {
    use,
    touch: async (file) => void (await record(file, 0)),
    locked,
    async create(write) {
      if (!existsSync(dir)) {
        await makeDir(dir);
        await writeAtomic(marker, '');
      }
      await write();
    },
    async removeUnused(items, { before, isDryRun }) {
      const total = { items: 0, bytes: 0 };
      const isRecorded = existsSync(marker);
      for await (const files of items) {
        if (!isRecorded && !isDryRun) await use(files[0] ?? '');
        const seen = isRecorded ? unusedBytes(files, before) : undefined;
        if (seen === undefined) continue;
        const bytes = isDryRun ? seen : await removeOne(files, before);
        if (bytes === undefined) continue;
        total.items += 1;
        total.bytes += bytes;
      }
      if (!isRecorded && !isDryRun && existsSync(dir)) await writeAtomic(marker, '');
      return total;
    },
  };
}

/** The size of the files together; undefined if they were used since, or are gone. */
function unusedBytes(files: readonly string[], before: number): number | undefined {
  const stats = files.map(statOf);
  const [first] = stats;
  if (first === undefined || first.mtimeMs >= before) return undefined;
  return stats.reduce((sum, found) => sum + (found?.size ?? 0), 0);
}

function statOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    throw storageError(`Cannot look at ${JSON.stringify(path.basename(file))}`, error);
  }
}

function remove(file: string): void {
  try {
    if (existsSync(file)) unlinkSync(file);
  } catch (error) {
    throw storageError(`Cannot remove ${JSON.stringify(path.basename(file))}`, error);
  }
}
