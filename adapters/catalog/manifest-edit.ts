/** Edits fields of a manifest in its YAML file. Not `yaml`'s document API: it reformats lines that it does not change. */
import { readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { CORE_SCHEMA, dump } from 'js-yaml';
import type { JsonValue } from '../../core/json.ts';
import type { SkillEntry } from '../../core/skills/catalog.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import type { EditManifest } from '../../core/skills/catalog.ts';
import { addItems, editFields } from '../../core/values/yaml-fields.ts';
import { writeAtomic } from '../files/files.ts';
import { readYaml } from './yaml.ts';

/** Values to set; `undefined` removes a field. */
type ManifestChanges = Parameters<EditManifest>[1];

export function manifestEditor(root: string): EditManifest {
  return (entry, changes) => editManifest(root, entry, changes);
}

/**
 * Rewrites the given fields; comments, order, quoting and line endings of all else stay. Rejects with `manifest_invalid`, and
 * leaves the file unchanged, if the fields cannot be edited line by line, or if it is the signed manifest of a package.
 */
export async function editManifest(root: string, entry: SkillEntry, changes: ManifestChanges): Promise<void> {
  if (entry.manifest.package !== undefined) throw signed(entry);
  const file = await realpath(join(root, entry.file));
  const bytes = await readFile(file);
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  const before = fieldsOf(bytes);
  const wanted = { ...before?.fields, ...changes };
  const values = Object.entries(changes).map(([field, value]) => [
    field,
    value === undefined ? undefined : yamlOf(value),
  ]);
  const candidates =
    before === undefined
      ? []
      : [
          ...grownList(text, before, changes),
          ...editFields({ text, lines: before.lines }, Object.fromEntries(values)),
        ];
  const edited = candidates.find((candidate) => isEqual(fieldsOf(Buffer.from(candidate))?.fields, wanted));
  if (edited === undefined) {
    throw new SkillosError(
      'manifest_invalid',
      `Cannot edit "${entry.file}": expected one field a line at the top level`,
      {
        hint: `Set ${Object.keys(changes).join(', ')} by hand`,
      },
    );
  }
  if (edited !== text) await writeAtomic(file, edited, { mode: (await stat(file)).mode & 0o777 });
}

function signed({ id, file, manifest }: SkillEntry): SkillosError {
  return new SkillosError(
    'manifest_invalid',
    `Cannot edit "${file}": it is signed as part of the package ${manifest.package}, which would not run any more`,
    { hint: `skillos marketplace uninstall ${id}, or deny it in policies/permission_policies.json` },
  );
}

interface Fields {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly lines: ReadonlyMap<string, number>;
  readonly lineOf: (path: readonly PropertyKey[]) => number;
}

function fieldsOf(bytes: Uint8Array): Fields | undefined {
  const yaml = readYaml(bytes);
  // The file may have changed since the skill was loaded from it.
  if (yaml.status === 'refused' || typeof yaml.value !== 'object' || yaml.value === null) return undefined;
  const fields = yaml.value as Readonly<Record<string, unknown>>;
  const { lineOf } = yaml;
  return { fields, lineOf, lines: new Map(Object.keys(fields).map((field) => [field, lineOf([field])])) };
}

/** If one list gets more items at its end, the others keep their lines, with comments between them. */
function grownList(text: string, { fields, lineOf }: Fields, changes: ManifestChanges): readonly string[] {
  const [[field, wanted] = ['', undefined], ...others] = Object.entries(changes);
  const known = fields[field];
  if (others.length > 0 || !Array.isArray(wanted) || !Array.isArray(known) || known.length === 0) return [];
  if (!isDeepStrictEqual(wanted.slice(0, known.length), known)) return [];
  return [addItems(text, lineOf([field, known.length - 1]), wanted.slice(known.length).map(yamlOf))];
}

/** Removed fields are absent on one side and undefined on the other. */
function isEqual(fields: Fields['fields'] | undefined, wanted: ManifestChanges | Fields['fields']): boolean {
  const present = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
  return isDeepStrictEqual(fields, present);
}

/** Objects take lines of their own, indented below the field; all else stays on the line of the field. */
function yamlOf(value: JsonValue): string {
  if (isFilledObject(value)) {
    const lines = dump(value, { lineWidth: -1, noRefs: true, schema: CORE_SCHEMA }).trimEnd().split('\n');
    return ['', ...lines.map((line) => `  ${line}`)].join('\n');
  }
  // Flow style keeps a multi-line text on one line.
  return dump([value], { flowLevel: 0, lineWidth: -1, schema: CORE_SCHEMA }).trimEnd().slice(1, -1);
}

function isFilledObject(value: JsonValue): boolean {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject && Object.keys(value).length > 0;
}
