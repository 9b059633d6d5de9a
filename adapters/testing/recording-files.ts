/** Reads and writes recordings of runs, and reads answers of connectors: files of the root beside its tests. */
import { readFile, readdir } from 'node:fs/promises';
import { SkillosError } from '../../core/errors/errors.ts';
import type * as z from 'zod';
import { answersFile, exchangesSchema } from '../../core/testing/connector-exchange.ts';
import type { ConnectorExchange } from '../../core/testing/connector-exchange.ts';
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

/** Resolves to an empty list without the file. Rejects with `recording_invalid`. */
export async function readAnswers(root: string, skill: SkillId): Promise<readonly ConnectorExchange[]> {
  const file = answersFile(skill);
  const text = await readFile(safeJoin(root, file), 'utf8').catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return '[]';
    throw storageError(`Cannot read "${file}"`, error);
  });
  return parsedBy(exchangesSchema, text, file);
}

async function readRecording(root: string, skill: SkillId, file: string): Promise<Recording> {
  const text = await readFile(safeJoin(root, file), 'utf8').catch((error: unknown) => {
    throw storageError(`Cannot read "${file}"`, error);
  });
  const recording = parsedBy(recordingSchema, text, file);
  if (recording.skill !== skill) throw invalid(file, `skill: expected "${skill}"`);
  return recording;
}

function parsedBy<Value>(schema: z.ZodType<Value>, text: string, file: string): Value {
  const parsed = schema.safeParse(parseJson(text, file));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(file, `${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? ''}`);
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
