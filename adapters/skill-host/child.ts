/** Entry of the skill process: loads one bundle, then answers one call at a time. The worker trusts nothing it says. */
import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { takeCoverage } from 'node:v8';
import type { JsonValue } from '../../core/json.ts';
import type { SkillContext } from '../../core/skill-api.ts';
import { createContext } from './context.ts';
import { HostError, describeFailure } from './failure.ts';
import type { Failure, FromChild, ToChild } from './protocol.ts';
import { CHANNEL_FD, FrameReader, encodeFrame } from './protocol.ts';
import { resultText } from './result.ts';
import type { Check } from './schemas.ts';
import { compileCheck, warmSchemas } from './schemas.ts';

type Load = ToChild & { readonly type: 'load' };
type Call = ToChild & { readonly type: 'call' | 'check' };

interface LoadedSkill {
  readonly run: (payload: unknown, ctx: SkillContext) => unknown;
  readonly checkInput: Check;
  /** Takes the JSON text, so that what is checked is what is sent. */
  readonly checkOutput: (text: string) => void;
}

interface ActiveCall {
  readonly abort: AbortController;
  /** Ends the call, whatever its skill still does. */
  fail(failure: Failure): void;
}

/** How long after its start a process counts as a spare. */
const SPARE_AFTER_MS = 20;

const channel = new Socket({ fd: CHANNEL_FD, readable: true, writable: true });
const reader = new FrameReader(Infinity); // what the worker sends is as large as it is
let folders: readonly string[] = [];
let loading: Promise<LoadedSkill> | undefined;
let active: ActiveCall | undefined;
let spoilt = false;
/** The call that was sent with the code reports it, whichever of the two is seen first. */
let failedToLoad = false;

for (const stream of [process.stdout, process.stderr]) blockOnWrites(stream);
channel.on('data', (chunk) => {
  for (const { text } of reader.push(chunk)) receive(JSON.parse(text) as ToChild);
});
channel.on('error', endGroup).on('close', endGroup);
process.on('uncaughtException', strayed).on('unhandledRejection', strayed);
process.on('beforeExit', () => {
  channel.ref(); // else the process ends before it has answered
  const message = 'The skill waits for a promise that nothing is left to settle';
  active?.fail({ code: 'skill_failed', message, details: { name: 'NeverSettled' } });
});

send({ type: 'ready' });
// A spare that waits gets the validator ready, which takes longer than loading most skills.
setTimeout(() => {
  if (!loading) void warmSchemas();
}, SPARE_AFTER_MS).unref();

function receive(message: ToChild): void {
  switch (message.type) {
    case 'load':
      folders = [path.dirname(message.file), message.root].sort((a, b) => b.length - a.length);
      loading = load(message);
      loading.catch(() => undefined); // the call that waits for it reports it
      break;
    case 'call':
    case 'check':
      void answer(message);
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
    const module = (await import(pathToFileURL(bundle.file).href)) as Readonly<Record<string, unknown>>;
    const run = module[bundle.export];
    if (typeof run !== 'function') {
      const message = `Expected the export "${bundle.export}" to be a function, got ${typeof run}`;
      throw new HostError('entrypoint_invalid', message, { expected: 'function' });
    }
    const checkOutput = (text: string) => {
      if (bundle.outputs !== undefined) checkValue(JSON.parse(text) as JsonValue);
    };
    return { run: run as LoadedSkill['run'], checkInput, checkOutput };
  } catch (error) {
    failedToLoad = true;
    throw error;
  }
}

/** Sends exactly one of `result`, `failed` and `refused`. */
async function answer(message: Call): Promise<void> {
  if (spoilt) {
    send({ type: 'refused' });
    return;
  }
  channel.unref(); // so that `beforeExit` tells when the call waits for nothing
  let failure: Failure | undefined;
  const text = await new Promise<string>((resolve) => {
    const call = {
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
  await new Promise((resolve) => setImmediate(resolve)); // a rejection nobody handles in this turn still fails the call
  active = undefined;
  // What fills the memory may be kept for ever, and Node remembers a module that failed to load.
  spoilt ||= failedToLoad || failure?.code === 'skill_out_of_memory' || leavesProcesses();
  takeCoverage(); // where a test asked for it; this process ends by a signal, too late to write anything
  if (spoilt) send({ type: 'spoilt' });
  if (failure) send({ type: 'failed', failure });
  else channel.write(encodeFrame({ kind: 'result', text }));
}

async function execute(message: Call, call: ActiveCall): Promise<string> {
  const skill = await loading;
  if (!skill) throw new HostError('internal', 'A skill was called before its code was loaded');
  if (message.type === 'check') return 'null';
  skill.checkInput(message.payload);
  const context = createContext(message.context, {
    signal: call.abort.signal,
    onSignalTaken: () => channel.ref(),
    isActive: () => active === call,
    send,
  });
  const text = resultText(await skill.run(message.payload, context));
  skill.checkOutput(text);
  return text;
}

/** An error outside of any `await`: it fails the call it came in, and the process is in no state to go on. */
function strayed(error: unknown): void {
  spoilt = true;
  if (active) active.fail(describeFailure(error, folders));
  else send({ type: 'spoilt' });
}

function leavesProcesses(): boolean {
  if (process.getActiveResourcesInfo().includes('ProcessWrap')) return true;
  try {
    return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8') !== '';
  } catch {
    return false; // no Linux: those that were unref'd stay unseen and end with this process
  }
}

function send(message: FromChild): void {
  channel.write(encodeFrame({ kind: 'message', text: JSON.stringify(message) }));
}

/** Else what is printed piles up in memory, comes after the answer, and is lost with `process.exit`. */
function blockOnWrites(stream: object): void {
  const { _handle } = stream as { readonly _handle?: { setBlocking?(on: boolean): void } };
  _handle?.setBlocking?.(true); // Node has no public name for it
}

/** The worker is gone: nothing that the skill started may outlive it. */
function endGroup(): void {
  process.kill(-process.pid, 'SIGKILL');
}
