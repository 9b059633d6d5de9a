/** Measures accuracy and speed of routing, beside plain BM25 and the predecessor's algorithm. */
import path from 'node:path';
import { decodeRoutingIndex, encodeRoutingIndex } from '../core/routing/routing-codec.ts';
import { buildRoutingIndex } from '../core/routing/routing-index.ts';
import type { RoutingDocument } from '../core/routing/routing-index.ts';
import { scoreGolden } from '../core/routing/routing-metrics.ts';
import type { RoutedQuery } from '../core/routing/routing-metrics.ts';
import { routeQuery } from '../core/routing/routing.ts';
import type { Bench } from './bench.ts';
import { printFit } from './embedding-fit.ts';
import { openComparison, timeQueries } from './embedding-sets.ts';
import type { Comparison } from './embedding-sets.ts';
import { bm25Ranker, predecessorRanker } from './rankers.ts';
import type { Ranker } from './rankers.ts';
import { MOST_EXAMPLES, variants, withForeign, withoutEveryFifth } from './routing-mixtures.ts';
import { enlarged, readRoutingSets, withExamples } from './routing-sets.ts';
import type { RoutingSet } from './routing-sets.ts';

const DEFAULT_DATA = path.join(import.meta.dirname, '../../shared/data/routing');
const SIZES = [150, 1000, 10_000];
const MIN_CONFIDENCE = 0.5;

export const routingBench: Bench = {
  summary:
    'accuracy, abstention and speed of the router; --data <dir> with the sets; --embeddings [--fit] with the local model',
  run: async (args) => {
    const option = args.indexOf('--data');
    const folder = option < 0 ? DEFAULT_DATA : path.resolve(args[option + 1] ?? '');
    const sets = readRoutingSets(folder);
    if (sets === undefined || sets.length === 0) {
      process.stderr.write(`No routing sets in ${folder}: name a folder of them with --data <dir>\n`);
      return 2;
    }
    const compare = args.includes('--embeddings') ? await openComparison(sets) : undefined;
    if (args.includes('--fit')) {
      if (compare === undefined) return 2;
      printFit(sets, compare);
      return 0;
    }
    printAccuracy(sets, compare);
    printAbstention(sets, compare);
    if (compare === undefined) printSpeed(sets);
    else await printSpeedWithModel(sets, compare);
    return 0;
  },
};

function printAccuracy(sets: readonly RoutingSet[], compare?: Comparison): void {
  print(line('top-1 / top-3, %', ['skills', 'queries', 'predecessor', 'BM25', 'SkillOS']));
  for (const set of variants(sets)) {
    const ours = scoreGolden(routeAll(set, compare));
    print(
      line(set.name, [
        String(set.documents.length),
        String(set.golden.length),
        rankerScore(set, predecessorRanker(set.documents)),
        rankerScore(set, bm25Ranker(set.documents)),
        `${percent(ours['routing_top1_accuracy'])} / ${percent(ours['routing_top3_accuracy'])}`,
      ]),
    );
  }
}

/**
 * Out of scope: the queries of every fifth skill, which is taken out of the catalog (near), and those of sets from
 * another field (far), one for every four that are in scope.
 */
function printAbstention(sets: readonly RoutingSet[], compare?: Comparison): void {
  print('');
  print(line('out of scope', ['kind', 'AUROC', 'recall', 'precision', 'ECE', 'routed']));
  for (const set of variants(sets)) {
    for (const [kind, mixed] of [
      ['near', withoutEveryFifth(set)],
      ['far', withForeign(set, sets)],
    ] as const) {
      const routed = routeAll(mixed, compare);
      const metrics = scoreGolden(routed);
      const inScope = routed.filter(({ golden }) => golden.expected !== null);
      const cells = ['auroc', 'recall', 'precision'].map((name) =>
        decimal(metrics[`routing_abstention_${name}`]),
      );
      const routedShare =
        inScope.filter(({ routing }) => routing.status === 'routed').length / inScope.length;
      print(
        line(set.name, [kind, ...cells, decimal(metrics['routing_calibration_error']), decimal(routedShare)]),
      );
    }
  }
}

