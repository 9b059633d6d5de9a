/** Connector calls of a step, each reported to the run's log and to the event log. */
import { MAX_LOGGED_CALLS } from '../../core/connectors/call-log.ts';
import type { CallReport } from '../../core/connectors/connector.ts';
import { callText } from '../../core/connectors/connector-text.ts';
import type { FrozenStep } from '../../core/plans/plan.ts';
import type { SkillHooks } from '../../core/runs/skill-host.ts';
import { callSpan } from '../../core/telemetry/spans.ts';
import type { TraceContext } from '../../core/telemetry/trace-context.ts';
import { report } from '../events.ts';
import type { EventPorts } from '../events.ts';
import type { KeptExchanges } from './kept-exchanges.ts';
import type { WorkerPorts } from '../ports.ts';
import type { RunLog } from '../run-log.ts';

interface ConnectorCalls {
  /** Empty if the skill declares no connector. */
  readonly hooks: Pick<SkillHooks, 'onConnectorCall'>;
  /** Resolves when what is kept of the calls is stored. */
  close(): Promise<void>;
}

interface Attempt {
  readonly runId: string;
  readonly log: RunLog;
  /** Absent if the calls are not kept. */
  readonly kept?: KeptExchanges | undefined;
  /** The trace context of the attempt; absent unless traces are sent. */
  readonly trace?: TraceContext | undefined;
}

type Answering = NonNullable<SkillHooks['onConnectorCall']>;

type CallPorts = EventPorts &
  Pick<WorkerPorts, 'connectors' | 'connectorCalled' | 'deploymentOf' | 'tracing'>;

export function connectorCalls(
  { connectors, connectorCalled, deploymentOf, tracing, ...ports }: CallPorts,
  { skill, connectors: declared, sideEffects }: FrozenStep,
  { runId, log, kept, trace }: Attempt,
): ConnectorCalls {
  if (declared === undefined) return { hooks: {}, close: async () => undefined };
  const isReadOnly = sideEffects === 'none' || sideEffects === 'read';
  let calls = 0;
  const onReport = (call: CallReport): void => {
    connectorCalled?.(call);
    if (trace !== undefined) tracing?.record(callSpan(trace, call, { number: calls, endMs: ports.now() }));
    if (calls++ < MAX_LOGGED_CALLS)
      log.write({ stream: 'connector', message: callText(call), fields: { ...call } });
    const { connector, method, host, status, code, ms, bytes } = call;
    report(ports, [
      {
        event: 'integration_call',
        connector_id: connector,
        status: code === undefined ? 'success' : 'error',
        latency_ms: ms,
        method,
        host,
        bytes,
        skill_id: skill,
        ...(status === undefined ? {} : { status_code: status }),
        ...(code === undefined ? {} : { error_class: code }),
      },
    ]);
  };
  let deployment: Promise<string | undefined> | undefined;
  const answerOf: Answering = async (call, signal, hosts) => {
    deployment ??= deploymentOf(runId).catch((error: unknown) => {
      deployment = undefined; // the next call asks again
      throw error;
    });
    const caller = { declared, hosts, isReadOnly, signal, onReport };
    return connectors.call(call, { ...caller, deployment: await deployment });
  };
  return {
    hooks: {
      onConnectorCall(call, signal, hosts) {
        const answer = answerOf(call, signal, hosts);
        return kept === undefined ? answer : kept.keep(call, answer);
      },
    },
    close: async () => kept?.close(),
  };
}
