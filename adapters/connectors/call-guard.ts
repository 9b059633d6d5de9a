/** Refuses calls to a connector beyond its rate limit, and for a while to a server that does not answer. */
import type { ConnectorSpec } from '../../core/connectors/connector.ts';
import type { ErrorCode } from '../../core/errors/error-codes.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { admit, afterOutcome, withoutProbes } from '../../core/limits/circuit.ts';
import type { Circuit } from '../../core/limits/circuit.ts';
import type { Config } from '../../core/settings/config.ts';
import { openRateLimiter } from '../redis/rate-limiter.ts';
import type { RateLimiter } from '../redis/rate-limiter.ts';
import { openRedis } from '../redis/redis.ts';
import type { Redis } from '../redis/redis.ts';

export interface CallGuard {
  /** Rejects with `rate_limited` or `circuit_open`. The function returned takes how the call ended. */
  admit(spec: ConnectorSpec): Promise<(end: CallEnd) => void>;
  close(): Promise<void>;
}

interface CallEnd {
  readonly status?: number | undefined;
  readonly code?: ErrorCode;
}

type GuardConfig = Pick<
  Config,
  | 'redisUrl'
  | 'cachePrefix'
  | 'rateLimitStrict'
  | 'circuitFailureThreshold'
  | 'circuitWindowSeconds'
  | 'circuitOpenSeconds'
  | 'circuitHalfOpenMax'
>;

const MINUTE_MS = 60_000;

/** Redis counts for all processes if it is set, and is connected to by the first call with a rate limit. */
export function openCallGuard(config: GuardConfig, now: () => number): CallGuard {
  const circuits = new Map<string, Circuit>();
  let calls = 0;
  let counting: Promise<Counting> | undefined;

  async function count({
    id,
    rateLimitPerMinute: requests,
  }: ConnectorSpec & { type: 'http' }): Promise<void> {
    if (requests === undefined) return;
    const { limiter } = await (counting ??= openCounting(config));
    const decision = await limiter?.take(`connector:${id}`, { requests, windowMs: MINUTE_MS });
    if (decision === undefined || decision.isAllowed) return;
    const message = `Connector "${id}" takes at most ${requests} calls per minute`;
    throw new SkillosError('rate_limited', message, { details: { retry_after_ms: decision.resetMs } });
  }

  function keep(id: string, circuit: Circuit | undefined): void {
    if (circuit === undefined) circuits.delete(id);
    else circuits.set(id, circuit);
  }

  function probe(id: string, key: string): void {
    const admission = admit(circuits.get(id), { key, now: now() }, config);
    if (admission.kind === 'deny') {
      const details = { retry_after_ms: Math.max(0, admission.retryAt - now()) };
      throw new SkillosError('circuit_open', `Connector "${id}" failed repeatedly, so it is not called`, {
        details,
      });
    }
    keep(id, admission.circuit);
  }

  function settle(id: string, key: string, end: CallEnd): void {
    const circuit = circuits.get(id);
    if (end.code !== undefined && !isFailure(end)) {
      keep(id, circuit && withoutProbes(circuit, [key])); // so that the next call is the probe
      return;
    }
    const outcome = isFailure(end) ? 'failure' : 'success';
    keep(id, afterOutcome(circuit, outcome, { now: now(), settings: config }));
  }

  return {
    async admit(spec) {
      if (spec.type === 'http') await count(spec);
      const key = String(++calls);
      probe(spec.id, key);
      return (end) => settle(spec.id, key, end);
    },
    async close() {
      (await counting)?.redis?.close();
    },
  };
}

/** A refusal of our own says nothing about the server; any answer but 5xx says that it works. */
function isFailure({ status = 0, code }: CallEnd): boolean {
  return status >= 500 || code === 'connector_unreachable' || code === 'connector_timeout';
}

interface Counting {
  readonly redis: Redis | undefined;
  readonly limiter: RateLimiter | undefined;
}

async function openCounting(config: GuardConfig): Promise<Counting> {
  const { redisUrl, cachePrefix } = config;
  const redis = redisUrl === undefined ? undefined : await openRedis(redisUrl, cachePrefix);
  const settings = { ...config, rateLimitEnabled: true, rateLimitRequests: 1, rateLimitWindowSeconds: 60 };
  return { redis, limiter: openRateLimiter({ config: settings, redis }) };
}
