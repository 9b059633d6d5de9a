/**
 * Index of a kind of documents: the values of their fields, so that a list reads only the documents that it shows.
 * `<kind>.snapshot` has a line for every document, `<kind>.log` one for each write since. The rules:
 *
 * - Before a document appears, the log says that it may exist. After it was written, the log says its state and the
 *   folder's versions before and after. If these intervals leave a gap between the version of the snapshot and the
 *   folder's, then something else changed the folder, or lines are missing: the snapshot is made again from the folder.
 * - Only a settled document is believed from its line. Before one changes or is removed, its key is durable in the log
 *   `<kind>.reopened`, and it is read from then on. Other documents are believed while their file has the version that
 *   their line names.
 *
 * So both files may be missing, torn, changed, or copies of earlier ones, and that costs a list time alone. Two changes of
 * a folder have two versions on Linux 6.13 and newer. On an older kernel a change by another program within 10 ms of a
 * write of ours is not seen before the next snapshot.
 */
import { statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../../core/json.ts';
import { indexedValues, isSettled, matchesWhere } from '../../../core/storage/record-index.ts';
import type { RecordIndex, Where } from '../../../core/storage/record-index.ts';
import { TEMP_PREFIX } from '../../files/files.ts';
import { acquireLock } from '../../files/lock.ts';
import { openFileJournal } from './file-journal.ts';
import { GONE, OPEN, SETTLED, logLine, snapshotLine, stateOf } from './index-lines.ts';
import type { LogLine } from './index-lines.ts';
import { appendLines, readLines, takeLines } from './index-log.ts';
import { candidates } from './index-search.ts';
import type { Candidate, IndexView, Query } from './index-search.ts';
import { openSnapshot } from './index-snapshot.ts';
import { factsOf, snapshotText } from './index-facts.ts';
import type { DocumentFolder } from './index-facts.ts';

export interface ListIndex {
  /**
   * Before a document is written. Rejects if a settled document cannot be named durably; then nothing may be written.
   * The function that it resolves to is called after the write, with the document, or undefined if it was removed.
   */
  begin(
    key: string,
    stored: JsonObject | undefined,
  ): Promise<(document: JsonObject | undefined) => Promise<void>>;
  /** Before a document is removed for good. The function that it returns is called after that, with the key. */
  beginRemoval(): (key: string) => Promise<void>;
  /** Shows all documents of the folder; makes the snapshot again if it has to. */
  read(): Promise<IndexView>;
  /** Resolves to the keys of the page whose documents match or may match, in the order of the page. */
  search(view: IndexView, query: Query): Iterable<Candidate>;
  /** Adds lines of documents that were read, so that the next list does not read them. */
  remember(lines: readonly string[]): Promise<void>;
  matches(document: JsonObject, where: Where): boolean;
  /** Returns the line of this version of a document. */
  lineOf(key: string, document: JsonObject, version: string): string;
}

/** A longer log is merged into the snapshot. */
const MAX_LOG_LINES = 4000;
/** Number of times that a list checks for the line of a write in progress. */
const LOOKS = 15;
const LOOK_MS = 2;

export function openListIndex(index: RecordIndex, folder: DocumentFolder): ListIndex {
  const files = filesOf(index, folder);
  const reopened = openReopened(files.dir, files.kind);
  const look = openLook(files, folder);
  const lineOf = (key: string, document: JsonObject, state: string) =>
    snapshotLine(key, state, indexedValues(index, document));

  const remake = async (): Promise<IndexView> => {
    const held = await acquireLock(files.lock).catch(() => undefined); // such as in a folder that is read-only
    try {
      const { view, snapshot } = look();
      if (view !== undefined) return withReopened(view, await reopened.keys()); // another process has created it
      const lines = held === undefined ? readLines(files.log) : takeLines(files.log);
      const changed = await reopened.keys();
      const version = folderVersion(folder.path);
      const text = await snapshotText(folder, factsOf(snapshot?.text ?? '', lines, changed), {
        lineOf,
        isBelieved: (key, document) => isSettled(index, document) && !changed.has(key),
      });
      if (held !== undefined) files.snapshot.write({ folder: version, text });
      return { snapshot: text, newer: new Map() };
    } finally {
      await held?.release();
    }
  };

  return {
    begin: async (key, stored) => {
      if (stored === undefined) await appendLines(files.log, [logLine(snapshotLine(key, OPEN, []))]);
      else if (isSettled(index, stored)) await reopened.add(key);
      const before = folderVersion(folder.path);
      return async (document) => {
        const after = folderVersion(folder.path);
        const state = stateAfter(index, document);
        if (before === after && state === OPEN) return; // the log already contains the state
        const line = document === undefined ? snapshotLine(key, state, []) : lineOf(key, document, state);
        await appendLines(files.log, [logLine(line, before, after)]);
      };
    },
    beginRemoval: () => openRemoval(files.log, folder.path),
    read: async () => {
      for (let looks = 0; looks < LOOKS; looks++) {
        const { view, isBehind } = look();
        if (view !== undefined) return withReopened(view, await reopened.keys());
        if (!isBehind) break;
        await sleep(LOOK_MS);
      }
      return remake();
    },
    search: (view, query) => candidates(view, query, { index, fileOf: folder.fileOf }),
    remember: (lines) =>
      appendLines(
        files.log,
        lines.map((line) => logLine(line)),
      ),
    matches: (document, where) => matchesWhere(index, document, where),
    lineOf,
  };
}

/** An index with other fields has other files. */
function filesOf({ fields }: RecordIndex, folder: DocumentFolder) {
  const [root, kind] = [path.dirname(folder.path), path.basename(folder.path)];
  const dir = path.join(root, '.index');
  const file = path.join(dir, [kind, ...Object.keys(fields)].join('-'));
  const temp = path.join(dir, `${TEMP_PREFIX}${process.pid}-${kind}`);
  const snapshot = openSnapshot(`${file}.snapshot`, temp);
  return { dir, kind, log: `${file}.log`, snapshot, lock: path.join(root, '.locks', `${kind}..index`) };
}

function openRemoval(log: string, folder: string): (key: string) => Promise<void> {
  const before = folderVersion(folder);
  return (key) => appendLines(log, [logLine(snapshotLine(key, GONE, []), before, folderVersion(folder))]);
}

/** Returns a function that reads snapshot and log: a view if they show the whole folder. */
function openLook({ log, snapshot }: ReturnType<typeof filesOf>, folder: DocumentFolder) {
  return () => {
    const present = folderVersion(folder.path);
    const lines = readLines(log); // before the snapshot, which may take them in meanwhile
    const read = snapshot.read();
    if (read === undefined || lines.length > MAX_LOG_LINES) return { isBehind: false, snapshot: read };
    if (!isCovered(read.folder, lines, present)) return { isBehind: true, snapshot: read };
    const newer = new Map(lines.map(({ key, line }) => [key, line]));
    return { isBehind: false, snapshot: read, view: { snapshot: read.text, newer } };
  };
}

function stateAfter(index: RecordIndex, document: JsonObject | undefined): string {
  if (document === undefined) return GONE;
  return isSettled(index, document) ? SETTLED : OPEN;
}

/** Of two versions of a folder the later is the greater text. Empty if the folder is missing. */
function folderVersion(folder: string): string {
  const found = statSync(folder, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? '' : `${found.ino}:${found.mtimeNs}`;
}

/** True if the writes of the log explain all changes of the folder from the snapshot's version to the present one. */
function isCovered(snapshot: string, log: readonly LogLine[], present: string): boolean {
  const writes = log.filter(({ after }) => after !== '').sort((a, b) => (a.before < b.before ? -1 : 1));
  const folder = snapshot.slice(0, snapshot.indexOf(':') + 1);
  let reached = snapshot;
  for (const { before, after } of writes) {
    if (!before.startsWith(folder) || before > reached) return false;
    if (after > reached) reached = after;
  }
  return folder !== '' && present.startsWith(folder) && present <= reached;
}

/** Reads the keys of documents that were changed after they were settled. */
function openReopened(folder: string, kind: string) {
  const journal = openFileJournal(folder);
  const log = `${kind}.reopened`;
  return {
    add: (key: string) => journal.append(log, [{ key }]),
    keys: async (): Promise<ReadonlySet<string>> => {
      const keys = new Set<string>();
      for (let after = 0; ;) {
        const { entries, next } = await journal.read(log, after, () => undefined);
        for (const { key } of entries) if (typeof key === 'string') keys.add(key);
        if (next === after) return keys;
        after = next;
      }
    },
  };
}

/**
 * Documents that were changed after they were settled are read, unless their line names the version of their
 * file.
 */
function withReopened({ snapshot, newer }: IndexView, reopened: ReadonlySet<string>): IndexView {
  const lines = new Map(newer);
  for (const key of reopened) {
    const line = lines.get(key);
    if (line === undefined || stateOf(line, key) === SETTLED) lines.set(key, snapshotLine(key, OPEN, []));
  }
  return { snapshot, newer: lines };
}
