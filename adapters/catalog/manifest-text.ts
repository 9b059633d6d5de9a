/** Writes the manifest of a new skill as YAML. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CORE_SCHEMA, dump } from 'js-yaml';
import { SkillosError } from '../../core/errors/errors.ts';
import { domainOf, nameOf } from '../../core/values/skill-id.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import { readManifest } from '../../core/skills/validation.ts';
import { readYaml } from './yaml.ts';

export interface NewManifest {
  readonly id: SkillId;
  readonly name?: string | undefined;
  readonly description: string;
  readonly version: string;
  readonly entrypoint: string;
  readonly tags: readonly string[];
}

/** Tells editors the schema of a manifest, as a path from the folder of the manifest. */
export const MANIFEST_HEAD = '# yaml-language-server: $schema=../../schemas/manifest.json\n';

/** Returns the first line of a manifest `metadata/<domain>/<name>.yaml`; empty in a root without schemas. */
export function manifestHead(root: string): string {
  return existsSync(join(root, 'schemas/manifest.json')) ? MANIFEST_HEAD : '';
}

/** Throws `usage` for a value that the catalog would refuse. */
export function manifestText({ id, name, description, version, entrypoint, tags }: NewManifest): string {
  const fields = {
    id,
    name: name ?? titleOf(nameOf(id)),
    description,
    version,
    entrypoint,
    tags: tags.length === 0 ? [domainOf(id)] : tags,
  };
  const text = dump(fields, { flowLevel: 1, lineWidth: -1, schema: CORE_SCHEMA });
  refuseBroken(text);
  return text;
}

function refuseBroken(text: string): void {
  const yaml = readYaml(Buffer.from(text));
  if (yaml.status === 'refused')
    throw new SkillosError('usage', `Invalid name, description or tag: ${yaml.message}`);
  const { findings } = readManifest({ file: '', value: yaml.value, lineOf: yaml.lineOf });
  const problem = findings.find(({ severity }) => severity === 'error');
  if (problem !== undefined) throw new SkillosError('usage', `Invalid ${problem.field}: ${problem.message}`);
}

/** `search_flights` → `Search Flights`. */
function titleOf(name: string): string {
  const words = name.split('_').filter(Boolean);
  return words.map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`).join(' ');
}
