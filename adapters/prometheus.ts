/** What Prometheus may read of this process. Labels come from closed sets: no id, name or text of a caller is one. */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

interface HttpExchange {
  readonly method: string;
  /** The route's pattern, such as `/runs/:id`; `unmatched` where there is none. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

export interface Metrics {
  /** A request has come; call what is returned when it has been answered. */
  httpStarted(): (exchange: HttpExchange) => void;
  /** A client follows a run; call what is returned when it has gone. */
  streamOpened(): () => void;
  rateDecided(decision: 'allowed' | 'refused' | 'unavailable'): void;
  rateFellBack(): void;
  cacheAsked(result: 'hit' | 'miss' | 'stale'): void;
  /** Redis could not be used for the cache, or held what is no routing. */
  cacheFailed(): void;
  routed(status: string, seconds: number): void;
  /** A run that was asked for here has ended, been parked or was left to itself; `reason` is an error's or block's code. */
  runAnswered(run: {
    readonly status: string;
    readonly reason?: string | undefined;
    readonly seconds: number;
  }): void;
  /** Everything in Prometheus's text format. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

const HTTP_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const ROUTE_BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25];
const RUN_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

export function openMetrics(): Metrics {
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
  const cache = counter('skillos_routing_cache_lookups_total', 'Look-ups in the routing cache.', 'result');
  const cacheFaults = counter(
    'skillos_routing_cache_faults_total',
    'Look-ups and entries that Redis spoiled.',
  );
  const routes = histogram('skillos_route_duration_seconds', 'Routings by their status.', {
    buckets: ROUTE_BUCKETS,
    labelNames: ['status'],
  });
  const runs = histogram('skillos_run_duration_seconds', 'Runs as callers waited for them.', {
    buckets: RUN_BUCKETS,
    labelNames: ['status', 'reason'],
  });

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
    cacheAsked: (result) => cache.inc({ result }),
    cacheFailed: () => cacheFaults.inc(),
    routed: (status, seconds) => routes.observe({ status }, seconds),
    runAnswered: ({ status, reason = '', seconds }) => runs.observe({ status, reason }, seconds),
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
