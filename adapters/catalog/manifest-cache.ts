/** Caches parsed files of a root by their stamp; lru-cache would not add anything, since the files bound the size. */
import { readConnector } from '../../core/connectors/connector-file.ts';
import type { ParsedConnector } from '../../core/connectors/connector-file.ts';
import type { Finding } from '../../core/skills/catalog.ts';
import { COMPOSITION_FOLDER } from '../../core/skills/composition.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import { readComposition, readManifest } from '../../core/skills/validation.ts';
import type { ParsedComposition, ManifestDocument, ParsedManifest } from '../../core/skills/validation.ts';
import { readManifestFile } from './manifest-files.ts';
import type { ManifestFile } from './manifest-files.ts';
import { readYaml } from './yaml.ts';
import type { Refusal } from './yaml.ts';

export interface ManifestCache<Reading> {
  /** `base` is the real path of the root. */
  read(base: string, found: ManifestFile): Reading;
  isRead(found: ManifestFile): boolean;
  /** Drops all other files. */
  keep(files: readonly ManifestFile[]): void;
}

export function manifestCache(): ManifestCache<ParsedManifest> {
  return createCache((base, found) => readDocument(base, found, readManifest));
}

export function compositionCache(): ManifestCache<ParsedComposition> {
  return createCache((base, found) => readDocument(base, found, readComposition));
}

export function connectorCache(): ManifestCache<ParsedConnector> {
  return createCache((base, found) => readDocument(base, found, readConnector));
}

/** Path of a composition's file below the root. */
export function compositionFile(id: SkillId): string {
  return `${COMPOSITION_FOLDER}/${id}.json`;
}

function createCache<Reading>(parse: (base: string, found: ManifestFile) => Reading): ManifestCache<Reading> {
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

/** JSON files are read as YAML for line numbers and limits; this function refuses YAML that is not JSON. */
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
