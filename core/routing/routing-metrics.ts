/** Metrics of the router on golden queries: accuracy, abstention, calibration, latency. */
import type { GoldenQuery } from './golden.ts';
import type { JsonObject } from '../json.ts';
import type { Routing } from './routing.ts';
import { wordsOf } from './text.ts';

export interface RoutedQuery {
  readonly golden: GoldenQuery;
  readonly routing: Routing;
  readonly elapsedMs: number;
}

const BINS = 10;

/**
 * Returns metrics under the names of the predecessor and new ones. Accuracy counts the best skill at any confidence, over
 * queries with an expected skill. Metrics without data in the set are omitted.
 */
export function scoreGolden(routed: readonly RoutedQuery[]): JsonObject {
  if (routed.length === 0) return {};
  const elapsed = routed.map(({ elapsedMs }) => elapsedMs).sort((a, b) => a - b);
  return {
    ...accuracyMetrics(routed.filter(({ golden }) => golden.expected !== null)),
    routing_no_skill_found_rate: share(routed, ({ routing }) => routing.status === 'no_skill_found'),
    routing_override_rate: 0,
    ...abstentionMetrics(routed),
    routing_confidence_brier: mean(
      routed,
      (item) => (item.routing.confidence - Number(isCorrect(item))) ** 2,
    ),
    routing_calibration_error: calibrationError(routed),
    routing_p50_ms: percentile(elapsed, 50),
    routing_p95_ms: percentile(elapsed, 95),
    request_p95_ms: percentile(elapsed, 95),
    tokens_per_request: mean(routed, ({ golden }) => wordsOf(golden.query).length),
  };
}

function accuracyMetrics(inScope: readonly RoutedQuery[]): JsonObject {
  if (inScope.length === 0) return {};
  return {
    routing_top1_accuracy: share(inScope, isCorrect),
    routing_top3_accuracy: share(inScope, isAmongThree),
    skill_success_rate: successBySkill(inScope),
    error_rate_by_class: {
      no_skill_found: share(inScope, ({ routing }) => routing.status === 'no_skill_found'),
      misroute: share(inScope, (item) => item.routing.status !== 'no_skill_found' && !isCorrect(item)),
    },
  };
}

function isCorrect({ golden, routing }: RoutedQuery): boolean {
  return routing.status !== 'no_skill_found' && routing.skill === golden.expected;
}

function isAmongThree(item: RoutedQuery): boolean {
  const others = item.routing.alternatives.slice(0, 2);
  return isCorrect(item) || others.some(({ skill }) => skill === item.golden.expected);
}

function successBySkill(inScope: readonly RoutedQuery[]): JsonObject {
  const skills = [...new Set(inScope.map(({ golden }) => String(golden.expected)))].sort();
  return Object.fromEntries(
    skills.map((skill) => [
      skill,
      share(
        inScope.filter(({ golden }) => golden.expected === skill),
        isCorrect,
      ),
    ]),
  );
}

/** The router abstains if the status is not `routed`; it should abstain if no skill is expected. */
function abstentionMetrics(routed: readonly RoutedQuery[]): JsonObject {
  const outOfScope = routed.filter(({ golden }) => golden.expected === null);
  if (outOfScope.length === 0) return {};
  const abstained = routed.filter(hasAbstained);
  return {
    routing_abstention_recall: share(outOfScope, hasAbstained),
    ...(abstained.length > 0 && {
      routing_abstention_precision: share(abstained, ({ golden }) => golden.expected === null),
    }),
    ...(outOfScope.length < routed.length && { routing_abstention_auroc: abstentionAuroc(routed) }),
  };
}

function hasAbstained({ routing }: RoutedQuery): boolean {
  return routing.status !== 'routed';
}

/** Area under the ROC curve of the confidence, for queries with and without an expected skill; ties count half. */
function abstentionAuroc(routed: readonly RoutedQuery[]): number {
  const sorted = [...routed].sort((a, b) => a.routing.confidence - b.routing.confidence);
  let rankSum = 0;
  let inScope = 0;
  for (let from = 0; from < sorted.length;) {
    const { confidence } = (sorted[from] as RoutedQuery).routing;
    let to = from + 1;
    while (sorted[to]?.routing.confidence === confidence) to++;
    const positives = sorted.slice(from, to).filter(({ golden }) => golden.expected !== null).length;
    rankSum += (positives * (from + 1 + to)) / 2;
    inScope += positives;
    from = to;
  }
  return (rankSum - (inScope * (inScope + 1)) / 2) / (inScope * (sorted.length - inScope));
}

/** Expected calibration error: mean difference between confidence and accuracy over ten bins. */
function calibrationError(routed: readonly RoutedQuery[]): number {
  const errors = Array.from({ length: BINS }, (_, bin) => {
    const own = routed.filter(({ routing }) => binOf(routing.confidence) === bin);
    if (own.length === 0) return 0;
    return own.length * Math.abs(mean(own, ({ routing }) => routing.confidence) - share(own, isCorrect));
  });
  return errors.reduce((sum, error) => sum + error, 0) / routed.length;
}

function binOf(confidence: number): number {
  return Math.min(BINS - 1, Math.floor(confidence * BINS));
}

function share(items: readonly RoutedQuery[], holds: (item: RoutedQuery) => boolean): number {
  return mean(items, (item) => Number(holds(item)));
}

function mean(items: readonly RoutedQuery[], valueOf: (item: RoutedQuery) => number): number {
  return items.reduce((sum, item) => sum + valueOf(item), 0) / items.length;
}

/** Percentile by nearest rank; `sorted` is ascending and not empty. */
function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.round((percent / 100) * (sorted.length - 1))] as number;
}
