/** Makes a signed package of a local skill, and adds it to a catalogue. */
import { SkillosError } from '../errors/errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { toBase64 } from '../values/base64.ts';
import { sha256 } from '../values/digest.ts';
import type { Capabilities, Requirement } from './package.ts';
import { contentProblem, readPackage } from './package.ts';
import { signedText } from './signed-text.ts';

export interface Draft {
  /** The fields of the manifest, as its YAML holds them. */
  readonly manifest: JsonObject;
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
  readonly capabilities: Capabilities;
  readonly dependencies: readonly Requirement[];
  readonly keyId: string;
}

/** `sign` returns base64. Throws `package_invalid` for what no root would install. */
export function signPackage(draft: Draft, sign: (text: string) => string): JsonObject {
  const { manifest, files, capabilities, dependencies, keyId } = draft;
  const unsigned: JsonObject = {
    id: manifest['id'] ?? null,
    version: manifest['version'] ?? null,
    manifest,
    files: files.map(fileOf),
    capabilities: { ...capabilities },
    dependencies: dependencies.map(({ id, version }) => ({ id, version })),
    key_id: keyId,
  };
  const text = signedText(unsigned);
  const signed = { ...unsigned, signature: sign(text ?? '') };
  const reading = readPackage(signed, 'package');
  const problem = reading.status === 'refused' ? reading.problem : contentProblem(reading.package);
  if (text !== undefined && problem === undefined) return signed;
  throw new SkillosError(
    'package_invalid',
    `Not a package: ${problem ?? 'a text is not well-formed Unicode'}`,
  );
}

/** Throws `already_exists` if the catalogue holds the version: what was published never changes. */
export function withPackage(entries: readonly JsonValue[], added: JsonObject): readonly JsonValue[] {
  const same = entries.find((entry) => keyOf(entry) === keyOf(added));
  if (same !== undefined) {
    throw new SkillosError('already_exists', `The catalogue holds ${keyOf(added)} already`, {
      hint: 'Raise version in the manifest',
    });
  }
  return [...entries, added];
}

function fileOf({ path, bytes }: Draft['files'][number]): JsonObject {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const isText = sha256(new TextEncoder().encode(text)) === sha256(bytes);
  const content = isText ? { content: text } : { content_base64: toBase64(bytes) };
  return { path, sha256: sha256(bytes), ...content };
}

function keyOf(entry: JsonValue): string {
  const { id, version } = (entry ?? {}) as { readonly id?: JsonValue; readonly version?: JsonValue };
  return `${JSON.stringify(id)}@${JSON.stringify(version)}`.replaceAll('"', '');
}
