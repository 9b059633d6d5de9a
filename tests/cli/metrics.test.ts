import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { skillos } from '../support/skillos-process.ts';
import { rootWith } from '../support/deployment.ts';
import type { CliResult } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';

const ROOT = path.join(import.meta.dirname, '../../skills');
const GOLDEN = [
  { id: 'g-1', query: 'Find flights to Sochi', expected_skill_id: 'travel.search_flights' },
  { id: 'g-2', query: 'Delete the records', expected_skill_id: 'admin/delete_records' },
  { id: 'g-3', query: 'what is the meaning of life', expected_skill_id: null },
];

interface Measured extends CliResult {
  readonly output: string;
}

async function metrics(golden: string, ...options: string[]): Promise<Measured> {
  const folder = tempFolder();
  const file = path.join(folder, 'golden.json');
  writeFileSync(file, golden);
  const output = path.join(folder, 'new/summary.json');
  const argv = ['metrics', '--golden', file, '--output', output, '--root', ROOT, ...options];
  return { ...(await skillos(argv, { env: { SKILLOS_CACHE_DIR: tempFolder() } })), output };
}

describe('skillos metrics', () => {
  test('writes the metrics and says where', async () => {
    const { code, stdout, output } = await metrics(JSON.stringify(GOLDEN));
    expect({ code, stdout }).toEqual({ code: 0, stdout: `metrics_written: ${output}\n` });
    expect(JSON.parse(readFileSync(output, 'utf8'))).toMatchObject({
      schema: 'skillos.metrics/v1',
      total_requests: 3,
      metrics: {
        routing_top1_accuracy: 1,
        routing_abstention_recall: 1,
        routing_abstention_auroc: 1,
        cost_per_request: 1,
      },
    });
  });

  test('prints the same document with --json', async () => {
    const { stdout, output } = await metrics(JSON.stringify({ golden: GOLDEN }), '--json');
    expect(JSON.parse(stdout)).toEqual({ ...JSON.parse(readFileSync(output, 'utf8')), path: output });
  });

  test('lists confusions on request, in the document too', async () => {
    const wrong = [{ query: 'Find \u001bflights to Sochi', expected_skill_id: 'ops/first' }, ...GOLDEN];
    const { code, stdout, output } = await metrics(JSON.stringify(wrong), '--confusions');
    expect([code, stdout.split('\n')]).toEqual([
      0,
      [
        `metrics_written: ${output}`,
        '',
        'QUERIES  EXPECTED   ROUTED                 EXAMPLE',
        '1        ops/first  travel/search_flights  Find \\u001bflights to Sochi',
        '',
      ],
    ]);
    expect(JSON.parse(readFileSync(output, 'utf8'))).toMatchObject({
      confusions: [{ expected: 'ops/first', routed: 'travel/search_flights', count: 1 }],
      confusions_left_out: 0,
    });
    const none = await metrics(JSON.stringify(GOLDEN), '--confusions');
    expect(none.stdout).toBe(`metrics_written: ${none.output}\n\nno_confusions\n`);
  });

  test('passes thresholds that are met', async () => {
    const { code } = await metrics(JSON.stringify(GOLDEN), '--min-accuracy', '1', '--min-abstain', '0.9');
    expect(code).toBe(0);
  });

  test('exits 1 naming each threshold that is missed or cannot be measured', async () => {
    const wrong = [{ query: 'Find flights to Sochi', expected_skill_id: 'ops/first' }];
    const { code, stderr } = await metrics(
      JSON.stringify(wrong),
      '--min-accuracy',
      '0.5',
      '--min-abstain',
      '0.5',
    );
    expect(code).toBe(1);
    expect(stderr).toBe(
      'routing_top1_accuracy is 0.000, expected at least 0.5\n' +
        'routing_abstention_recall is not measured by these queries, expected at least 0.5\n',
    );
  });

  test('warns of expected skills that do not exist', async () => {
    const item = (id: string) => ({ query: 'Find flights to Sochi', expected_skill_id: id });
    const of = (...ids: readonly string[]) => metrics(JSON.stringify(ids.map(item)));
    const warning = 'warning: no such skill, so that its queries count as wrong:';
    expect(await of('travel/nope')).toMatchObject({ code: 0, stderr: `${warning} travel/nope\n` });
    const many = ['travel/search_flights', 'a/1', 'a/1', 'a/2', 'a/3', 'a/4', 'a/5', 'a/6'];
    expect((await of(...many)).stderr).toBe(`${warning} a/1, a/2, a/3, a/4, a/5 and 1 more\n`);
  });

  test.each(['x', '-1', '1.5', '50%'])('refuses the threshold %j', async (threshold) => {
    const { code, stderr } = await metrics(JSON.stringify(GOLDEN), `--min-accuracy=${threshold}`);
    expect(code).toBe(2);
    expect(stderr).toContain('--min-accuracy to be a number from 0 to 1');
  });

  test.each(['not json', '{"a": 1}', '[{"query": "x"}]'])('refuses the golden file %j', async (text) => {
    const { code, stdout } = await metrics(text, '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ code: 'golden_invalid' });
  });

  test('refuses a golden file that is not there', async () => {
    const { code, stdout } = await skillos([
      'metrics',
      '--golden',
      path.join(tempFolder(), 'no.json'),
      '--json',
    ]);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ code: 'input_unreadable' });
  });

  test.each([
    ['--since', '7d'],
    ['--skill', 'travel/search_flights'],
  ])('does not measure golden queries with %s', async (...options) => {
    expect(await metrics(JSON.stringify(GOLDEN), ...options)).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('skillos metrics without golden queries', () => {
  const ofRuns = (...options: readonly string[]) =>
    skillos(['metrics', ...options], {
      env: { SKILLOS_ROOT: rootWith({}), SKILLOS_CACHE_DIR: tempFolder() },
    });

  test('says that nothing has run', async () => {
    expect(await ofRuns()).toMatchObject({ code: 0, stdout: 'no_runs\n' });
  });

  test.each([
    ['--since', 'soon'],
    ['--skill', 'x'],
    ['--skill', 'no/thing'],
    ['--min-accuracy', '1'],
    ['--output', 'file.json'],
    ['--confusions'],
  ])('refuses %s %s', async (...options) => {
    expect(await ofRuns(...options)).toMatchObject({ code: 2, stdout: '' });
  });
});
