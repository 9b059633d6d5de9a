/** Checks the services that the server needs, at most once a second. */
import { setTimeout as delay } from 'node:timers/promises';

type ComponentStatus = 'healthy' | 'degraded' | 'unhealthy';

export type CheckResult = {
  readonly status: ComponentStatus;
  readonly details: string;
};

/** Checks one component. If it rejects, the component is unhealthy; the error's text is not sent. */
export type HealthCheck = () => Promise<CheckResult>;

export interface Health {
  readonly status: ComponentStatus;
  readonly components: Readonly<Record<string, CheckResult & { readonly latency_ms: number }>>;
}

const FRESH_MS = 1000;
const PROBE_TIMEOUT_MS = 2000;

const ORDER: readonly ComponentStatus[] = ['healthy', 'degraded', 'unhealthy'];

/** Returns a function that resolves to the latest result, renewed after one second. */
export function openHealth(checks: Readonly<Record<string, HealthCheck>>): () => Promise<Health> {
  let looked: Promise<Health> | undefined;
  let since = -Infinity;
  return () => {
    const now = performance.now();
    if (looked === undefined || now - since > FRESH_MS) {
      since = now;
      looked = look(checks);
    }
    return looked;
  };
}

/** Cached JSON per result, because load balancers ask more often than the result changes. */
const texts = new WeakMap<Health, string>();

export function healthText(health: Health): string {
  const { status, components } = health;
  const text = texts.get(health) ?? JSON.stringify({ schema: 'skillos.health/v1', status, components });
  texts.set(health, text);
  return text;
}

async function look(checks: Readonly<Record<string, HealthCheck>>): Promise<Health> {
  const found = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await measure(check)] as const),
  );
  const worst = Math.max(0, ...found.map(([, { status }]) => ORDER.indexOf(status)));
  return { status: ORDER[worst] as ComponentStatus, components: Object.fromEntries(found) };
}

async function measure(check: HealthCheck): Promise<CheckResult & { latency_ms: number }> {
  const began = performance.now();
  const late = delay(PROBE_TIMEOUT_MS, { status: 'unhealthy', details: 'no answer in time' } as const, {
    ref: false,
  });
  const failed = { status: 'unhealthy', details: 'unreachable' } as const;
  const finding = await Promise.race([check().catch(() => failed), late]);
  return { ...finding, latency_ms: Math.round((performance.now() - began) * 10) / 10 };
}
