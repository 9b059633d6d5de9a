/** A package of the marketplace: its schema, and the checks that need no key. */
import * as z from 'zod';
import { SkillosError } from '../errors/errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { isComposed } from '../skills/manifest.ts';
import type { SkillManifest } from '../skills/manifest.ts';
import { readManifest } from '../skills/validation.ts';
import { base64Bytes, fromBase64, isBase64 } from '../values/base64.ts';
import { sha256 } from '../values/digest.ts';
import { isSkillId, parseSkillId } from '../values/skill-id.ts';
import type { SkillId } from '../values/skill-id.ts';
import { MAX_BYTES, MAX_FILES, manifestPath, pathsProblem } from './package-paths.ts';
import { isRange, isVersion } from './versions.ts';

/** What the code of a package may use beyond computing; everything else is refused to it. */
export interface Capabilities {
  /** `host` or `host:port`, reached through connectors of the operator. */
  readonly hosts: readonly string[];
  readonly connectors: readonly string[];
  readonly secrets: readonly string[];
}

export interface Requirement {
  readonly id: SkillId;
  /** A range such as `^1.2.0`, `>=1.0`, `==1.0.0` or `1.0.0`. */
  readonly version: string;
}

interface PackageFile {
  /** Below the root, with forward slashes. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: () => Uint8Array;
}

export interface SkillPackage {
  readonly id: SkillId;
  readonly version: string;
  /** The fields of the manifest as the package gives them. */
  readonly manifest: JsonObject;
  /** The same, parsed. */
  readonly skill: SkillManifest;
  readonly files: readonly PackageFile[];
  readonly capabilities: Capabilities;
  readonly dependencies: readonly Requirement[];
  readonly keyId: string;
  /** Base64 of 64 bytes. */
  readonly signature: string;
  /** The package as the catalogue holds it, which is what the signature covers. */
  readonly document: JsonObject;
}

/** Parses `id`, or `id@range`; the id may have the dotted form. Throws `usage`. */
export function parseRequirement(text: string): Requirement {
  const at = text.indexOf('@');
  const id = at < 0 ? text : text.slice(0, at);
  const version = at < 0 ? '*' : text.slice(at + 1);
  if (isSkillId(id) && version !== '' && isRange(version)) return { id: parseSkillId(id), version };
  throw new SkillosError(
    'usage',
    `Invalid package ${JSON.stringify(text.slice(0, 200))}: expected domain/name or domain/name@range, such as community/hello@^1.0.0`,
  );
}

export type PackageReading =
  | { readonly status: 'read'; readonly package: SkillPackage }
  /** `name` is the id as given, or the place in the catalogue. */
  | { readonly status: 'refused'; readonly name: string; readonly problem: string };

const SIGNATURE_BYTES = 64;
const HASH = /^[0-9a-f]{64}$/;
const KEY_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const HOST = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[1-9][0-9]{0,4})?$/;

export const keyIdSchema = z.string().regex(KEY_ID, 'expected 1 to 100 of A-Z a-z 0-9 . _ -');
/** In the form `domain/name` alone, because the id is part of paths and of what is signed. */
export const packageIdSchema = z
  .string()
  .refine((text) => isSkillId(text) && text.includes('/'), 'expected domain/name')
  .transform(parseSkillId);
const versionSchema = z.string().max(100).refine(isVersion, 'expected a semantic version such as 1.0.0');
const name = z.string().min(1).max(200);
export const capabilitiesSchema = z.strictObject({
  hosts: z.array(z.string().regex(HOST, 'expected host or host:port')).max(64).default([]),
  connectors: z.array(name).max(64).default([]),
  secrets: z.array(name).max(64).default([]),
});
export const dependenciesSchema = z
  .array(
    z.strictObject({
      id: packageIdSchema,
      version: z.string().max(200).refine(isRange, 'expected a version or range such as ^1.2.0'),
    }),
  )
  .max(64);
const signatureSchema = z
  .string()
  .refine((text) => isBase64(text) && base64Bytes(text) === SIGNATURE_BYTES, 'expected base64 of 64 bytes');
const NO_CAPABILITIES = { hosts: [], connectors: [], secrets: [] };
const common = {
  id: packageIdSchema,
  version: versionSchema,
  capabilities: capabilitiesSchema.default(NO_CAPABILITIES),
  dependencies: dependenciesSchema.default([]),
  signature: signatureSchema,
};
const fileSchema = z
  .strictObject({
    path: z.string(),
    sha256: z.string().regex(HASH, 'expected 64 lower-case hex digits'),
    content: z.string().optional(),
    content_base64: z.string().refine(isBase64, 'expected base64').optional(),
  })
  .refine((file) => (file.content === undefined) !== (file.content_base64 === undefined), {
    error: 'expected either content or content_base64',
  });
const packageSchema = z.strictObject({
  ...common,
  manifest: z.record(z.string(), z.unknown()).transform((fields) => fields as JsonObject),
  files: z.array(fileSchema).min(1).max(MAX_FILES, `expected at most ${MAX_FILES} files`),
  key_id: keyIdSchema,
});
/** The form with one file, whose manifest is in the package itself. */
const inlineSchema = z.strictObject({
  ...common,
  name: z.string(),
  description: z.string(),
  entrypoint: z.string(),
  tags: z.array(z.string()).default([]),
  implementation: z.string(),
  signature_key_id: keyIdSchema,
});

