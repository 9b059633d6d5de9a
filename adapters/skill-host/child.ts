/** Entry of the skill process: loads one bundle, then runs one call at a time. The worker does not trust its messages. */
import { readFileSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { takeCoverage } from 'node:v8';
import type { JsonValue } from '../../core/json.ts';
import type { SkillContext } from '../../core/skill-api.ts';
import { createContext } from './context.ts';
import { exportedSchemas } from './exported-schemas.ts';
import { HostError, describeFailure } from './failure.ts';
import { rememberProcess } from './process-state.ts';
import type { Failure, FromChild, ToChild } from './protocol.ts';
import { CHANNEL_FD, FrameReader, encodeFrame } from './protocol.ts';
import { ConnectorLink } from './skill-connectors.ts';
import { resultText } from './result.ts';
import type { Check } from './schemas.ts';
import { compileCheck, warmSchemas } from './schemas.ts';

type Load = ToChild & { readonly type: 'load' };
type Call = ToChild & { readonly type: 'call' | 'check' | 'describe' };

interface LoadedSkill {
  readonly module: Readonly<Record<string, unknown>>;
  readonly run: (payload: unknown, ctx: SkillContext) => unknown;
  readonly checkInput: Check;
  /** Takes the JSON text, so that the checked value is the one that is sent. */
  readonly checkOutput: (text: string) => void;
}

interface ActiveCall {
  readonly abort: AbortController;
  /** Ends the call, even if the skill still runs. */
  fail(failure: Failure): void;
  /** Its connector calls; absent until the skill reads `ctx.connectors`. */
  link?: ConnectorLink;
}

/** A process without a bundle after this time counts as a spare. */
const SPARE_AFTER_MS = 20;

const channel = new Socket({ fd: CHANNEL_FD, readable: true, writable: true });
const reader = new FrameReader(Infinity); // messages of the worker are trusted and have no limit
let folders: readonly string[] = [];
let loading: Promise<LoadedSkill> | undefined;
let active: ActiveCall | undefined;
let unusable = false;
/** Set if loading failed; the first call reports the failure. */
let failedToLoad = false;
/** True if calls have changed the process since the skill was loaded. */
let isProcessChanged = () => false;

for (const stream of [process.stdout, process.stderr]) blockOnWrites(stream);
channel.on('data', (chunk) => {
  for (const { text } of reader.push(chunk)) receive(JSON.parse(text) as ToChild);
});
channel.on('error', endGroup).on('close', endGroup);
process.on('uncaughtException', failUncaught).on('unhandledRejection', failUncaught);
process.on('beforeExit', () => {
  channel.ref(); // otherwise the process ends before its answer is written
  const message = 'The skill waits for a promise that nothing can settle any more';
  active?.fail({ code: 'skill_failed', message, details: { name: 'NeverSettled' } });
});

send({ type: 'ready' });
// A spare loads the validator in advance, which takes longer than loading most skills.
setTimeout(() => {
  if (!loading) void warmSchemas();
}, SPARE_AFTER_MS).unref();

function receive(message: ToChild): void {
  switch (message.type) {
    case 'load':
      folders = [path.dirname(message.file), message.root].sort((a, b) => b.length - a.length);
      loading = load(message);
      loading.catch(() => undefined); // the waiting call reports it
      break;
    case 'call':
    case 'check':
    case 'describe':
      void answer(message);
      break;
    case 'connector_result':
    case 'connector_failed':
      active?.link?.settle(message);
      break;
    case 'cancel':
      active?.abort.abort(new DOMException(message.reason, 'AbortError'));
      break;
  }
}

async function load(bundle: Load): Promise<LoadedSkill> {
  try {
    const checkInput = await compileCheck('inputs', bundle.inputs);
    const checkValue = await compileCheck('outputs', bundle.outputs);
    if (bundle.code !== undefined) writeFileSync(bundle.file, bundle.code);
    const module = (await import(pathToFileURL(bundle.file).href)) as Readonly<Record<string, unknown>>;
    const run = module[bundle.export];
    if (typeof run !== 'function') {
      const message = `Expected the export "${bundle.export}" to be a function, got ${typeof run}`;
      throw new HostError('entrypoint_invalid', message, { expected: 'function' });
    }
    const checkOutput = (text: string) => {
      if (bundle.outputs !== undefined) checkValue(JSON.parse(text) as JsonValue);
    };
    isProcessChanged = rememberProcess();
    return { module, run: run as LoadedSkill['run'], checkInput, checkOutput };
  } catch (error) {
    failedToLoad = true;
    throw error;
  }
}

/** Runs a call, and sends exactly one of `result`, `failed` and `refused`. */
async function answer(message: Call): Promise<void> {
  if (unusable) {
    send({ type: 'refused' });
    return;
  }
  channel.unref(); // so that `beforeExit` fires if the call waits for nothing
  let failure: Failure | undefined;
  const text = await new Promise<string>((resolve) => {
    const call: ActiveCall = {
      abort: new AbortController(),
      fail(reason: Failure) {
        failure ??= reason;
        resolve('');
      },
    };
    active = call;
    execute(message, call).then(resolve, (error: unknown) => call.fail(describeFailure(error, folders)));
  });
  channel.ref();
  await new Promise((resolve) => setImmediate(resolve)); // an unhandled rejection of this turn still fails the call
  active?.link?.drop();
  active = undefined;
  // Exhausted memory may stay allocated, and Node caches the failure of a module.
  unusable ||= failedToLoad || failure?.code === 'skill_out_of_memory';
  unusable ||= hasStartedProcesses() || isProcessChanged();
  unusable ||=
    message.type === 'call' && message.attachments?.some(({ data }) => data !== undefined) === true; // their files stay
  takeCoverage(); // writes coverage, if a test enabled it, because this process ends by a signal
  if (unusable) send({ type: 'unusable' });
  if (failure) send({ type: 'failed', failure });
  else channel.write(encodeFrame({ kind: 'result', text }));
}

async function execute(message: Call, call: ActiveCall): Promise<string> {
  const skill = await loading;
  if (!skill) throw new HostError('internal', 'A skill was called before its code was loaded');
  if (message.type === 'check') return 'null';
  if (message.type === 'describe') return JSON.stringify(exportedSchemas(skill.module));
  skill.checkInput(message.payload);
  const { signal } = call.abort;
  const isActive = () => active === call;
  let isSignalTaken = false;
  const context = createContext(message, {
    signal,
    onSignalTaken() {
      isSignalTaken = true;
      channel.ref();
    },
    isActive,
    openLink() {
      const onWaiting = (isWaiting: boolean) =>
        void (isWaiting || isSignalTaken ? channel.ref() : channel.unref());
      return (call.link = new ConnectorLink({ signal, isActive, sendText, onWaiting }));
    },
    send,
  });
  const text = resultText(await skill.run(message.payload, context));
  skill.checkOutput(text);
  return text;
}

/** Handles an uncaught error: it fails the present call, and the process is not reused. */
function failUncaught(error: unknown): void {
  unusable = true;
  if (active) active.fail(describeFailure(error, folders));
  else send({ type: 'unusable' });
}

/** Also processes that have ended, because they may have left others behind, which end with this one. */
function hasStartedProcesses(): boolean {
  if (process.getActiveResourcesInfo().includes('ProcessWrap')) return true;
  try {
    return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8') !== '' || faultsOfEnded() > 0;
  } catch {
    return false; // not Linux: unref'd child processes are not seen; they end with this process group
  }
}

/** Page faults of children that have ended, field 11 of proc(5); no program starts without any. */
function faultsOfEnded(): number {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[8]);
}

function send(message: FromChild): void {
  sendText(JSON.stringify(message));
}

function sendText(text: string): void {
  channel.write(encodeFrame({ kind: 'message', text }));
}

/** Makes writes synchronous; otherwise output accumulates in memory, arrives after the answer, and is lost by `process.exit`. */
function blockOnWrites(stream: object): void {
  const { _handle } = stream as { readonly _handle?: { setBlocking?(on: boolean): void } };
  _handle?.setBlocking?.(true); // Node has no public API for it
}

/** Kills this process group when the worker has ended, so that no child of the skill outlives it. */
function endGroup(): void {
  try {
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    process.kill(process.pid, 'SIGKILL'); // in the sandbox, where it is alone
  }
}
