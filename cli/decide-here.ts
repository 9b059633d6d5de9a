/** Deciding about a run in the call that has started it. */
import { decide, runToDecide } from '../client/approvals.ts';
import type { Decided } from '../client/approvals.ts';
import type { Temporal } from '../client/connection.ts';
import type { ClientPorts } from '../client/ports.ts';
import type { DecisionWord } from '../core/approval.ts';
import type { Rights } from '../core/permission-policy.ts';

interface DecisionHere {
  readonly runId: string;
  readonly rights: Rights;
  readonly decision: DecisionWord;
  readonly token: string | undefined;
}

export async function decideHere(
  ports: ClientPorts,
  temporal: Temporal,
  { rights, ...more }: DecisionHere,
): Promise<Decided['outcome']> {
  const ask = { ...more, actor: { rights, way: 'cli' } } as const;
  const run = await runToDecide(ports, ask);
  return (await decide(ports, temporal, { ask, run })).outcome;
}
