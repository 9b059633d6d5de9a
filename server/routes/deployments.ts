import {
  activateDeployment,
  compareDeployments,
  deploymentDocument,
  deploymentItem,
  deploymentList,
  rollBack,
  showDeployment,
} from '../../client/deployments/deployments.ts';
import { endpoint } from '../http/endpoint.ts';
import type { Endpoint } from '../http/endpoint.ts';
import {
  activateRequest,
  activation,
  deployment,
  deploymentDiff,
  deploymentPage,
  deploymentQuery,
} from '../schemas/deployments.ts';

const getDeployments = endpoint({
  method: 'GET',
  path: '/deployments',
  id: 'listDeployments',
  tag: 'Operations',
  summary: 'List deployments of the skills root, newest first',
  access: 'caller',
  query: deploymentQuery,
  replies: { 200: { description: 'A page; requires `skills:write`.', schema: deploymentPage } },
  handle: async ({ query, services, rights }) => {
    const { items, ...next } = await deploymentList(services.deployments, await rights(), query);
    return { json: { schema: 'skillos.deployments/v1', items: items.map(deploymentItem), ...next } };
  },
});

const getDeployment = endpoint({
  method: 'GET',
  path: '/deployments/:deployment',
  id: 'getDeployment',
  tag: 'Operations',
  summary: 'Show a deployment by its id, the first digits of it, or as `active`',
  access: 'caller',
  replies: { 200: { description: 'The deployment; requires `skills:write`.', schema: deployment } },
  handle: async ({ params, services, rights }) => ({
    json: deploymentDocument(
      await showDeployment(services.deployments, await rights(), params['deployment'] ?? ''),
    ),
  }),
});

const getDiff = endpoint({
  method: 'GET',
  path: '/deployments/:deployment/diff/:other',
  id: 'compareDeployments',
  tag: 'Operations',
  summary: 'Show what the second deployment changes against the first',
  access: 'caller',
  replies: { 200: { description: 'The changes; requires `skills:write`.', schema: deploymentDiff } },
  handle: async ({ params: { deployment: from = '', other: to = '' }, services, rights }) => {
    const { changes, ...ids } = await compareDeployments(services.deployments, await rights(), [from, to]);
    return { json: { schema: 'skillos.deployment-diff/v1', ...ids, changes } };
  },
});

const postActivate = endpoint({
  method: 'POST',
  path: '/deployments/:deployment/activate',
  id: 'activateDeployment',
  tag: 'Operations',
  summary: 'Let all hosts run a deployment that was made before',
  access: 'caller',
  body: activateRequest,
  replies: { 200: { description: 'It is active; requires `skills:write`.', schema: activation } },
  handle: async ({ params, body, services, actor }) => {
    const caller = await actor(body.role);
    const id = await activateDeployment(services.deployments, caller, params['deployment'] ?? '');
    return { json: { schema: 'skillos.activation/v1', status: 'activated', id } };
  },
});

const postRollback = endpoint({
  method: 'POST',
  path: '/deployments/rollback',
  id: 'rollBackDeployment',
  tag: 'Operations',
  summary: 'Go back to the deployment that was active before',
  access: 'caller',
  body: activateRequest,
  replies: { 200: { description: 'It is active; requires `skills:write`.', schema: activation } },
  handle: async ({ body, services, actor }) => {
    const id = await rollBack(services.deployments, await actor(body.role));
    return { json: { schema: 'skillos.activation/v1', status: 'rolled_back', id } };
  },
});

export const DEPLOYMENTS: readonly Endpoint[] = [
  getDeployments,
  getDeployment,
  getDiff,
  postActivate,
  postRollback,
];
