/** Maps V8 coverage of bundles to lines of their sources. c8 would need the sources' own processes, not bundles with maps. */
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { TraceMap, eachMapping } from '@jridgewell/trace-mapping';
import type { FileCoverage } from '../../core/testing/coverage.ts';

/** https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-ScriptCoverage */
interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly { readonly ranges: readonly Range[] }[];
}

interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

interface Lines {
  readonly code: Set<number>;
  readonly executed: Set<number>;
}

const SOURCE_MAP = /\/\/# sourceMappingURL=data:application\/json;base64,([A-Za-z0-9+/=]+)\s*$/;
/** Sources that do not count as code of the root. */
const FOREIGN = /(^|\/)node_modules\/|^tests\/|^skillos:|\.json$/;

/** Reads all coverage files of a folder. A line counts as executed if any process executed a part of it. */
export async function readCoverage(folder: string): Promise<readonly FileCoverage[]> {
  const sources = new Map<string, Lines>();
  const bundles = new Map<string, Promise<Bundle | undefined>>();
  for (const name of await readdir(folder)) {
    const { result } = JSON.parse(await readFile(path.join(folder, name), 'utf8')) as {
      readonly result: readonly ScriptCoverage[];
    };
    for (const script of result) {
      const bundle = bundles.get(script.url) ?? readBundle(script.url);
      bundles.set(script.url, bundle);
      addLines(sources, await bundle, script);
    }
  }
  return [...sources].map(([file, { code, executed }]) => ({
    file,
    executedLines: [...executed].sort((a, b) => a - b),
    totalLines: code.size,
  }));
}

interface Bundle {
  readonly text: string;
  /** Offset in the text where each of its lines begins. */
  readonly lineStarts: readonly number[];
  readonly map: TraceMap;
}

async function readBundle(url: string): Promise<Bundle | undefined> {
  if (!url.startsWith('file:')) return undefined;
  const text = await readFile(fileURLToPath(url), 'utf8').catch(() => undefined); // removed in the meantime, so not one of our bundles
  const map = text === undefined ? undefined : SOURCE_MAP.exec(text)?.[1];
  if (text === undefined || map === undefined) return undefined;
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return { text, lineStarts, map: new TraceMap(Buffer.from(map, 'base64').toString('utf8')) };
}

function addLines(sources: Map<string, Lines>, bundle: Bundle | undefined, script: ScriptCoverage): void {
  if (bundle === undefined) return;
  const isExecuted = executedIn(bundle.text.length, script);
  eachMapping(bundle.map, ({ source, originalLine, generatedLine, generatedColumn }) => {
    if (source === null || FOREIGN.test(source)) return;
    const offset = (bundle.lineStarts[generatedLine - 1] as number) + generatedColumn;
    if (bundle.text[offset] === '}') return; // the end of a block is part of what surrounds it
    const lines = sources.get(source) ?? { code: new Set(), executed: new Set() };
    sources.set(source, lines);
    lines.code.add(originalLine);
    if (isExecuted[offset] === 1) lines.executed.add(originalLine);
  });
}

/** Returns one byte per character, 1 if executed. Inner ranges override outer ones, so outer ones are applied first. */
function executedIn(length: number, { functions }: ScriptCoverage): Uint8Array {
  const executed = new Uint8Array(length);
  const ranges = functions
    .flatMap((each) => each.ranges)
    .sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
  for (const { startOffset, endOffset, count } of ranges) {
    executed.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  }
  return executed;
}
