/** `skillos.lock`: which packages a root holds, from where, and the hashes of their files. */
import * as z from 'zod';
import { canonicalJson } from '../values/digest.ts';
import type { SkillId } from '../values/skill-id.ts';
import {
  capabilitiesSchema,
  dependenciesSchema,
  issueText,
  keyIdSchema,
  packageIdSchema,
} from './package.ts';
import type { SkillPackage } from './package.ts';
import { manifestPath, pathsProblem } from './package-paths.ts';

/** Path below the root. */
export const LOCK_FILE = 'skillos.lock';
const LOCK_SCHEMA = 'skillos.lock/v1';

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in hex');
const entrySchema = z.strictObject({
  version: z.string().min(1).max(100),
  /** The catalogue as it was named. */
  source: z.string().max(2048),
  key_id: keyIdSchema,
  /** False for a package that was installed because another needs it. */
  explicit: z.boolean(),
  dependencies: dependenciesSchema,
  capabilities: capabilitiesSchema,
  /** Of the signed package in `marketplace/packages/`. */
  sha256: hash,
  /** Of each file below the root. */
  files: z.record(z.string().max(200), hash),
});
const lockSchema = z.strictObject({
  schema: z.literal(LOCK_SCHEMA),
  packages: z.record(packageIdSchema, entrySchema),
});

export type LockEntry = z.output<typeof entrySchema>;

/** Sorted by id. */
export type PackageLock = ReadonlyMap<SkillId, LockEntry>;

export type LockReading =
  | { readonly status: 'read'; readonly lock: PackageLock }
  | { readonly status: 'refused'; readonly problem: string };

/** An entry names files of its own package alone, as what it names is read and deployed. */
export function readLock(value: unknown): LockReading {
  const parsed = lockSchema.safeParse(value);
  if (!parsed.success) return { status: 'refused', problem: issueText(parsed.error) };
  const entries = Object.entries(parsed.data.packages) as [SkillId, LockEntry][]; // the keys are checked
  for (const [id, { files }] of entries) {
    const problem = pathsProblem(
      id,
      Object.keys(files).filter((file) => file !== manifestPath(id)),
    );
    if (problem !== undefined) return { status: 'refused', problem: `packages.${id}.files: ${problem}` };
  }
  return { status: 'read', lock: sorted(entries) };
}

export function lockText(lock: PackageLock): string {
  const packages = Object.fromEntries(sorted([...lock]));
  return `${JSON.stringify({ schema: LOCK_SCHEMA, packages }, null, 2)}\n`;
}

/** What the entry of a package repeats of it. `files` lacks the manifest, which SkillOS writes. */
export function signedFields(found: SkillPackage): Omit<LockEntry, 'source' | 'explicit' | 'sha256'> {
  const { version, keyId, dependencies, capabilities, files } = found;
  const { hosts, connectors, secrets } = capabilities;
  return {
    version,
    key_id: keyId,
    dependencies: [...dependencies],
    capabilities: { hosts: [...hosts], connectors: [...connectors], secrets: [...secrets] },
    files: Object.fromEntries(files.map((file) => [file.path, file.sha256])),
  };
}

/** False if somebody has edited the entry, such as the hash of a file together with the file. */
export function isEntryOf(entry: LockEntry, found: SkillPackage): boolean {
  const { source: _source, explicit: _explicit, sha256: _sha256, ...rest } = entry;
  const { [manifestPath(found.id)]: _manifest, ...files } = rest.files;
  return canonicalJson({ ...rest, files }) === canonicalJson(signedFields(found));
}

/** The packages that need this one. */
export function dependentsOf(lock: PackageLock, id: SkillId): readonly SkillId[] {
  return [...lock]
    .filter(([, { dependencies }]) => dependencies.some((needed) => needed.id === id))
    .map(([by]) => by);
}

/** The packages that nobody asked for and that no other package needs any more. */
export function unneeded(lock: PackageLock): readonly SkillId[] {
  const needed = new Set<SkillId>();
  const open = [...lock].filter(([, { explicit }]) => explicit).map(([id]) => id);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (needed.has(id)) continue;
    needed.add(id);
    open.push(...(lock.get(id)?.dependencies ?? []).map((dependency) => dependency.id));
  }
  return [...lock.keys()].filter((id) => !needed.has(id));
}

function sorted(entries: readonly (readonly [SkillId, LockEntry])[]): PackageLock {
  return new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}
