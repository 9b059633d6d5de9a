/** Every command of the README's tour, run in its order on a copy of the sample root, prints what the README shows. */
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../adapters/machine/local-folders.ts';
import { packageFile } from '../../adapters/machine/package.ts';
import { parseConfig } from '../../core/settings/config.ts';
import { eventually } from '../support/eventually.ts';
import { commandsNamed } from '../support/shell-lines.ts';
import { skillos } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

interface Shown {
  readonly command: string;
  /** The lines below it; a line that is only `…` stands for any others. */
  readonly lines: readonly string[];
}

const README = readFileSync(packageFile('README.md'), 'utf8');
const TOUR = README.slice(README.indexOf('## Tour'), README.indexOf('## Documentation'));

const TOUR_TIMEOUT_MS = 300_000;
/** Ids end with 26 characters of a ULID, in either case. */
const ULID = /[0-9A-HJKMNP-TV-Z]{26}|[0-9a-hjkmnp-tv-z]{26}/g;
/** What differs from run to run: times, durations, dates, ports, the name of the user. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\dT[\d:.\\]+Z/g, '\\S+'],
  [/\b\d+(\\\.\d+)?m?s\b/g, '[\\d.]+m?s'],
  [/\w+, \d{1,2} \w+ \d{4}/g, '.+'],
  [/127\\\.0\\\.0\\\.1:\d+/g, '127\\.0\\.0\\.1:\\d+'],
  [/ root /g, ' \\S+ '],
  [/ +/g, ' +'],
];

function shownIn(text: string): readonly Shown[] {
  const found: { command: string; lines: string[] }[] = [];
  for (const [, block = ''] of text.matchAll(/^```\n(\$ skillos [^]*?)^```$/gm))
    for (const line of block.trimEnd().split('\n')) {
      if (line.startsWith('$ ')) found.push({ command: line.slice(2), lines: [] });
      else found.at(-1)?.lines.push(line);
    }
  return found;
}

/** Matches the line with other ids, times and widths of columns. `…` at its end stands for the rest. */
function patternOf(line: string): RegExp {
  const escaped = line.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
  const varied = VARYING.reduce((text, [what, pattern]) => text.replaceAll(what, pattern), escaped);
  return new RegExp(`^${varied.replaceAll(ULID, '(\\w{26})').replace(/ \+…$|…$/, '.*')}\\s*$`, 'm');
}

test(
  'the tour of the README',
  async () => {
    const cwd = tempFolder();
    const home = join(cwd, 'home');
    mkdirSync(home);
    // A used checkout has state of its own.
    const isState = (source: string) => /[\\/]skills[\\/](runtime|logs)$/.test(source);
    cpSync(packageFile('skills'), join(cwd, 'skills'), { recursive: true, filter: (from) => !isState(from) });
    const env = { PATH: process.env['PATH'] ?? '', HOME: home, SKILLOS_STATE_DIR: join(home, 'state') };
    // Temporal's binary is not downloaded again.
    const cached = { SKILLOS_CACHE_DIR: cacheFolder(parseConfig(process.env), process.env) };
    const options = { env: { ...env, ...cached }, cwd, timeoutMs: 120_000 };
    /** The ids of this tour by those of the README. */
    const ids = new Map<string, string>();
    const misses: string[] = [];
    try {
      for (const { command, lines } of shownIn(TOUR)) {
        const real = command.replaceAll(ULID, (id) => ids.get(id) ?? id);
        const [argv = []] = commandsNamed('skillos', `\`\`\`\n$ ${real}\n\`\`\``);
        const print = async (): Promise<string> => {
          const { stdout, stderr } = await answered(() => skillos(argv, options));
          return `${stdout}\n${stderr}`;
        };
        // A reader asks for the budget later than this test, when the approved run has ended.
        const printed =
          command === 'skillos budget'
            ? await eventually(async () => {
                const budget = await print();
                expect(budget).toMatch(/^day +\d+ +\d+ +0 /m);
                return budget;
              })
            : await print();
        for (const line of lines.filter((each) => each !== '…')) {
          const match = patternOf(line).exec(printed);
          if (match === null) misses.push(`$ ${command}\n  shown: ${line}\n  printed: ${printed}`);
          for (const [at, id] of (line.match(ULID) ?? []).entries()) ids.set(id, match?.[at + 1] ?? id);
        }
      }
    } finally {
      await skillos(['dev', 'stop'], options);
    }
    expect(misses).toEqual([]);
  },
  TOUR_TIMEOUT_MS,
);

/** Again while `doctor` says that a check found the machine too busy to answer in time. */
async function answered(command: () => SkillosProcess['ended']): Promise<Awaited<SkillosProcess['ended']>> {
  for (let left = 10; ; left--) {
    const ended = await command();
    if (left === 0 || !ended.stdout.includes('It did not answer within')) return ended;
  }
}
