/** What the files of a root were read as: each is read again only when it changed. */
import type { Finding } from '../core/catalog.ts';
import { COMPOSITION_FOLDER } from '../core/composition.ts';
import type { SkillId } from '../core/skill-id.ts';
import { readComposition, readManifest } from '../core/validation.ts';
import type { CompositionReading, ManifestDocument, ManifestReading } from '../core/validation.ts';
import { readManifestFile } from './manifest-files.ts';
import type { ManifestFile } from './manifest-files.ts';
import { readYaml } from './yaml.ts';
import type { Refusal } from './yaml.ts';

export interface Readings<Reading> {
  /** `base` is the real path of the root. */
  read(base: string, found: ManifestFile): Reading;
  isRead(found: ManifestFile): boolean;
  /** Forgets all others. */
  keep(files: readonly ManifestFile[]): void;
}

export function manifestReadings(): Readings<ManifestReading> {
  return createReadings((base, found) => readDocument(base, found, readManifest));
}

export function compositionReadings(): Readings<CompositionReading> {
  return createReadings((base, found) => readDocument(base, found, readComposition));
}

/** Below the root. */
export function compositionFile(id: SkillId): string {
  return `${COMPOSITION_FOLDER}/${id}.json`;
}

function createReadings<Reading>(parse: (base: string, found: ManifestFile) => Reading): Readings<Reading> {
  let known = new Map<string, { readonly stamp: string; readonly reading: Reading }>();
  return {
    read(base, found) {
      const last = known.get(found.file);
      if (last?.stamp === found.stamp) return last.reading;
      const reading = parse(base, found);
      known.set(found.file, { stamp: found.stamp, reading });
      return reading;
    },
    isRead: ({ file, stamp }) => known.get(file)?.stamp === stamp,
    keep(files) {
      const kept = new Set(files.map(({ file }) => file));
      known = new Map([...known].filter(([file]) => kept.has(file)));
    },
  };
}

function readDocument<Reading>(
  base: string,
  { file, refusal }: ManifestFile,
  take: (document: ManifestDocument) => Reading,
): Reading | { readonly findings: readonly Finding[] } {
  const bytes = refusal ?? readManifestFile(base, file);
  if (!(bytes instanceof Uint8Array)) return { findings: [findingOf(file, bytes)] };
  const yaml = readYaml(bytes);
  if (yaml.status === 'refused') return { findings: [findingOf(file, yaml)] };
  const problem = file.endsWith('.json') ? jsonProblem(bytes) : undefined;
  if (problem !== undefined) return { findings: [findingOf(file, problem)] };
  return take({ file, value: yaml.value, lineOf: yaml.lineOf });
}

/** JSON is read as the YAML that it also is, for its lines and its limits; what is YAML alone is refused. */
function jsonProblem(bytes: Uint8Array): Refusal | undefined {
  try {
    JSON.parse(Buffer.from(bytes).toString('utf8'));
    return undefined;
  } catch {
    return { rule: 'json_invalid', message: 'expected JSON' };
  }
}

function findingOf(file: string, { rule, message, line }: Refusal): Finding {
  return { severity: 'error', rule, file, message, ...(line === undefined ? {} : { line }) };
}
