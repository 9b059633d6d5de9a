/** `npm run demo`: one query on the sample root, from whatever state the clone is in. */
import { execFileSync, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { runMain, setup } from './setup.mjs';

const top = fileURLToPath(new URL('..', import.meta.url));
const QUERY = 'Find flights from Moscow to Sochi';
const CLI = 'dist/skillos.mjs';

/** The demo is about the local engine, whatever server the shell is configured for. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_')));

await runMain(async () => {
  await setup();
  process.stderr.write(`\n$ skillos run "${QUERY}" --root skills --execute\n`);
  const code = await runQuery();
  if (code === 0) showNextSteps();
  return code;
});

function runQuery() {
  return new Promise((resolve, reject) => {
    const args = [CLI, 'run', QUERY, '--root', 'skills', '--execute'];
    const child = spawn(process.execPath, args, { cwd: top, env, stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

function showNextSteps() {
  const [run] = ask('runs', 'list', '--limit', '1').items;
  const { url } = ask('runs', 'show', run.run_id);
  const lines = [
    '',
    `Run     ${run.run_id}`,
    `Web UI  ${url}`,
    '',
    'Try next:',
    `  node ${CLI} runs show ${run.run_id}`,
    `  node ${CLI} run "Convert 250 euros to roubles" --execute`,
    `  node ${CLI} dev status`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function ask(...args) {
  const options = { cwd: top, env, encoding: 'utf8' };
  return JSON.parse(execFileSync(process.execPath, [CLI, ...args, '--root', 'skills', '--json'], options));
}
