/**
 * `npm run test:nodes [22|24…]`: the requirement's commands, a worker, the API, approvals and the sandbox, with the built program on
 * newer releases of Node. The tests themselves run on the installed one.
 */
import { spawnSync } from 'node:child_process';
import { RELEASES, nodeRelease } from './node-release.ts';

const SUITES = [
  'tests/smoke/files',
  'tests/e2e/worker',
  'tests/e2e/serve',
  'tests/e2e/approvals',
  'tests/e2e/hostile-skills',
  'tests/e2e/packages',
];

const given = process.argv.slice(2);
const majors = Object.keys(RELEASES).map(Number) as (keyof typeof RELEASES)[];
const unknown = given.filter((major) => !majors.some((known) => String(known) === major));
if (unknown.length > 0)
  throw new Error(`Unknown release "${unknown.join(' ')}": expected ${majors.join(' or ')}`);

let code = 0;
for (const major of majors.filter((each) => given.length === 0 || given.includes(String(each)))) {
  process.stdout.write(`\nNode ${RELEASES[major]}\n`);
  const env = { ...process.env, SKILLOS_TEST_NODE: nodeRelease(major) };
  const { status } = spawnSync('npm', ['test', '--', ...SUITES], { env, stdio: 'inherit' });
  code ||= status ?? 1;
}
process.exitCode = code;
