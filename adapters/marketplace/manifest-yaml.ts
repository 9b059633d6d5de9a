/** The manifest of an installed package as YAML. */
import { isDeepStrictEqual } from 'node:util';
import { CORE_SCHEMA, dump } from 'js-yaml';
import { SkillosError } from '../../core/errors/errors.ts';
import type { SkillPackage } from '../../core/marketplace/package.ts';
import { readYaml } from '../catalog/yaml.ts';

type Source = Pick<SkillPackage, 'id' | 'version' | 'manifest'>;

/** The same text for the same package. Throws `package_invalid` if a skills root could not read it back. */
export function manifestYaml(found: Source): string {
  const fields = fieldsOf(found);
  const text = dump(fields, { flowLevel: 2, lineWidth: -1, schema: CORE_SCHEMA, noRefs: true });
  const back = readYaml(Buffer.from(text));
  if (back.status === 'read' && isDeepStrictEqual(back.value, fields)) return text;
  const problem = back.status === 'refused' ? back.message : 'a value is not what YAML reads back';
  throw new SkillosError('package_invalid', `Package "${found.id}" is not valid: manifest: ${problem}`);
}

/** True if the YAML holds the fields that were signed. */
export function isManifestOf(yaml: Uint8Array, found: Source): boolean {
  const read = readYaml(yaml);
  return read.status === 'read' && isDeepStrictEqual(read.value, fieldsOf(found));
}

function fieldsOf({ id, version, manifest }: Source) {
  return { ...manifest, package: `${id}@${version}` };
}
