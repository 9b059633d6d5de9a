/** Measures accuracy and speed of routing, beside plain BM25 and the predecessor's algorithm. */
import path from 'node:path';
import { decodeRoutingIndex, encodeRoutingIndex } from '../core/routing/routing-codec.ts';
import { buildRoutingIndex } from '../core/routing/routing-index.ts';
import type { RoutingDocument } from '../core/routing/routing-index.ts';
import { scoreGolden } from '../core/routing/routing-metrics.ts';
import type { RoutedQuery } from '../core/routing/routing-metrics.ts';
import { routeQuery } from '../core/routing/routing.ts';
import type { Bench } from './bench.ts';
import { fitConfidence, openComparison } from './embedding-sets.ts';
import type { Comparison } from './embedding-sets.ts';
import { bm25Ranker, predecessorRanker } from './rankers.ts';
import type { Ranker } from './rankers.ts';
import { enlarged, readRoutingSets, withExamples } from './routing-sets.ts';
import type { RoutingSet } from './routing-sets.ts';

const DEFAULT_DATA = path.join(import.meta.dirname, '../../shared/data/routing');
const EXAMPLES = 5;
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
      fitConfidence(sets.filter(({ name }) => FITTED.has(name)).flatMap(mixtures), compare);
      return 0;
    }
    printAccuracy(sets, compare);
    printAbstention(sets, compare);
    if (compare === undefined) printSpeed(sets);
    return 0;
  },
};

/** Sets on which the confidence with an embedding model is fitted; the model knows English alone. */
const FITTED = new Set(['banking77', 'hwu64']);

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

/** Each set without examples and, where it has some, with the first five of each skill. */
function variants(sets: readonly RoutingSet[]): readonly RoutingSet[] {
  return sets.flatMap((set) => {
    const hasExamples = set.documents.some(({ examples }) => examples.length > 0);
    return (hasExamples ? [0, EXAMPLES] : [0]).map((count) => withExamples(set, count));
  });
}

/**
 * Out of scope: the queries of every fifth skill, which is taken out of the catalog (near), and those of sets from
 * another field (far), one for every four that are in scope.
 */
function printAbstention(sets: readonly RoutingSet[], compare?: Comparison): void {
  print('');
  print(line('out of scope', ['kind', 'AUROC', 'recall', 'precision', 'ECE', 'routed']));
  for (const set of variants(sets)) {
    const foreign = sets.filter((other) => (fieldOf(other) === 'banking') !== (fieldOf(set) === 'banking'));
    for (const [kind, mixed] of [
      ['near', withoutEveryFifth(set)],
      ['far', withForeign(set, foreign)],
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

/** `banking77` → `banking`. The other fields overlap: their queries may well be in scope for one another. */
function fieldOf({ name }: RoutingSet): string {
  return /^[a-z]*/.exec(name)?.[0] ?? name;
}

function withoutEveryFifth(set: RoutingSet): RoutingSet {
  const documents = set.documents.filter((_, at) => at % 5 !== 4);
  const left = new Set(documents.map(({ id }) => id));
  const golden = set.golden.map((item) => {
    return { ...item, expected: item.expected !== null && left.has(item.expected) ? item.expected : null };
  });
  return { ...set, documents, golden };
}

function withForeign(set: RoutingSet, others: readonly RoutingSet[]): RoutingSet {
  const queries = others.flatMap(({ golden }) => golden);
  const wanted = Math.min(queries.length, Math.ceil(set.golden.length / 4));
  const stride = Math.max(1, Math.floor(queries.length / wanted));
  const foreign = queries.filter((_, at) => at % stride === 0).slice(0, wanted);
  return { ...set, golden: [...set.golden, ...foreign.map(({ query }) => ({ query, expected: null }))] };
}

function printSpeed(sets: readonly RoutingSet[]): void {
  print('');
  print(line('speed, ms', ['build', 'decode', 'MB', 'p50', 'p95', 'p99']));
  for (const examples of [0, EXAMPLES]) {
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
  const times = queries.map(({ query }) => timed(() => route(query))[1]).sort((a, b) => a - b);
  const percentile = (share: number): string =>
    (times[Math.round(share * (times.length - 1))] ?? 0).toFixed(3);
  const megabytes = (bytes.length / 2 ** 20).toFixed(1);
  return [
    buildMs.toFixed(0),
    decodeMs.toFixed(1),
    megabytes,
    percentile(0.5),
    percentile(0.95),
    percentile(0.99),
  ];
}

/** Each set as it is, without a part of its skills, and with a few of them: what the confidence is fitted on. */
function mixtures(set: RoutingSet): readonly RoutingSet[] {
  return variants([set]).flatMap((variant) => [variant, withoutEveryFifth(variant), withFewSkills(variant)]);
}

/** Every twelfth skill, with its queries and as many for other skills. */
function withFewSkills(set: RoutingSet): RoutingSet {
  const documents = set.documents.filter((_, at) => at % 12 === 0);
  const kept = new Set<string | null>(documents.map(({ id }) => id));
  const own = set.golden.filter(({ expected }) => kept.has(expected));
  const others = set.golden.filter(({ expected }, at) => !kept.has(expected) && at % 11 === 0);
  return { ...set, documents, golden: [...own, ...others.map(({ query }) => ({ query, expected: null }))] };
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
