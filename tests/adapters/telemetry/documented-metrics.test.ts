/** docs/metrics.md lists the metrics as they are, and the dashboard uses no others. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { NO_JOBS } from '../../../core/jobs/job-figures.ts';
import { runMetrics } from '../../../core/learning/run-metrics.ts';
import { openMetrics } from '../../../adapters/telemetry/prometheus.ts';
import { openWorkerMetrics } from '../../../adapters/telemetry/worker-metrics.ts';
import { PROJECT } from '../../support/imports.ts';
import { tableIn } from '../../support/markdown.ts';

const read = (file: string) => readFileSync(path.join(PROJECT, file), 'utf8');

/** A sample of each metric: those with labels have none before their first value. */
async function allMetrics(): Promise<string> {
  const api = openMetrics({
    refusals: async () => ({ work_refused: 1 }),
    jobs: async () => NO_JOBS,
    runs: async () => runMetrics([], []),
  });
  api.httpStarted()({ method: 'GET', route: '/runs', status: 200, seconds: 1 });
  api.streamOpened();
  api.rateDecided('allowed');
  api.rateFellBack();
  api.cacheLookedUp('hit');
  api.cacheFailed();
  api.routed('routed', 1);
  api.runAnswered({ status: 'success', seconds: 1 });
  const worker = openWorkerMetrics();
  worker.connectorCalled({ connector: 'crm', method: 'GET', host: 'x', ms: 1, bytes: 1, status: 200 });
  return (await api.render()).text + (await worker.render()).text;
}

const nameOf = (sample: string) => sample.replace(/_(bucket|sum|count)$/, '');

test('docs/metrics.md lists each metric with its labels', async () => {
  const found = new Map<string, Set<string>>();
  for (const [, sample = '', labels = ''] of (await allMetrics()).matchAll(
    /^(skillos_\w+)(?:\{(.*)\})? /gm,
  )) {
    const known = found.get(nameOf(sample)) ?? new Set();
    found.set(nameOf(sample), known);
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) if (label !== 'le') known.add(label);
  }
  const listed = tableIn(read('docs/metrics.md'), 'metric').map(([name = '', , labels = '']) => [
    name.replaceAll('`', ''),
    labels.split(', ').filter(Boolean).sort(),
  ]);
  const actual = [...found].map(([name, labels]) => [name, [...labels].sort()]);
  expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(actual));
});

test('the dashboard queries only metrics that exist', async () => {
  const text = await allMetrics();
  const dashboard = read('docs/dashboards/skillos.json');
  const names = new Set(dashboard.match(/\b(skillos|process|nodejs)_\w+/g));
  expect(names.size).toBeGreaterThan(20);
  const known = new Set([...text.matchAll(/^(\w+)[ {]/gm)].map(([, name]) => name));
  expect([...names].filter((name) => !known.has(name))).toEqual([]);
});
