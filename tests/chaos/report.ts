/** The result of a run of chaos, for people and as JSON. */
import type { Evidence, Finding } from './invariants.ts';

export interface ChaosReport {
  readonly seed: number;
  readonly minutes: number;
  readonly storage: string;
  /** Number of faults by name. */
  readonly faults: ReadonlyMap<string, number>;
  readonly findings: readonly Finding[];
  /** What did not end although all processes were up. */
  readonly hanging: readonly string[];
  /** Exit codes of processes that ended by themselves, by name. */
  readonly ends: readonly (readonly [name: string, codes: readonly (number | null)[]])[];
  /** Requests that were sent again, by their error. */
  readonly repeated: ReadonlyMap<string, number>;
  readonly evidence: Omit<Evidence, 'orphans'>;
}

const SHOWN = 20;

export function documentOf({ faults, ends, evidence, ...report }: ChaosReport) {
  const isBroken =
    report.hanging.length > 0 || report.findings.some(({ violations }) => violations.length > 0);
  return {
    schema: 'skillos.chaos/v1',
    status: isBroken ? 'broken' : 'whole',
    ...report,
    faults: Object.fromEntries(inOrder(faults)),
    repeated: Object.fromEntries(inOrder(report.repeated)),
    ended_by_themselves: Object.fromEntries(ends),
    orders: countsOf(evidence.orders.map(({ kind }) => kind)),
    ends: countsOf(
      evidence.records.map(({ status, reason, error }) => endText(status, reason ?? error?.code)),
    ),
    effects: evidence.effects.length,
  };
}

export function tableOf(report: ChaosReport): string {
  const { status, orders, ends, ended_by_themselves: own } = documentOf(report);
  const width = Math.max(...report.findings.map(({ invariant }) => invariant.length));
  const lines = [
    `seed ${report.seed}, storage ${report.storage}, ${report.minutes} min`,
    `orders   ${listed(Object.entries(orders))}`,
    `ends     ${listed(Object.entries(ends))}`,
    `faults   ${listed(report.faults)}`,
    `repeated ${listed(report.repeated)}`,
    ...Object.entries(own)
      .filter(([, codes]) => codes.length > 0)
      .map(([name, codes]) => `ended    ${name} by itself with ${codes.join(', ')}`),
    '',
    `${'INVARIANT'.padEnd(width)}  CHECKED  BROKEN`,
    ...report.findings.map(
      ({ invariant, checked, violations }) =>
        `${invariant.padEnd(width)}  ${String(checked).padStart(7)}  ${String(violations.length).padStart(6)}`,
    ),
    ...some(report.findings.flatMap(({ violations }) => violations)),
    ...some(report.hanging.map((what) => `hangs: ${what}`)),
    `chaos_${status}`,
  ];
  return `${lines.join('\n')}\n`;
}

function some(lines: readonly string[]): readonly string[] {
  const more = lines.length > SHOWN ? [`  and ${lines.length - SHOWN} more`] : [];
  return [...lines.slice(0, SHOWN).map((line) => `  ${line}`), ...more];
}

function endText(status: string, reason: string | undefined): string {
  return reason === undefined ? status : `${status}:${reason}`;
}

function countsOf(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of [...names].sort()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

type Counts = Iterable<readonly [name: string, count: number]>;

/** `2 this, 3 that`. */
export function listed(counts: Counts): string {
  return inOrder(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}

function inOrder(counts: Counts): readonly (readonly [name: string, count: number])[] {
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}
