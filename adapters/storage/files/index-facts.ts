/** The valid lines of an index, and a snapshot made of them and of the folder. */
import { statSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JsonObject } from '../../../core/json.ts';
import { GONE, OPEN, SETTLED, keyOf, snapshotLine, stateOf } from './index-lines.ts';
import type { LogLine } from './index-lines.ts';

/** The documents of the kind, for a new snapshot. */
export interface DocumentFolder {
  readonly path: string;
  /** The keys of the documents, in any order. */
  readonly keys: () => Promise<readonly string[]>;
  readonly fileOf: (key: string) => string;
  /** Throws if the document cannot be read. */
  readonly read: (key: string) => JsonObject | undefined;
}

/** Number of documents read per turn of the event loop. */
const READ_TOGETHER = 64;

interface Lines {
  readonly lineOf: (key: string, document: JsonObject, state: string) => string;
  /** True if the line of the document is valid, so that the document need not be read. */
  readonly isBelieved: (key: string, document: JsonObject) => boolean;
}

/** Changes with every change of the document; undefined if the file is missing. */
export function versionOf(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.ino}:${found.size}:${found.mtimeMs}`;
}

/** Returns the lines that are valid for their documents independently of all others, by key. */
export function factsOf(
  snapshot: string,
  log: readonly LogLine[],
  reopened: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const facts = new Map<string, string>();
  const lines = [...snapshot.split('\n').filter(Boolean), ...log.map(({ line }) => line)];
  for (const line of lines) {
    const key = keyOf(line);
    const state = stateOf(line, key);
    if (state === OPEN || state === GONE || (state === SETTLED && reopened.has(key))) facts.delete(key);
    else facts.set(key, line);
  }
  return facts;
}

/** Returns the text of a snapshot of the folder. Documents without a valid line are read. */
export async function snapshotText(
  folder: DocumentFolder,
  facts: ReadonlyMap<string, string>,
  form: Lines,
): Promise<string> {
  const lines: string[] = [];
  let reads = 0;
  for (const key of await folder.keys()) {
    const fact = facts.get(key);
    if (fact === undefined && ++reads % READ_TOGETHER === 0) await nextTurn();
    lines.push(fact ?? lineRead(key, folder, form));
  }
  return ['', ...lines.sort().reverse(), ''].join('\n');
}

function lineRead(key: string, { fileOf, read }: DocumentFolder, { lineOf, isBelieved }: Lines): string {
  const version = versionOf(fileOf(key));
  try {
    const document = read(key);
    if (document !== undefined && version !== undefined && version === versionOf(fileOf(key))) {
      return lineOf(key, document, isBelieved(key, document) ? SETTLED : version);
    }
  } catch {
    // The list that shows the document reports it.
  }
  return snapshotLine(key, OPEN, []);
}
