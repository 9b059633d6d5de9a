/** The table of settings in docs/configuration.md; `npx tsx tests/support/settings-table.ts` writes it there. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { SETTINGS } from '../../core/settings/settings.ts';

export const SETTINGS_DOC = fileURLToPath(new URL('../../docs/configuration.md', import.meta.url));

const TABLE = /(?<=<!-- settings: begin -->\n)[^]*(?=<!-- settings: end -->)/;

interface Described {
  readonly variable: string;
  readonly fallback?: string;
  readonly expected: string;
  readonly meaning: string;
  readonly inWorker?: true;
  readonly secret?: true;
  readonly perRoot?: true | string;
}

/** The document with the table as it should be; every other line stays. */
export function withSettingsTable(document: string): string {
  if (!TABLE.test(document))
    throw new Error('Expected the marks of the settings table in docs/configuration.md');
  return document.replace(TABLE, () => settingsTable());
}

function settingsTable(): string {
  const rows = Object.values<Described>(SETTINGS).map((setting) => [
    `\`${setting.variable}\``,
    setting.fallback === undefined ? '' : `\`${setting.fallback}\``,
    setting.expected,
    [
      setting.meaning,
      ...(setting.secret ? ['Secret.'] : []),
      ...(setting.inWorker ? ['Used by the worker.'] : []),
      ...(setting.perRoot ? ['Per root.'] : []),
    ].join(' '),
  ]);
  const lines = [['Variable', 'Default', 'Expected', 'Meaning'], ['---', '---', '---', '---'], ...rows];
  const table = lines.map((cells) => `| ${cells.map(escaped).join(' | ')} |\n`).join('');
  return `\n<!-- prettier-ignore -->\n${table}\n`;
}

function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|');
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  writeFileSync(SETTINGS_DOC, withSettingsTable(readFileSync(SETTINGS_DOC, 'utf8')));
}
