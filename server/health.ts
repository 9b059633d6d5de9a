/** How the parts are that the server needs; looked at once a second at most, however often it is asked. */
import { setTimeout as delay } from 'node:timers/promises';

type ComponentStatus = 'healthy' | 'degraded' | 'unhealthy';

export type Finding = {
  readonly status: ComponentStatus;
  readonly details: string;
};

/** Looks at one part; what it throws makes the part unhealthy, and is not told. */
export type Probe = () => Promise<Finding>;

export interface Health {
  readonly status: ComponentStatus;
  readonly components: Readonly<Record<string, Finding & { readonly latency_ms: number }>>;
}

const FRESH_MS = 1000;
const PROBE_TIMEOUT_MS = 2000;

const ORDER: readonly ComponentStatus[] = ['healthy', 'degraded', 'unhealthy'];

export function openHealth(probes: Readonly<Record<string, Probe>>): () => Promise<Health> {
  let looked: Promise<Health> | undefined;
  let since = -Infinity;
  return () => {
    const now = performance.now();
    if (looked === undefined || now - since > FRESH_MS) {
      since = now;
      looked = look(probes);
    }
    return looked;
  };
}

/** Written once for each look: load balancers ask more often than anything changes. */
const texts = new WeakMap<Health, string>();

export function healthText(health: Health): string {
  const { status, components } = health;
  const text = texts.get(health) ?? JSON.stringify({ schema: 'skillos.health/v1', status, components });
  texts.set(health, text);
  return text;
}

async function look(probes: Readonly<Record<string, Probe>>): Promise<Health> {
  const found = await Promise.all(
    Object.entries(probes).map(async ([name, probe]) => [name, await measure(probe)] as const),
  );
  const worst = Math.max(0, ...found.map(([, { status }]) => ORDER.indexOf(status)));
  return { status: ORDER[worst] as ComponentStatus, components: Object.fromEntries(found) };
}

async function measure(probe: Probe): Promise<Finding & { latency_ms: number }> {
  const began = performance.now();
  const late = delay(PROBE_TIMEOUT_MS, { status: 'unhealthy', details: 'no answer in time' } as const, {
    ref: false,
  });
  const failed = { status: 'unhealthy', details: 'unreachable' } as const;
  const finding = await Promise.race([probe().catch(() => failed), late]);
  return { ...finding, latency_ms: Math.round((performance.now() - began) * 10) / 10 };
}
