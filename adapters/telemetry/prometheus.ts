/** Metrics of this process for Prometheus. Labels come from closed sets: never ids, names or texts of callers. */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { NO_JOBS } from '../../core/jobs/job-figures.ts';
import type { JobFigures } from '../../core/jobs/job-figures.ts';
import { runMetrics } from '../../core/learning/run-metrics.ts';
import { openRunGauges } from './run-gauges.ts';
import type { RunFigures } from './run-gauges.ts';

interface HttpExchange {
  readonly method: string;
  /** The route's pattern, such as `/runs/:id`; `unmatched` if no route matched. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

export interface Metrics {
  /** Counts a request in flight; call the returned function when it is answered. */
  httpStarted(): (exchange: HttpExchange) => void;
  /** Counts a client that follows a run; call the returned function when it disconnects. */
  streamOpened(): () => void;
  rateDecided(decision: 'allowed' | 'refused' | 'unavailable'): void;
  rateFellBack(): void;
  cacheLookedUp(result: 'hit' | 'miss' | 'stale'): void;
  /** Redis was unreachable for the cache, or held an invalid entry. */
  cacheFailed(): void;
  routed(status: string, seconds: number): void;
  /** A run requested here has ended, parked, or outlived its wait; `reason` is the code of an error or block. */
  runAnswered(run: {
    readonly status: string;
    readonly reason?: string | undefined;
    readonly seconds: number;
  }): void;
  /** Returns all metrics in Prometheus's text format; the figures of runs only with `withRuns`. */
  render(options?: {
    readonly withRuns: boolean;
  }): Promise<{ readonly contentType: string; readonly text: string }>;
}

const HTTP_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const ROUTE_BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25];
const RUN_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** Figures that are read from the store at each scrape, because workers have no endpoint. */
export interface StoredFigures {
  /** Count of refused work of all workers of the deployment, by error code. */
  readonly refusals: () => Promise<Readonly<Record<string, number>>>;
  readonly jobs: () => Promise<JobFigures>;
  readonly runs: RunFigures;
}

const NO_FIGURES: StoredFigures = {
  refusals: async () => ({}),
  jobs: async () => NO_JOBS,
  runs: async () => runMetrics([], []),
};

export function openMetrics(stored: Partial<StoredFigures> = {}): Metrics {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry });
  const counter = <Label extends string>(name: string, help: string, ...labelNames: readonly Label[]) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const histogram = <Label extends string>(
    name: string,
    help: string,
    more: { readonly buckets: number[]; readonly labelNames: readonly Label[] },
  ) => new Histogram({ name, help, registers, ...more });

  const http = histogram('skillos_http_request_duration_seconds', 'HTTP requests by route and status.', {
    buckets: HTTP_BUCKETS,
    labelNames: ['method', 'route', 'status'],
  });
  const inFlight = gauge('skillos_http_requests_in_flight', 'HTTP requests that are being answered.');
  const streams = gauge('skillos_event_streams', 'Clients that follow a run.');
  const rate = counter('skillos_rate_limit_decisions_total', 'Requests that were counted.', 'decision');
  const fallbacks = counter(
    'skillos_rate_limit_fallbacks_total',
    'Requests that were counted in this process because Redis could not.',
  );
  const cache = counter('skillos_routing_cache_lookups_total', 'Lookups in the routing cache.', 'result');
  const cacheFaults = counter(
    'skillos_routing_cache_faults_total',
    'Lookups and entries of the routing cache that failed in Redis.',
  );
  const routes = histogram('skillos_route_duration_seconds', 'Routings by their status.', {
    buckets: ROUTE_BUCKETS,
    labelNames: ['status'],
  });
  const runs = histogram('skillos_run_duration_seconds', 'Time that callers waited for runs.', {
    buckets: RUN_BUCKETS,
    labelNames: ['status', 'reason'],
  });

  const figures = openStoredFigures(registry, { ...NO_FIGURES, ...stored });

  return {
    httpStarted() {
      inFlight.inc();
      return ({ method, route, status, seconds }) => {
        inFlight.dec();
        http.observe({ method, route, status: String(status) }, seconds);
      };
    },
    streamOpened() {
      streams.inc();
      return () => streams.dec();
    },
    rateDecided: (decision) => rate.inc({ decision }),
    rateFellBack: () => fallbacks.inc(),
    cacheLookedUp: (result) => cache.inc({ result }),
    cacheFailed: () => cacheFaults.inc(),
    routed: (status, seconds) => routes.observe({ status }, seconds),
    runAnswered: ({ status, reason = '', seconds }) => runs.observe({ status, reason }, seconds),
    render: async ({ withRuns } = { withRuns: true }) =>
      rendered(withRuns ? [registry, figures] : [registry]),
  };
}

async function rendered([first, ...others]: readonly [Registry, ...Registry[]]) {
  const texts = await Promise.all([first, ...others].map((each) => each.metrics()));
  return { contentType: first.contentType, text: texts.join('') };
}

/** Returns the registry of the figures of runs, which not every caller may read. */
function openStoredFigures(registry: Registry, { refusals, jobs, runs }: StoredFigures): Registry {
  openRefusalCounter(registry, refusals);
  openJobGauges(registry, jobs);
  const figures = new Registry();
  openRunGauges(figures, runs);
  return figures;
}

/** Keeps its values while the store cannot be reached. */
function openRefusalCounter(
  registry: Registry,
  refusals: () => Promise<Readonly<Record<string, number>>>,
): void {
  const counter: Counter<'reason'> = new Counter({
    name: 'skillos_work_refused_total',
    help: 'Activities, decisions and step commands that workers have refused.',
    labelNames: ['reason'],
    registers: [registry],
    async collect() {
      const counts = await refusals().catch(() => undefined);
      if (counts === undefined) return;
      counter.reset();
      for (const [reason, count] of Object.entries(counts)) counter.inc({ reason }, count);
    },
  });
}

/** They keep their values while the store cannot be reached. One reading serves all of them. */
function openJobGauges(registry: Registry, figures: () => Promise<JobFigures>): void {
  let reading: Promise<JobFigures | undefined> | undefined;
  const read = () => {
    reading ??= figures()
      .catch(() => undefined)
      .finally(() => (reading = undefined));
    return reading;
  };
  const gauge = (field: Exclude<keyof JobFigures, 'phases'>, name: string, help: string) => {
    const made: Gauge = new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const found = await read();
        if (found !== undefined) made.set(found[field]);
      },
    });
  };
  gauge('queued', 'skillos_jobs_queued', 'Jobs that no worker has begun.');
  gauge('oldestAgeSeconds', 'skillos_jobs_oldest_age_seconds', 'How long the oldest due job has waited.');
  gauge('dead', 'skillos_jobs_dead', 'Jobs that ended without success and were not requeued.');
  const phases: Gauge<'phase'> = new Gauge({
    name: 'skillos_jobs',
    help: 'Jobs that have not ended, by what they wait for.',
    labelNames: ['phase'],
    registers: [registry],
    async collect() {
      const found = await read();
      if (found === undefined) return;
      for (const [phase, count] of Object.entries(found.phases)) phases.set({ phase }, count);
    },
  });
}
