import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { createRoot } from '../../../adapters/catalog/root-template.ts';
import { TYPES_FILE, readTypes, writeTypes } from '../../../adapters/catalog/types-file.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { writeFiles } from '../../support/write-files.ts';

const PACKAGES = resolve(import.meta.dirname, '../../../node_modules');
const TSC = join(PACKAGES, 'typescript/bin/tsc');

const CONNECTORS = {
  'connectors/weather.yaml': 'id: weather\nbase_url: https://api.example.com\n',
  'connectors/crm/db.json': '{"id": "crm-db", "type": "sql"}',
  'connectors/notes.yaml': 'id: notes\ntype: vector\nbase_url: https://notes.example.com\n',
  'connectors/broken.yaml': 'id: broken\ntype: http\n',
};

const SKILL = `import type { Skill } from 'skillos';

export const run: Skill = async (city, ctx) => {
  const { status, body } = await ctx.connectors.weather.request({ path: '/today', query: { city } });
  const { rows, row_count } = await ctx.connectors['crm-db'].query('select 1', [city]);
  const [match] = await ctx.connectors.notes.search({ collection: 'c', vector: [1], limit: 1 });
  // @ts-expect-error no valid definition
  ctx.connectors.broken;
  // @ts-expect-error no such connector
  ctx.connectors.payroll;
  // @ts-expect-error a method of sql
  ctx.connectors.weather.query('select 1');
  // @ts-expect-error a number
  await ctx.connectors.notes.search({ collection: 'c', vector: [1], limit: '1' });
  const key: string | undefined = ctx.secrets['API_KEY'];
  return [status, body, rows, row_count, match?.score, key];
};
`;

describe('writeTypes', () => {
  test('lets the compiler check a skill against the connectors of the root', async () => {
    const root = join(tempFolder(), 'root');
    await createRoot(root);
    writeFiles(root, { ...CONNECTORS, 'implementations/text/uses.ts': SKILL });
    mkdirSync(join(root, 'node_modules/@types'), { recursive: true }); // as `npm install` does
    symlinkSync(join(PACKAGES, '@types/node'), join(root, 'node_modules/@types/node'));
    expect(readTypes(root).isCurrent).toBe(false);
    await writeTypes(root);
    expect(readTypes(root).isCurrent).toBe(true);
    await expect(promisify(execFile)(process.execPath, [TSC, '-p', root])).resolves.toMatchObject({
      stdout: '',
    });
  });

  test('is current in a new root', async () => {
    const root = join(tempFolder(), 'root');
    await createRoot(root);
    expect(readTypes(root).isCurrent).toBe(true);
  });

  test('leaves a file that somebody else has written', async () => {
    const root = tempFolder();
    writeFileSync(join(root, TYPES_FILE), 'declare const mine: 1;\n');
    await expect(writeTypes(root)).rejects.toMatchObject({ code: 'already_exists' });
    expect(readFileSync(join(root, TYPES_FILE), 'utf8')).toBe('declare const mine: 1;\n');
  });
});