/** Reads one entry of a catalogue; `place` names it if it has no id. Contents are compared by `contentProblem`. */
export function readPackage(value: JsonValue, place: string): PackageReading {
  const isInline = typeof value === 'object' && value !== null && 'implementation' in value;
  const parsed = (isInline ? inlineSchema.transform(fromInline) : packageSchema).safeParse(value);
  if (!parsed.success)
    return { status: 'refused', name: nameOf(value, place), problem: issueText(parsed.error) };
  const { key_id: keyId, files: given, ...fields } = parsed.data;
  const { id, manifest } = fields;
  const { entry, findings } = readManifest({ file: manifestPath(id), value: manifest, lineOf: () => 1 });
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (entry === undefined || errors.length > 0) {
    const problems = errors.map(({ field, message }) => `manifest ${field}: ${message}`);
    return { status: 'refused', name: id, problem: problems.join('; ') };
  }
  const files = given.map((file) => ({ path: file.path, sha256: file.sha256, bytes: () => bytesOf(file) }));
  const document = value as JsonObject; // the schema accepts objects alone
  const found = { ...fields, skill: entry.manifest, files, keyId, document };
  const problem =
    sizeProblem(given) ??
    pathsProblem(
      id,
      given.map(({ path }) => path),
    ) ??
    manifestProblem(found);
  return problem === undefined
    ? { status: 'read', package: found }
    : { status: 'refused', name: id, problem };
}

/** Compares the contents with the hashes that the package declares. */
export function contentProblem({ files }: SkillPackage): string | undefined {
  const wrong = files.find((file) => sha256(file.bytes()) !== file.sha256);
  return wrong === undefined ? undefined : `the content of "${wrong.path}" differs from its sha256`;
}

type GivenFile = z.output<typeof fileSchema>;

function fromInline(inline: z.output<typeof inlineSchema>): z.output<typeof packageSchema> {
  const {
    name: title,
    description,
    entrypoint,
    tags,
    implementation,
    signature_key_id: key_id,
    ...fields
  } = inline;
  const { id, version } = fields;
  const path = `implementations/${id}.ts`;
  return {
    ...fields,
    key_id,
    manifest: { id, name: title, description, version, entrypoint, tags },
    files: [{ path, sha256: sha256(implementation), content: implementation }],
  };
}

function bytesOf({ content, content_base64: encoded = '' }: GivenFile): Uint8Array {
  return content === undefined ? fromBase64(encoded) : new TextEncoder().encode(content);
}

function sizeProblem(files: readonly GivenFile[]): string | undefined {
  const sizes = files.map(({ content, content_base64: encoded = '' }) =>
    content === undefined ? base64Bytes(encoded) : new TextEncoder().encode(content).length,
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return total > MAX_BYTES ? `expected at most ${MAX_BYTES} bytes in all files, got ${total}` : undefined;
}

function manifestProblem({
  id,
  version,
  skill,
  files,
  capabilities,
  dependencies,
}: Omit<SkillPackage, 'signature'>) {
  if (skill.id !== id) return `manifest id: expected "${id}", got "${skill.id}"`;
  if (skill.version !== version) return `manifest version: expected "${version}", got "${skill.version}"`;
  if (skill.package !== undefined)
    return 'manifest package: expected no such field, because SkillOS writes it';
  if (skill.variants !== undefined) return 'manifest variants: expected none in a package';
  if (isComposed(skill)) return 'manifest entrypoint: a package holds code, not a composition';
  const module = skill.entrypoint.slice(0, skill.entrypoint.indexOf(':')).replaceAll('.', '/');
  if (
    !files.some(({ path }) =>
      ['ts', 'mts', 'js', 'mjs'].some((extension) => path === `${module}.${extension}`),
    )
  ) {
    return `manifest entrypoint: the package has no file ${module}.ts`;
  }
  const connector = skill.connectors.find((used) => !capabilities.connectors.includes(used));
  if (connector !== undefined) return `manifest connectors: "${connector}" is not in capabilities.connectors`;
  const secret = skill.secrets.find((used) => !capabilities.secrets.includes(used));
  if (secret !== undefined) return `manifest secrets: "${secret}" is not in capabilities.secrets`;
  const { rollback } = skill;
  const isOwn =
    rollback === undefined || rollback === id || dependencies.some((needed) => needed.id === rollback);
  return isOwn
    ? undefined
    : `manifest rollback: "${rollback}" is neither the package nor one of its dependencies`;
}

function nameOf(value: JsonValue, place: string): string {
  const { id } = (typeof value === 'object' && value !== null ? value : {}) as { readonly id?: JsonValue };
  return typeof id === 'string' ? id.slice(0, 200) : place;
}

/** Names the field of the first problem and the rule. */
export function issueText(error: z.ZodError): string {
  const first = error.issues.slice(0, 1);
  return first.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': ')).join('');
}
