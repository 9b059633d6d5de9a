/** Reads the file of triggers whenever it has changed, so that an edit applies to the next delivery. */
import path from 'node:path';
import { SkillosError } from '../../core/errors/errors.ts';
import { TRIGGER_FILE, parseTriggerFile } from '../../core/webhooks/trigger-file.ts';
import type { Triggers } from '../../core/webhooks/trigger.ts';
import { openTextFile } from '../files/text-file.ts';

const MAX_BYTES = 1024 * 1024;

/** The function returned throws `trigger_file_invalid`; a missing file has no triggers. */
export function openTriggers(root: string): () => Triggers {
  const readFile = openTextFile(path.join(root, TRIGGER_FILE), MAX_BYTES);
  let last: { readonly text: string; readonly parsed: Triggers } | undefined;
  return () => {
    const read = readFile();
    if (typeof read !== 'object') {
      if (last?.text !== read) last = { text: read, parsed: parseTriggerFile(read) };
      return last.parsed;
    }
    if (read.problem === undefined) return { triggers: [], problems: [] };
    throw new SkillosError('trigger_file_invalid', `Invalid ${TRIGGER_FILE}: it ${read.problem}`);
  };
}
