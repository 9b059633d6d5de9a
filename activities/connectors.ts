/** Connector calls of a step, each reported to the run's log and to the event log. */
import { MAX_LOGGED_CALLS } from '../core/connectors/call-log.ts';
import type { CallReport, ConnectorHost } from '../core/connectors/connector.ts';
import { callText } from '../core/connectors/connector-text.ts';
import type { FrozenStep } from '../core/plans/plan.ts';
import type { SkillHooks } from '../core/runs/skill-host.ts';
import { report } from './events.ts';
import type { EventPorts } from './events.ts';
import type { RunLog } from './run-log.ts';

export function connectorCalls(
  { connectors, ...ports }: EventPorts & { readonly connectors: ConnectorHost },
  { skill, connectors: declared = [], sideEffects }: FrozenStep,
  log: RunLog,
): Pick<SkillHooks, 'onConnectorCall'> {
  const isReadOnly = sideEffects === 'none' || sideEffects === 'read';
  let logged = 0;
  const onReport = (call: CallReport): void => {
    if (logged++ < MAX_LOGGED_CALLS)
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
  return {
    onConnectorCall: (call, signal) => connectors.call(call, { declared, isReadOnly, signal, onReport }),
  };
}
