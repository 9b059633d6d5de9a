/** Which files a package may write: safe on every file system, and only beside its own id. */
import type { SkillId } from '../values/skill-id.ts';

export const MAX_FILES = 200;
export const MAX_BYTES = 5 * 1024 * 1024;
/** Of a whole catalogue. */
export const MAX_CATALOGUE_BYTES = 64 * 1024 * 1024;

const MAX_PATH_CHARS = 200;
/** ASCII alone, so that no two names differ by their Unicode form only; no leading or trailing dot. */
const SEGMENT = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?$/;
/** Devices on Windows, whatever their extension. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;

/** The file that SkillOS writes from the manifest of the package. */
export function manifestPath(id: SkillId): string {
  return `metadata/${id}.yaml`;
}

/** Says what is wrong with the paths of a package; undefined if they can be written. */
export function pathsProblem(id: SkillId, paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const problem = pathProblem(id, path);
    if (problem !== undefined) return `file ${JSON.stringify(path.slice(0, MAX_PATH_CHARS))}: ${problem}`;
  }
  const taken = new Set<string>();
  for (const path of paths) {
    const folded = path.toLowerCase();
    if (taken.has(folded))
      return `file ${JSON.stringify(path)}: another file has the same name, or differs in case only`;
    taken.add(folded);
  }
  const inFile = paths.find((path) => foldersOf(path.toLowerCase()).some((folder) => taken.has(folder)));
  return inFile === undefined
    ? undefined
    : `file ${JSON.stringify(inFile)}: one of its folders is a file of the package`;
}

function pathProblem(id: SkillId, path: string): string | undefined {
  if (path.length > MAX_PATH_CHARS) return `expected at most ${MAX_PATH_CHARS} characters`;
  const segments = path.split('/');
  if (!segments.every((segment) => SEGMENT.test(segment))) {
    return 'expected a relative path of A-Z a-z 0-9 _ - and . inside names, with / between folders';
  }
  if (segments.some((segment) => DEVICE.test(segment))) return 'a name is reserved on Windows';
  // A folder of this name would take the place of packages that other skills import.
  if (segments.some((segment) => segment.toLowerCase() === 'node_modules'))
    return 'expected no folder node_modules';
  const home = `implementations/${id}`;
  const isBeside = path.startsWith(`${home}.`) && !path.slice(home.length).includes('/');
  return isBeside || path.startsWith(`${home}/`)
    ? undefined
    : `expected ${home}.<extension> or a file below ${home}/`;
}

function foldersOf(path: string): readonly string[] {
  const segments = path.split('/');
  return segments.slice(1).map((_, index) => segments.slice(0, index + 1).join('/'));
}
