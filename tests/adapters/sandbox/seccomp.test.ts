import type { Buffer } from 'node:buffer';
import { spawnSync } from 'node:child_process';
import { openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { ACTIONS, ARCHITECTURES, CODES, REFUSED, seccompProgram } from '../../../adapters/sandbox/seccomp.ts';
import { tempFolder } from '../../support/temp-folder.ts';

interface Call {
  readonly architecture: number;
  readonly number: number;
  readonly first?: number;
}

/** Runs the program as the kernel does: `struct seccomp_data` in, an action out. */
function answerTo(program: Buffer, { architecture, number, first = 0 }: Call): number {
  const data = new Map([
    [0, number],
    [4, architecture],
    [16, first],
  ]);
  let value = 0;
  for (let at = 0; at < program.length / 8; at++) {
    const k = program.readUInt32LE(8 * at + 4);
    const [jt, jf] = [program.readUInt8(8 * at + 2), program.readUInt8(8 * at + 3)];
    switch (program.readUInt16LE(8 * at)) {
      case CODES.load:
        value = data.get(k) ?? Number.NaN;
        break;
      case CODES.equals:
        at += value === k ? jt : jf;
        break;
      case CODES.atLeast:
        at += value >= k ? jt : jf;
        break;
      case CODES.hasBit:
        at += (value & k) === 0 ? jf : jt;
        break;
      case CODES.answer:
        return k;
      default:
        throw new Error(`Unknown instruction ${at}`);
    }
  }
  throw new Error('The program ends without an answer');
}

const EPERM = ACTIONS.errno + 1;
const ENOSYS = ACTIONS.errno + 38;
const EAFNOSUPPORT = ACTIONS.errno + 97;
const THREAD = 0x3d0f00; // the flags with which glibc starts one

/** Numbers of calls that every Node process makes. */
const ORDINARY = {
  x64: {
    read: 0,
    mmap: 9,
    rt_sigaction: 13,
    connect: 42,
    execve: 59,
    exit_group: 231,
    openat: 257,
    statx: 332,
  },
  arm64: { openat: 56, read: 63, exit_group: 94, rt_sigaction: 134, connect: 203, execve: 221, mmap: 222 },
} as const;
const SPECIAL = {
  x64: { socket: 41, socketpair: 53, clone: 56 },
  arm64: { socket: 198, socketpair: 199, clone: 220 },
} as const;

describe.each(['x64', 'arm64'] as const)('the program for %s', (name) => {
  const { audit: architecture, column } = ARCHITECTURES[name];
  const program = seccompProgram(ARCHITECTURES[name]);
  const answer = (number: number, first = 0) => answerTo(program, { architecture, number, first });

  test('refuses every call of the list', () => {
    const listed = Object.values(REFUSED).flatMap((numbers) => numbers[column] ?? []);
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed.length).toBeGreaterThan(60);
    expect(new Set(listed.map((number) => answer(number)))).toEqual(new Set([EPERM]));
  });

  test('allows what Node needs', () => {
    const answers = Object.values(ORDINARY[name]).map((number) => answer(number));
    expect(new Set(answers)).toEqual(new Set([ACTIONS.allow]));
  });

  test.each(['socket', 'socketpair'] as const)('%s is for AF_UNIX alone', (call) => {
    const families = [1, 2, 10, 16, 17, 40].map((family) => answer(SPECIAL[name][call], family));
    expect(families).toEqual([ACTIONS.allow, ...Array<number>(5).fill(EAFNOSUPPORT)]);
  });

  test('clone is for threads alone, and clone3 and calls of the future do not exist', () => {
    const { clone } = SPECIAL[name];
    expect([answer(clone, THREAD), answer(clone, 17), answer(clone, 0x10000000)]).toEqual([
      ACTIONS.allow,
      EPERM,
      EPERM,
    ]);
    expect([answer(435), answer(463), answer(10_000)]).toEqual([ENOSYS, ENOSYS, ENOSYS]);
  });

  test('ends a process that speaks another architecture', () => {
    const foreign = [0x40000003, 0xc000003e, 0xc00000b7].filter((each) => each !== architecture);
    const answers = foreign.map((other) => answerTo(program, { architecture: other, number: 0 }));
    expect(answers).toEqual([ACTIONS.kill, ACTIONS.kill]);
    expect(answer(0x40000000)).toBe(ACTIONS.kill); // x32
  });
});

test('the kernel takes the program, and answers as it says', () => {
  const name = process.arch as keyof typeof ARCHITECTURES;
  const { column } = ARCHITECTURES[name];
  const file = path.join(tempFolder(), 'program.bpf');
  writeFileSync(file, seccompProgram(ARCHITECTURES[name]));
  const calls = Object.entries(REFUSED).flatMap(([call, numbers]) =>
    numbers[column] === undefined ? [] : [{ call, number: numbers[column], arguments: [0, 0, 0] }],
  );
  const { socket, clone } = SPECIAL[name];
  const special = [
    { call: 'clone', number: clone, arguments: [17, 0, 0] },
    { call: 'clone3', number: 435, arguments: [0, 0, 0] },
    { call: 'AF_INET', number: socket, arguments: [2, 1, 0] },
    { call: 'AF_UNIX', number: socket, arguments: [1, 1, 0] },
  ];
  const lines = [...calls, ...special].map(
    (each) =>
      `$! = 0; $got = syscall(${each.number}, ${each.arguments.join(', ')}); printf "%s %d\\n", "${each.call}", $got < 0 ? $! : 0;`,
  );
  const { stdout, stderr } = spawnSync(
    'bwrap',
    [
      ['--unshare-user', '--cap-drop', 'ALL', '--ro-bind', '/', '/', '--dev-bind', '/dev', '/dev'],
      ['--seccomp', '3', 'perl', '-e', lines.join('\n')],
    ].flat(),
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe', openSync(file, 'r')] },
  );
  expect(stderr).toBe('');
  const expected = [
    ...calls.map(({ call }) => `${call} 1`),
    'clone 1',
    'clone3 38',
    'AF_INET 97',
    'AF_UNIX 0',
  ];
  expect(stdout.trim().split('\n')).toEqual(expected);
});