function printSpeed(sets: readonly RoutingSet[]): void {
  print('');
  print(line('speed, ms', ['build', 'decode', 'MB', 'p50', 'p95', 'p99']));
  for (const examples of [0, MOST_EXAMPLES]) {
    const reduced = sets.map((set) => withExamples(set, examples));
    for (const size of SIZES) {
      const documents = enlarged(reduced, size);
      print(line(`${size} skills, up to ${examples} examples`, speedOf(documents, reduced)));
    }
  }
}

function speedOf(documents: readonly RoutingDocument[], sets: readonly RoutingSet[]): readonly string[] {
  const [index, buildMs] = timed(() => buildRoutingIndex(documents));
  const bytes = encodeRoutingIndex(index);
  const [, decodeMs] = timed(() => decodeRoutingIndex(bytes));
  const queries = sets.flatMap(({ golden }) => golden.filter((_, at) => at % 4 === 0));
  const route = (text: string): unknown => routeQuery(index, { text, minConfidence: MIN_CONFIDENCE });
  for (const { query } of queries.slice(0, 300)) route(query); // warm-up
  const times = queries.map(({ query }) => timed(() => route(query))[1]);
  const megabytes = (bytes.length / 2 ** 20).toFixed(1);
  return [
    buildMs.toFixed(0),
    decodeMs.toFixed(1),
    megabytes,
    percentileOf(times, 0.5),
    percentileOf(times, 0.95),
    percentileOf(times, 0.99),
  ];
}

const TIMED_QUERIES = 300;

/** English queries against 1,000 skills; one run has both ways, because the load of a machine changes. */
async function printSpeedWithModel(sets: readonly RoutingSet[], compare: Comparison): Promise<void> {
  const own = sets.filter(({ name }) => ENGLISH.has(name)).map((set) => withExamples(set, MOST_EXAMPLES));
  const queries = own.flatMap(({ golden }) => golden.map(({ query }) => query));
  const stride = Math.ceil(queries.length / TIMED_QUERIES);
  const some = queries.filter((_, at) => at % stride === 0);
  const times = await timeQueries(enlarged(own, 1000), some, compare);
  print('');
  print(line('1000 skills, ms', ['p50', 'p95']));
  print(
    line(
      'with the model',
      [0.5, 0.95].map((share) => percentileOf(times.withModel, share)),
    ),
  );
  print(
    line(
      'by words',
      [0.5, 0.95].map((share) => percentileOf(times.byWords, share)),
    ),
  );
}

const ENGLISH = new Set(['banking77', 'hwu64', 'bfcl-live', 'ha-intents-en']);

function percentileOf(times: readonly number[], share: number): string {
  const sorted = times.toSorted((a, b) => a - b);
  return (sorted[Math.round(share * (sorted.length - 1))] ?? 0).toFixed(3);
}

function routeAll({ documents, golden }: RoutingSet, compare?: Comparison): readonly RoutedQuery[] {
  const index = buildRoutingIndex(documents);
  const similarityTo = compare?.(documents);
  return golden.map((item) => {
    const similarity = similarityTo?.(item.query);
    const [routing, elapsedMs] = timed(() =>
      routeQuery(index, {
        text: item.query,
        minConfidence: MIN_CONFIDENCE,
        ...(similarity && { similarity }),
      }),
    );
    return { golden: item, routing, elapsedMs };
  });
}

function rankerScore({ golden }: RoutingSet, rank: Ranker): string {
  const ranks = golden.map(({ query, expected }) => rank(query).indexOf(expected ?? ''));
  const share = (limit: number): number => ranks.filter((at) => at >= 0 && at < limit).length / ranks.length;
  return `${percent(share(1))} / ${percent(share(3))}`;
}

function timed<Result>(work: () => Result): readonly [Result, number] {
  const start = performance.now();
  const result = work();
  return [result, performance.now() - start];
}

function percent(value: unknown): string {
  return typeof value === 'number' ? (value * 100).toFixed(1) : '-';
}

function decimal(value: unknown): string {
  return typeof value === 'number' ? value.toFixed(3) : '-';
}

function line(name: string, cells: readonly string[]): string {
  return name.padEnd(34) + cells.map((cell) => cell.padStart(14)).join('');
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
