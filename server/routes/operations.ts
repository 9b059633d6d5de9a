import { listCircuits, resetCircuit, showBudget } from '../../client/limits.ts';
import { mayOperate } from '../../core/rights/operations.ts';
import { tenantOfProcess } from '../../core/values/tenant.ts';
import { endpoint } from '../http/endpoint.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { budget, circuitReset, circuits, resetRequest } from '../schemas/limits.ts';
import { skillIn } from '../http/skill-path.ts';

const getBudget = endpoint({
  method: 'GET',
  path: '/budget',
  id: 'getBudget',
  tag: 'Operations',
  summary: 'Show the budget of the caller’s tenant',
  access: 'caller',
  replies: { 200: { description: 'Limits, spent, reserved and remaining amounts.', schema: budget } },
  handle: async ({ services, rights }) => ({
    json: await showBudget(services.ports, await rights(), services.config),
  }),
});

const getCircuits = endpoint({
  method: 'GET',
  path: '/circuits',
  id: 'listCircuits',
  tag: 'Operations',
  summary: 'List the circuits of skills with recent failures',
  access: 'caller',
  replies: { 200: { description: 'The circuits; empty if no skill failed recently.', schema: circuits } },
  handle: async ({ services, rights }) => {
    const items = await listCircuits(services.ports, await rights(), services.config);
    return { json: { schema: 'skillos.circuits/v1', items } };
  },
});

const postReset = endpoint({
  method: 'POST',
  path: '/circuits/:skill/reset',
  aliases: ['/circuits/:domain/:name/reset'],
  id: 'resetCircuit',
  tag: 'Operations',
  summary: 'Close the circuit of a skill and forget its failures',
  access: 'caller',
  body: resetRequest,
  replies: { 200: { description: 'The circuit is closed.', schema: circuitReset } },
  handle: async ({ params, body, services, actor }) => {
    const skill = skillIn(params);
    const hadFailures = await resetCircuit(services.ports, await actor(body.role), skill);
    return { json: { schema: 'skillos.circuit/v1', skill, status: 'closed', had_failures: hadFailures } };
  },
});

const getMetrics = endpoint({
  method: 'GET',
  path: '/metrics',
  id: 'getMetrics',
  tag: 'Operations',
  summary: 'Metrics of this process for Prometheus',
  access: 'caller',
  replies: { 200: { description: 'Metrics in the Prometheus text format.', type: 'text/plain' } },
  handle: async ({ services, rights }) => {
    const own = await rights();
    const isOwnTenant = own.tenant === tenantOfProcess(services.config);
    const withRuns = isOwnTenant && mayOperate(own, 'runs:read').isAllowed;
    const { contentType: type, text: body } = await services.metrics.render({ withRuns });
    return { content: { type, body } };
  },
});

export const OPERATIONS: readonly Endpoint[] = [getBudget, getCircuits, postReset, getMetrics];
