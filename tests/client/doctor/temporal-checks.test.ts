import { diagnose } from '../../../client/doctor/diagnose.ts';
import { temporalChecks, versionProblems } from '../../../client/doctor/temporal-checks.ts';
import { connectTemporal } from '../../../client/temporal/connection.ts';
import type { TemporalTarget } from '../../../client/temporal/connection.ts';
import { deadAddress } from '../../support/dead-address.ts';

const address = process.env['SKILLOS_TEST_TEMPORAL'] ?? '';
const TARGET: TemporalTarget = {
  address,
  namespace: 'default',
  taskQueue: 'nobody-serves-this',
  local: true,
};

async function messagesOf(target: TemporalTarget | undefined) {
  const connecting = target === undefined ? Promise.resolve(undefined) : connectTemporal(target);
  connecting.catch(() => undefined);
  const found = await diagnose(
    temporalChecks(() => connecting),
    180_000,
  );
  await connecting.then((open) => open?.close()).catch(() => undefined);
  return found.map(({ check, problems }) => [check].concat(problems.map(({ message }) => message)));
}

test('finds nothing where no local engine runs', async () => {
  expect(await messagesOf(undefined)).toEqual([['temporal'], ['workers']]);
});

test('finds a queue without workers', async () => {
  expect(await messagesOf(TARGET)).toEqual([
    ['temporal'],
    ['workers', 'No worker serves the queue "nobody-serves-this"'],
  ]);
});

test('finds a namespace with a short retention and without search attributes', async () => {
  const namespace = `doctor-${Date.now()}`;
  const setup = await connectTemporal(TARGET);
  const { client } = setup;
  await client.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: (24 * 3600) as never },
  });
  const isThere = () =>
    client.workflowService.describeTaskQueue({ namespace, taskQueue: { name: 'a' }, taskQueueType: 1 }).then(
      () => true,
      () => false,
    );
  while (!(await isThere())) await new Promise((resolve) => setTimeout(resolve, 100));
  await setup.close();
  const [temporal] = await messagesOf({ ...TARGET, namespace, local: false });
  expect(temporal).toEqual([
    'temporal',
    `Namespace "${namespace}" keeps histories for 24 h: expected at least 72`,
    `Namespace "${namespace}" lacks search attributes of SkillOS`,
  ]);
});

test('finds a server that does not answer, and a namespace that does not exist', async () => {
  const dead = await messagesOf({ ...TARGET, address: await deadAddress(), local: false });
  expect(dead[0]?.[1]).toMatch(/^Temporal does not answer at .* \(engine_unreachable\)$/);
  expect(dead[1]).toEqual(['workers']);
  const missing = await messagesOf({ ...TARGET, namespace: 'nowhere' });
  expect(missing[0]?.[1]).toMatch(/nowhere/);
});

test.each([
  ['1.28.1', ['The Temporal server is 1.28.1: expected at least 1.29, for priorities of jobs']],
  ['0.30.0', ['The Temporal server is 0.30.0: expected at least 1.29, for priorities of jobs']],
  ['1.29.0-rc.1', []],
  ['1.32.0', []],
  ['2.0', []],
  ['', []],
])('finds in the version %j of the server: %j', (version, messages) => {
  expect(versionProblems(version).map(({ message }) => message)).toEqual(messages);
});
