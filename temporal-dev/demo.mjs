/** `npm run demo`: two queries on the sample root, from whatever state the clone is in. */
import { execFileSync, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startCarrier } from '../skills/services/carrier.mjs';
import { runMain, setup } from './setup.mjs';

const top = fileURLToPath(new URL('..', import.meta.url));
const QUERY = 'Find flights from Moscow to Sochi';
/** Its skill calls a connector, whose service this process starts. */
const PARCEL_QUERY = 'Where is parcel PX-2041?';
const CLI = 'dist/skillos.mjs';

/** The demo is about the local engine, whatever server the shell is configured for. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_')));

await runMain(async () => {
  await setup();
  const code = (await runQuery(QUERY)) || (await withCarrier(() => runQuery(PARCEL_QUERY)));
  if (code === 0) showNextSteps();
  return code;
});

/** Resolves to the exit code. */
function runQuery(query) {
  process.stderr.write(`\n$ skillos run "${query}" --root skills --execute\n`);
  return new Promise((resolve, reject) => {
    const args = [CLI, 'run', query, '--root', 'skills', '--execute'];
    const child = spawn(process.execPath, args, { cwd: top, env, stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** Where its port is taken, by a service that somebody has started before, that one is asked. */
async function withCarrier(work) {
  const carrier = await startCarrier().catch(() => undefined);
  try {
    return await work();
  } finally {
    carrier?.close();
    carrier?.closeAllConnections();
  }
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
    `  node ${CLI} runs trace ${run.run_id}`,
    `  node ${CLI} dev status`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function ask(...args) {
  const options = { cwd: top, env, encoding: 'utf8', stdio: 'pipe' }; // its notes are not for this output
  return JSON.parse(execFileSync(process.execPath, [CLI, ...args, '--root', 'skills', '--json'], options));
}
