/** Builds a catalog and its findings from parsed YAML files. */
import type { z } from 'zod';
import type { Catalog, Finding, SkillEntry } from './catalog.ts';
import { compositionSchema } from './composition.ts';
import type { Composition } from './composition.ts';
import { nearest } from '../values/nearest.ts';
import type { SkillId } from '../values/skill-id.ts';
import { isSkillId } from '../values/skill-id.ts';
import { MANIFEST_FIELDS, manifestSchema } from './manifest.ts';
import type { SkillManifest } from './manifest.ts';

export interface ManifestDocument {
  readonly file: string;
  readonly value: unknown;
  readonly lineOf: (path: readonly PropertyKey[]) => number;
}

/** Result for one file; `entry` is absent if a finding outside of `eval` is an error. */
export interface ParsedManifest {
  readonly entry?: SkillEntry;
  readonly findings: readonly Finding[];
}

/** Errors in `eval` leave a skill without an eval that runs as before. */
export function readManifest(document: ManifestDocument): ParsedManifest {
  const parsed = manifestSchema.safeParse(document.value);
  if (parsed.success) return loaded(document, parsed.data);
  const findings = parsed.error.issues.map((issue) => findingOf(document, issue));
  if (!findings.every(isAboutEval)) return { findings };
  const { eval: _eval, ...value } = document.value as Record<string, unknown>; // an issue has found `eval` in it
  const { entry, findings: others } = readManifest({ ...document, value });
  return { ...(entry === undefined ? {} : { entry }), findings: [...findings, ...others] };
}

function loaded(document: ManifestDocument, manifest: SkillManifest): ParsedManifest {
  const { file } = document;
  return { entry: { id: manifest.id, manifest, file }, findings: warningsOf(document, manifest.id) };
}

/** True for an error that breaks the eval of a skill alone. */
export function isAboutEval({ severity, field = '' }: Finding): boolean {
  return severity === 'error' && /^eval(\.|$)/.test(field);
}

/** Result for one file below compositions/; `composition` is absent if a finding is an error. */
export interface ParsedComposition {
  readonly composition?: Composition;
  readonly findings: readonly Finding[];
}

export function readComposition(document: ManifestDocument): ParsedComposition {
  const parsed = compositionSchema.safeParse(document.value);
  return parsed.success
    ? { composition: parsed.data, findings: [] }
    : { findings: parsed.error.issues.map((issue) => findingOf(document, issue)) };
}

/** Joins a composition with its manifest. `file` is the path of the composition. */
export function joinComposition(
  entry: SkillEntry,
  file: string,
  reading: ParsedComposition | undefined,
): ParsedManifest {
  const finding = { severity: 'error', skill: entry.id } as const;
  if (reading === undefined) {
    const message = `expected the file ${file} for this entrypoint`;
    return {
      findings: [{ ...finding, rule: 'composition_missing', file: entry.file, field: 'entrypoint', message }],
    };
  }
  const { composition, findings } = reading;
  if (composition === undefined)
    return { findings: findings.map((found) => ({ ...found, skill: entry.id })) };
  if (composition.id === entry.id) return { entry: { ...entry, composition }, findings };
  const message = `expected "${entry.id}" in this file, got "${composition.id}"`;
  return { findings: [{ ...finding, rule: 'path_mismatch', file, field: 'id', message }] };
}

/** For files with the same id, uses the one at `metadata/<id>.yaml`, otherwise the first. */
export function assembleCatalog(readings: readonly ParsedManifest[]): Omit<Catalog, 'version'> {
  const skills = new Map<SkillId, SkillEntry>();
  const entries = readings.flatMap(({ entry }) => entry ?? []);
  for (const entry of [...entries.filter(isAtHome), ...entries]) {
    if (!skills.has(entry.id)) skills.set(entry.id, entry);
  }
  const duplicates = entries.flatMap((entry) => {
    const taken = skills.get(entry.id) as SkillEntry; // the loop above has set every id
    return taken.file === entry.file ? [] : [duplicate(entry, taken)];
  });
  const findings = [...readings.flatMap((reading) => reading.findings), ...duplicates];
  return { skills, findings: sortFindings(findings) };
}

/** Sorts by file, line and rule. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort(
    (a, b) => compare(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0) || compare(a.rule, b.rule),
  );
}

/** Describes an issue of zod as a finding about the field of a YAML or JSON file. */
export function findingOf(document: ManifestDocument, issue: z.core.$ZodIssue): Finding {
  const value = valueAt(document.value, issue.path);
  const skill = idOf(document.value);
  return {
    severity: 'error',
    rule: value === undefined ? 'field_missing' : 'field_invalid',
    file: document.file,
    line: document.lineOf(issue.path),
    ...(issue.path.length === 0 ? {} : { field: issue.path.join('.') }),
    ...(skill === undefined ? {} : { skill }),
    message: describe(issue, value),
  };
}

/** Words for the types in the manifest schema. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list of two numbers',
  object: 'a mapping of fields',
  record: 'a mapping of fields',
};

function describe(issue: z.core.$ZodIssue, value: unknown): string {
  const rule =
    issue.code === 'invalid_type'
      ? `expected ${TYPES[issue.expected] as string}`
      : issue.message.replace(/^[A-Z][a-z ]+: (?=expected)/, '');
  if (value === undefined) return `missing: ${rule}`;
  if (issue.code === 'invalid_type' && issue.expected === 'string' && isPlain(value)) {
    return `${rule}, got ${String(value)} without quotes`;
  }
  return isPlain(value) || typeof value === 'string'
    ? `${rule}, got ${shorten(JSON.stringify(value))}`
    : rule;
}

function warningsOf(document: ManifestDocument, skill: SkillId): readonly Finding[] {
  const common = { severity: 'warning', file: document.file, skill } as const;
  const unknown = Object.keys(document.value as object).filter((field) => !MANIFEST_FIELDS.includes(field));
  const warnings: Finding[] = [];
  for (const field of unknown) {
    const meant = nearest(field, MANIFEST_FIELDS);
    const message = meant === undefined ? 'unknown field' : `unknown field; did you mean ${meant}?`;
    warnings.push({ ...common, rule: 'unknown_field', line: document.lineOf([field]), field, message });
  }
  if (!isAtHome({ id: skill, file: document.file })) {
    const message = `expected the file metadata/${skill}.yaml for this id`;
    warnings.push({ ...common, rule: 'path_mismatch', line: document.lineOf(['id']), field: 'id', message });
  }
  return warnings;
}

function duplicate(entry: SkillEntry, taken: SkillEntry): Finding {
  return {
    severity: 'error',
    rule: 'duplicate_id',
    file: entry.file,
    field: 'id',
    skill: entry.id,
    message: `${JSON.stringify(entry.id)} is defined in ${taken.file} already`,
  };
}

function isAtHome(entry: Pick<SkillEntry, 'id' | 'file'>): boolean {
  return entry.file === `metadata/${entry.id}.yaml` || entry.file === `metadata/${entry.id}.yml`;
}

function idOf(value: unknown): string | undefined {
  const id = valueAt(value, ['id']);
  return typeof id === 'string' && isSkillId(id) ? id : undefined;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (node, key) => (node as Record<PropertyKey, unknown> | null | undefined)?.[key],
    value,
  );
}

function isPlain(value: unknown): value is number | boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
