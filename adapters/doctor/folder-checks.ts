/** Whether this user, and nobody else, may use the folders and files of state in a skills root. */
import { constants } from 'node:fs';
import type { Stats } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { STATE_FOLDERS } from '../storage/state-folders.ts';
import type { Problem } from '../../core/telemetry/diagnosis.ts';

/** With those of the index of lists. */
const FOLDERS = [...STATE_FOLDERS, 'runtime/records/.index', 'runtime/records/.locks', 'attachments'];
/** SkillOS makes these folders for its own user alone. */
const OTHERS = 0o077;

/** Looks at the folders and at the files of the index and of the logs in them, not at every record. */
export async function stateFolderProblems(root: string): Promise<readonly Problem[]> {
  const found = await Promise.all(FOLDERS.map((folder) => problemsOf(root, folder)));
  return found.flat();
}

async function problemsOf(root: string, folder: string): Promise<readonly Problem[]> {
  const full = path.join(root, folder);
  const stats: Stats | undefined = await stat(full).catch(() => undefined);
  if (stats === undefined) return []; // SkillOS makes it when it needs it
  const problems: Problem[] = [];
  if ((stats.mode & OTHERS) !== 0) {
    const mode = (stats.mode & 0o777).toString(8);
    problems.push({
      message: `Other users may open the folder "${folder}": its mode is ${mode}, expected 700`,
      remedy: `chmod 700 ${JSON.stringify(folder)} in the skills root`,
    });
  }
  const unusable = (await isUsable(full, constants.X_OK)) ? await firstUnusable(root, folder) : folder;
  if (unusable !== undefined) {
    problems.push({
      message: `State "${unusable}" cannot be written`,
      remedy: 'Give runtime/, logs/ and attachments/ of the skills root to the user that runs SkillOS',
    });
  }
  return problems;
}

/** Folders with a file per record or run are too long to look at each. */
const LOOKED_INTO = new Set(['runtime/records/.index', 'logs', 'logs/audit']);

async function firstUnusable(root: string, folder: string): Promise<string | undefined> {
  if (!LOOKED_INTO.has(folder)) return undefined;
  for (const name of await readdir(path.join(root, folder)))
    if (!(await isUsable(path.join(root, folder, name)))) return `${folder}/${name}`;
  return undefined;
}

function isUsable(file: string, more = 0): Promise<boolean> {
  return access(file, constants.R_OK | constants.W_OK | more).then(
    () => true,
    () => false,
  );
}
