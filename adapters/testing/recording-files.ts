/** Reads and writes recordings of runs, which are files of the root beside its tests. */
import { readFile, readdir } from 'node:fs/promises';
import { SkillosError } from '../../core/errors/errors.ts';
import { recordingFolder, recordingSchema } from '../../core/testing/recording.ts';
import type { Recording } from '../../core/testing/recording.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import { isErrno, safeJoin, storageError } from '../files/files.ts';
import { createFiles } from '../files/create-files.ts';

/** Resolves to the path below the root. Rejects with `already_exists` if the run was recorded before. */
export async function saveRecording(root: string, recording: Recording): Promise<string> {
  const file = `${recordingFolder(recording.skill)}/${recording.run}.json`;
  await createFiles(root, [{ path: file, content: `${JSON.stringify(recording, null, 2)}\n` }]);
  return file;
}

/** Resolves to the recordings, sorted by file name. Rejects with `recording_invalid`. */
export async function readRecordings(root: string, skill: SkillId): Promise<readonly Recording[]> {
  const folder = recordingFolder(skill);
  const names = await readdir(safeJoin(root, folder)).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return [];
    throw storageError(`Cannot list "${folder}"`, error);
  });
  const files = names.filter((name) => /^[^.].*\.json$/.test(name)).sort();
  return Promise.all(files.map((name) => readRecording(root, skill, `${folder}/${name}`)));
}

async function readRecording(root: string, skill: SkillId, file: string): Promise<Recording> {
  const text = await readFile(safeJoin(root, file), 'utf8').catch((error: unknown) => {
    throw storageError(`Cannot read "${file}"`, error);
  });
  const parsed = recordingSchema.safeParse(parseJson(text, file));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(file, `${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? ''}`);
  }
  if (parsed.data.skill !== skill) throw invalid(file, `skill: expected "${skill}"`);
  return parsed.data;
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(file, 'expected JSON');
  }
}

function invalid(file: string, why: string): SkillosError {
  return new SkillosError('recording_invalid', `Invalid recording "${file}": ${why}`);
}
