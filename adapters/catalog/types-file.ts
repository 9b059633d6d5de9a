/** The declarations for editors in a root, `skillos.d.ts`. */
import { SkillosError } from '../../core/errors/errors.ts';
import path from 'node:path';
import { openConnectorFiles } from '../connectors/connector-files.ts';
import { writeAtomic } from '../files/files.ts';
import { readTextFile } from '../files/text-file.ts';
import { openRoot } from './skills-root.ts';
import { TYPES_BEGIN, skillTypes } from './skill-types.ts';

/** Path below the root. */
export const TYPES_FILE = 'skillos.d.ts';

const MAX_BYTES = 10 * 1024 * 1024;

/** What the file should hold. Connectors without a valid definition are left out. */
interface RootTypes {
  readonly content: string;
  readonly isCurrent: boolean;
}

/** Rejects with `already_exists` if the file is not one that SkillOS has written. */
export function readTypes(root: string): RootTypes {
  const content = skillTypes([...openConnectorFiles(root)().specs.values()]);
  const found = readTextFile(path.join(openRoot(root), TYPES_FILE), MAX_BYTES);
  if (typeof found !== 'string' && found.problem === undefined) return { content, isCurrent: false };
  if (typeof found === 'string' && found.startsWith(TYPES_BEGIN))
    return { content, isCurrent: found === content };
  throw new SkillosError('already_exists', `${TYPES_FILE} was not written by SkillOS`, {
    hint: `Move ${TYPES_FILE} away, then: skillos types`,
  });
}

/** Writes the file if it is out of date. */
export async function writeTypes(root: string): Promise<RootTypes> {
  const types = readTypes(root);
  if (!types.isCurrent)
    await writeAtomic(path.join(openRoot(root), TYPES_FILE), types.content, { mode: 0o644 });
  return types;
}
