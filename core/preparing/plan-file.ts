/** Plan files: a dry run writes one, and a later run executes exactly this plan or fails. */
import * as z from 'zod';
import { canonicalJson, sha256 } from '../values/digest.ts';
import { SkillosError } from '../errors/errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { PlanFacts } from './preview.ts';

const SCHEMA = 'skillos.plan/v1';

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in lower-case hex');
const hashes = z.record(z.string(), hash);

const fileSchema = z.strictObject({
  schema: z.literal(SCHEMA),
  created_at: z.iso.datetime(),
  digest: hash,
  facts: z.strictObject({
    query: hash.exactOptional(),
    input: hash,
    code: hashes,
    manifest: hashes,
    policy: hash,
  }),
  /** Output of the dry run, for people. */
  preview: z.json(),
  /** SHA-256 over the other fields; distinguishes an edited file from an outdated one. */
  checksum: hash,
});

export type PlanFile = z.output<typeof fileSchema>;

export function planFileText(plan: {
  readonly createdAt: string;
  readonly digest: string;
  readonly facts: PlanFacts;
  readonly preview: JsonObject;
}): string {
  const { createdAt, digest, facts, preview } = plan;
  const content = { schema: SCHEMA, created_at: createdAt, digest, facts, preview };
  return `${JSON.stringify({ ...content, checksum: checksumOf(content) }, null, 2)}\n`;
}

/** Throws `plan_invalid` with the invalid field, or if the checksum differs. */
export function parsePlanFile(text: string): PlanFile {
  const parsed = fileSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues as [z.core.$ZodIssue];
    throw invalid(path.length === 0 ? message : `field ${JSON.stringify(path.join('.'))}: ${message}`);
  }
  const { checksum, ...content } = parsed.data;
  if (checksum !== checksumOf(content)) throw invalid('it was edited after the dry run wrote it');
  return parsed.data;
}

/** Returns the changed inputs of the plan, for people; empty if nothing changed. */
export function changesSince(
  file: PlanFile,
  now: { readonly digest: string; readonly facts: PlanFacts },
): readonly string[] {
  const { facts } = file;
  const changes = [
    ...(facts.query === now.facts.query ? [] : ['query']),
    ...(facts.input === now.facts.input ? [] : ['input']),
    ...changedKeys(facts.code, now.facts.code).map((skill) => `skill code of ${skill}`),
    ...changedKeys(facts.manifest, now.facts.manifest).map((skill) => `manifest of ${skill}`),
    ...(facts.policy === now.facts.policy ? [] : ['policy']),
  ];
  return changes.length === 0 && file.digest !== now.digest ? ['options of the run'] : changes;
}

function changedKeys(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.filter((key) => before[key] !== after[key]).sort();
}

function checksumOf(content: object): string {
  return sha256(canonicalJson(content as JsonValue)); // validated as JSON by the schema
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('it is not JSON');
  }
}

function invalid(problem: string): SkillosError {
  return new SkillosError('plan_invalid', `Invalid plan file: ${problem}`);
}
