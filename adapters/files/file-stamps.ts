/** Detects by `stat` alone that files, and folders in which other files could take their place, are unchanged. */
import { type Stats, statSync } from 'node:fs';
import path from 'node:path';

/** Path below the root, then change time, modification time, size and inode. */
export type FileStamp = readonly [file: string, ctimeMs: number, mtimeMs: number, size: number, ino: number];

/** Resolution of file timestamps: two writes within one tick of the kernel's clock can have the same stamp. */
const CLOCK_TICK_MS = 50;

/**
 * Returns stamps of everything that determines which `inputs` a build reads (absolute paths below the real
 * path of `root`): the files, their folders (a new file that takes precedence changes its folder) and the
 * package.json of packages. Returns undefined if one of them changed so shortly before `since` (epoch ms)
 * that a later change could have the same stamp.
 */
export function stampFiles(
  root: string,
  inputs: readonly string[],
  since: number,
): readonly FileStamp[] | undefined {
  const seen: FileStamp[] = [];
  for (const file of watchedFiles(root, inputs)) {
    const info = statSync(path.join(root, file), { throwIfNoEntry: false });
    if (!info) continue; // a missing package.json: the stamp of its folder covers it
    if (info.ctimeMs > since - CLOCK_TICK_MS) return undefined;
    seen.push(seenOf(file, info));
  }
  return seen;
}

/** True if no stamp has changed. */
export function isUnchanged(root: string, seen: readonly FileStamp[]): boolean {
  return seen.every((before) => {
    const info = statSync(path.join(root, before[0]), { throwIfNoEntry: false });
    return info !== undefined && seenOf(before[0], info).every((value, index) => value === before[index]);
  });
}

function seenOf(file: string, info: Stats): FileStamp {
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
    // The root folder changes with unrelated state, and no file in it can take the place of these two.
    if (!/^(implementations|node_modules)\//.test(file)) watched.add('.');
  }
  return watched;
}
