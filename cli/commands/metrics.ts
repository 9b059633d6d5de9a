import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Command, Option } from 'clipanion';
import { openCatalog } from '../../adapters/catalog/catalog.ts';
import { makeDir, writeAtomic } from '../../adapters/files/files.ts';
import { cacheFolder } from '../../adapters/machine/local-folders.ts';
import { openRoutingIndex } from '../../adapters/catalog/routing-index-file.ts';
import type { Catalogs } from '../../core/skills/catalog.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { EXIT } from '../../core/errors/exit-codes.ts';
import type { ExitCode } from '../../core/errors/exit-codes.ts';
import { confusionFields, confusionsIn } from '../../core/routing/confusions.ts';
import { parseGolden } from '../../core/routing/golden.ts';
import type { GoldenQuery } from '../../core/routing/golden.ts';
import type { JsonObject } from '../../core/json.ts';
import { scoreGolden } from '../../core/routing/routing-metrics.ts';
import type { RoutedQuery } from '../../core/routing/routing-metrics.ts';
import { routeQuery } from '../../core/routing/routing.ts';
import type { Routing } from '../../core/routing/routing.ts';
import { showSkill } from '../../client/skills/skills.ts';
import { readMetrics } from '../../client/learning/run-metrics.ts';
import { runMetricsDocument } from '../../core/learning/run-metrics.ts';
import { inUnits } from '../../core/values/amount.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import { SkillosCommand } from '../command.ts';
import { actorOf, identityOptions } from '../input/identity.ts';
import { sinceOf } from '../input/list-options.ts';
import { openCommandEmbeddings } from '../running/routing.ts';
import { openRuntime } from '../runtime.ts';
import { confusionsText } from '../views/confusions.ts';
import { runMetricsText } from '../views/run-metrics.ts';

/** Number of queries that are routed before the measurement, so that it shows the latency of a warm process. */
const WARM_UP = 200;
/** Number of ids in a warning. */
const MAX_UNKNOWN = 5;

