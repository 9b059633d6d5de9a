/** Whether files, and what could take their place, are as they were: by stat, without reading any. */
import { type Stats, statSync } from 'node:fs';
import path from 'node:path';

/** Path below the root, then what changes with the file: change time, modification time, size, inode. */
export type Seen = readonly [file: string, ctimeMs: number, mtimeMs: number, size: number, ino: number];

/** File systems stamp with the tick of a coarse clock: two writes within one tick look alike. */
const CLOCK_TICK_MS = 50;

/**
 * What to look at to know that the same `inputs` (absolute, below the real path of `root`) would be read again: the
 * files, their folders (a new file that would be found first changes its folder) and the package.json of packages.
 * `undefined` where one of them changed so close to `since` (epoch ms) that a later change could not be told from it.
 */
export function observe(root: string, inputs: readonly string[], since: number): readonly Seen[] | undefined {
  const seen: Seen[] = [];
  for (const file of watchedFiles(root, inputs)) {
    const info = statSync(path.join(root, file), { throwIfNoEntry: false });
    if (!info) continue; // a package.json that is not there: its folder is watched
    if (info.ctimeMs > since - CLOCK_TICK_MS) return undefined;
    seen.push(seenOf(file, info));
  }
  return seen;
}

export function isUnchanged(root: string, seen: readonly Seen[]): boolean {
  return seen.every((before) => {
    const info = statSync(path.join(root, before[0]), { throwIfNoEntry: false });
    return info !== undefined && seenOf(before[0], info).every((value, index) => value === before[index]);
  });
}

function seenOf(file: string, info: Stats): Seen {
  return [file, info.ctimeMs, info.mtimeMs, info.size, info.ino];
}

function watchedFiles(root: string, inputs: readonly string[]): ReadonlySet<string> {
  const watched = new Set<string>();
  for (const input of inputs) {
    const file = path.relative(root, input);
    watched.add(file);
    const inPackage = file.split(path.sep).includes('node_modules');
    for (let folder = path.dirname(file); folder !== '.'; folder = path.dirname(folder)) {
      watched.add(folder);
      if (inPackage) watched.add(path.join(folder, 'package.json'));
    }
    // The root itself changes with any state beside the skills, and hides nothing of these two.
    if (!/^(implementations|node_modules)\//.test(file)) watched.add('.');
  }
  return watched;
}