export class MetricsCommand extends SkillosCommand {
  static override paths = [['metrics']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Show metrics of the runs, or measure the router on golden queries',
    details:
      'Counts the runs that ended within --since, and the queries that were routed; requires the permission runs:read. With ' +
      '--golden it routes the queries of a file instead, a JSON list of {"query", "expected_skill_id"}; null means that no ' +
      'skill fits. Exits with 1 if a threshold is missed.',
    examples: [
      ['The last week', 'skillos metrics'],
      ['One skill', 'skillos metrics --since 24h --skill travel/search_flights'],
      ['Measure', 'skillos metrics --golden tests/fixtures/golden_queries.json'],
      ['Which skills are taken for each other', 'skillos metrics --golden golden.json --confusions'],
      ['A check in CI', 'skillos metrics --golden golden.json --min-accuracy 0.8 --min-abstain 0.9'],
    ],
  });

  identity = identityOptions();
  since = Option.String('--since', { description: 'Within this time, or since an ISO date (default: 7d)' });
  skill = Option.String('--skill', { description: 'Only runs of this skill' });
  golden = Option.String('--golden', { description: 'JSON file of golden queries' });
  output = Option.String('--output', {
    description: 'File for the metrics (default: logs/metrics_summary.json below the root)',
  });
  minAccuracy = Option.String('--min-accuracy', { description: 'Minimum top-1 accuracy, 0 to 1' });
  minAbstain = Option.String('--min-abstain', {
    description: 'Minimum share of queries without a skill that are not routed, 0 to 1',
  });
  confusions = Option.Boolean('--confusions', false, {
    description: 'List the skills that are taken for each other',
  });

  async perform(): Promise<ExitCode> {
    const isOfRuns = this.golden === undefined;
    const alien = isOfRuns
      ? [this.output, this.minAccuracy, this.minAbstain, this.confusions || undefined]
      : [this.since, this.skill];
    if (alien.some((option) => option !== undefined)) {
      throw new SkillosError(
        'usage',
        'Expected --since and --skill without --golden, or --output, --min-accuracy, --min-abstain and --confusions with it',
      );
    }
    return this.golden === undefined ? this.printRuns() : this.measure(this.golden);
  }

  private async printRuns(): Promise<ExitCode> {
    const since = sinceOf(this.since ?? '7d', this.context.now());
    const skill = this.skill === undefined ? undefined : parseSkillId(this.skill);
    const { ports } = openRuntime(this);
    const actor = await actorOf(this);
    const metrics = await readMetrics(ports, actor, { since, skill });
    const isEmpty = metrics.all.runs === 0 && metrics.routing.requests === 0;
    // A skill that was removed has runs all the same.
    if (isEmpty && skill !== undefined) await showSkill(ports.catalogs, actor.rights, skill);
    this.print({ text: runMetricsText(metrics), json: runMetricsDocument(metrics, { since }) });
    return EXIT.ok;
  }

  private async measure(file: string): Promise<ExitCode> {
    const thresholds = [
      { metric: 'routing_top1_accuracy', least: fraction('--min-accuracy', this.minAccuracy) },
      { metric: 'routing_abstention_recall', least: fraction('--min-abstain', this.minAbstain) },
    ];
    const golden = parseGolden(await readJson(file));
    const routed = await this.routeAll(golden);
    const cost = { cost_per_request: inUnits(this.config.modelStandardCost) };
    const metrics: JsonObject = routed.length === 0 ? {} : { ...scoreGolden(routed), ...cost };
    const confusions = this.confusions ? confusionsIn(routed) : undefined;
    const summary = {
      schema: 'skillos.metrics/v1',
      generated_at: new Date(this.context.now()).toISOString(),
      total_requests: golden.length,
      metrics,
      ...(confusions && confusionFields(confusions)),
    };
    const path = this.output ?? join(this.config.root, 'logs', 'metrics_summary.json');
    await makeDir(dirname(resolve(path)));
    await writeAtomic(resolve(path), `${JSON.stringify(summary, null, 2)}\n`);
    this.print({
      text: [`metrics_written: ${path}`, ...(confusions ? confusionsText(confusions) : [])],
      json: { ...summary, path },
    });
    const missed = thresholds.filter(({ metric, least }) => isMissed(metrics, metric, least));
    for (const { metric, least } of missed)
      this.note(`${metric} is ${shown(metrics[metric])}, expected at least ${least}`);
    return missed.length === 0 ? EXIT.ok : EXIT.failed;
  }

  /** Warns of expected skills that do not exist, which may be mistyped. */
  private async warnOfUnknown(golden: readonly GoldenQuery[], catalogs: Catalogs): Promise<void> {
    const unknown: SkillId[] = [];
    for (const id of new Set(golden.map(({ expected }) => expected))) {
      if (id !== null && (await catalogs.find(id)) === undefined) unknown.push(id);
    }
    if (unknown.length === 0) return;
    const more = unknown.length > MAX_UNKNOWN ? ` and ${unknown.length - MAX_UNKNOWN} more` : '';
    const shown = unknown.slice(0, MAX_UNKNOWN).join(', ');
    this.note(`warning: no such skill, so that its queries count as wrong: ${shown}${more}`);
  }

  private async routeAll(golden: readonly GoldenQuery[]): Promise<readonly RoutedQuery[]> {
    const { root, minConfidence } = this.config;
    const cacheDir = cacheFolder(this.config, this.context.env);
    const catalogs = openCatalog(root);
    const index = await openRoutingIndex({ catalogs, root, cacheDir });
    const embeddings = await openCommandEmbeddings(this, { catalogs, root, cacheDir });
    await this.warnOfUnknown(golden, catalogs);
    const route = async (text: string): Promise<Routing> => {
      const similarity = await embeddings?.similarityTo(index, text);
      return routeQuery(index, { text, minConfidence, ...(similarity && { similarity }) });
    };
    if (embeddings === undefined) for (const { query } of golden.slice(0, WARM_UP)) await route(query);
    const routed: RoutedQuery[] = [];
    for (const item of golden) {
      const start = performance.now();
      const routing = await route(item.query);
      routed.push({ golden: item, routing, elapsedMs: performance.now() - start });
    }
    return routed;
  }
}

function fraction(option: string, text: string | undefined): number | undefined {
  if (text === undefined || /^(0(\.\d+)?|1(\.0+)?)$/.test(text))
    return text === undefined ? undefined : Number(text);
  throw new SkillosError(
    'usage',
    `Expected ${option} to be a number from 0 to 1, got ${JSON.stringify(text)}`,
  );
}

/** A threshold on a metric that the golden queries do not give is missed too. */
function isMissed(metrics: JsonObject, metric: string, least: number | undefined): boolean {
  if (least === undefined) return false;
  const value = metrics[metric];
  return typeof value !== 'number' || value < least;
}

function shown(value: unknown): string {
  return typeof value === 'number' ? value.toFixed(3) : 'not measured by these queries';
}

async function readJson(file: string): Promise<unknown> {
  const bytes = await readBytes(file);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new SkillosError('golden_invalid', `Golden file "${file}" is not JSON`, { cause: error });
  }
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new SkillosError('input_unreadable', `Cannot read golden file "${file}"`, { cause: error });
  }
}
