/**
 * The system calls that code in the sandbox may not make, as a program of classic BPF for `bwrap --seccomp`: see seccomp(2) and
 * `linux/filter.h`. What is not listed here is allowed, up to the newest call that was known when the list was written.
 */
import { Buffer } from 'node:buffer';

export const ACTIONS = { allow: 0x7fff0000, errno: 0x00050000, kill: 0x80000000 } as const;

interface Architecture {
  /** `AUDIT_ARCH_*` of `linux/audit.h`. */
  readonly audit: number;
  /** Index of its numbers in the table below. */
  readonly column: 0 | 1;
}

/** By the names of `process.arch`. */
export const ARCHITECTURES = {
  x64: { audit: 0xc000003e, column: 0 },
  arm64: { audit: 0xc00000b7, column: 1 },
} as const satisfies Readonly<Record<string, Architecture>>;

const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;
const AF_UNIX = 1;
const CLONE_THREAD = 0x10000;
/** Calls of the x32 ABI, which have the architecture of x86_64 and numbers of their own. */
const X32 = 0x40000000;
/** `mseal`; the numbers from 424 on are the same for all architectures. */
const NEWEST = 462;

type Numbers = readonly [x64: number | undefined, arm64: number | undefined];

const both = (number: number): Numbers => [number, number];

/** Refused with EPERM, by purpose; `asm/unistd_64.h` and `asm-generic/unistd.h`. */
export const REFUSED: Readonly<Record<string, Numbers>> = {
  // other processes
  fork: [57, undefined],
  vfork: [58, undefined],
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  process_madvise: both(440),
  process_mrelease: both(448),
  kcmp: [312, 272],
  pidfd_open: both(434),
  pidfd_getfd: both(438),
  pidfd_send_signal: both(424),
  // namespaces and mounts
  unshare: [272, 97],
  setns: [308, 268],
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: both(428),
  move_mount: both(429),
  fsopen: both(430),
  fsconfig: both(431),
  fsmount: both(432),
  fspick: both(433),
  mount_setattr: both(442),
  statmount: both(457),
  listmount: both(458),
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  fanotify_init: [300, 262],
  // parts of the kernel with a history of holes
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  io_uring_setup: both(425),
  io_uring_enter: both(426),
  io_uring_register: both(427),
  lookup_dcookie: [212, 18],
  vmsplice: [278, 75],
  modify_ldt: [154, undefined],
  personality: [135, 92],
  // memory beyond the limit of the data segment
  memfd_create: [319, 279],
  memfd_secret: both(447),
  shmget: [29, 194],
  shmat: [30, 196],
  semget: [64, 190],
  msgget: [68, 186],
  mq_open: [240, 180],
  mbind: [237, 235],
  set_mempolicy: [238, 237],
  set_mempolicy_home_node: both(450),
  migrate_pages: [256, 238],
  move_pages: [279, 239],
  // the machine
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  reboot: [169, 142],
  swapon: [167, 224],
  swapoff: [168, 225],
  acct: [163, 89],
  quotactl: [179, 60],
  quotactl_fd: both(443),
  syslog: [103, 116],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  clock_adjtime: [305, 266],
  adjtimex: [159, 171],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  vhangup: [153, 58],
  iopl: [172, undefined],
  ioperm: [173, undefined],
};

/**
 * Answered as if done. Modes and owners mean nothing to one process of one user, and a worker that is root owns the devices
 * outside too.
 */
const IGNORED: Readonly<Record<string, Numbers>> = {
  chmod: [90, undefined],
  fchmod: [91, 52],
  fchmodat: [268, 53],
  fchmodat2: both(452),
  chown: [92, undefined],
  lchown: [94, undefined],
  fchown: [93, 55],
  fchownat: [260, 54],
  setxattr: [188, 5],
  lsetxattr: [189, 6],
  fsetxattr: [190, 7],
  removexattr: [197, 14],
  lremovexattr: [198, 15],
  fremovexattr: [199, 16],
  utime: [132, undefined],
  utimes: [235, undefined],
  futimesat: [261, undefined],
  utimensat: [280, 88],
};

interface Rule {
  readonly numbers: Numbers;
  readonly errno: number;
  /** The call is allowed if the low 32 bits of this argument equal the value, or have its bit. */
  readonly unless?: { readonly argument: number; readonly test: 'equals' | 'hasBit'; readonly value: number };
}

const ofUnix = { argument: 0, test: 'equals', value: AF_UNIX } as const;
const ofThread = { argument: 0, test: 'hasBit', value: CLONE_THREAD } as const;

const RULES: readonly Rule[] = [
  ...Object.values(REFUSED).map((numbers) => ({ numbers, errno: EPERM })),
  ...Object.values(IGNORED).map((numbers) => ({ numbers, errno: 0 })),
  { numbers: [41, 198], errno: EAFNOSUPPORT, unless: ofUnix }, // socket
  { numbers: [53, 199], errno: EAFNOSUPPORT, unless: ofUnix }, // socketpair
  { numbers: [56, 220], errno: EPERM, unless: ofThread }, // clone
  { numbers: both(435), errno: ENOSYS }, // clone3: its flags are in memory; the C library then calls clone
];

interface Instruction {
  readonly code: number;
  /** Instructions to skip if the comparison holds, and if not. */
  readonly jt?: number;
  readonly jf?: number;
  readonly k: number;
}

export const CODES = { load: 0x20, equals: 0x15, atLeast: 0x35, hasBit: 0x45, answer: 0x06 } as const;

/** Offsets in `struct seccomp_data`. Both architectures are little-endian: the low half of an argument comes first. */
const OFFSETS = { number: 0, architecture: 4, arguments: 16 } as const;

const load = (k: number): Instruction => ({ code: CODES.load, k });
const answer = (k: number): Instruction => ({ code: CODES.answer, k });

/** The program for one architecture; a call of another one, and of x32, ends the process. */
export function seccompProgram({ audit, column }: Architecture): Buffer {
  return assembled([
    load(OFFSETS.architecture),
    { code: CODES.equals, k: audit, jt: 1 },
    answer(ACTIONS.kill),
    load(OFFSETS.number),
    ...when({ code: CODES.atLeast, k: X32 }, [answer(ACTIONS.kill)]),
    ...when({ code: CODES.atLeast, k: NEWEST + 1 }, [answer(ACTIONS.errno + ENOSYS)]),
    ...RULES.flatMap((rule) => ruleFor(rule.numbers[column], rule)),
    answer(ACTIONS.allow),
  ]);
}

function ruleFor(number: number | undefined, { errno, unless }: Rule): readonly Instruction[] {
  if (number === undefined) return [];
  const refusal = answer(ACTIONS.errno + errno);
  const test = { code: CODES.equals, k: number };
  if (unless === undefined) return when(test, [refusal]);
  const { argument, value: k, test: kind } = unless;
  const exception = when({ code: CODES[kind], k }, [answer(ACTIONS.allow)]);
  return when(test, [load(OFFSETS.arguments + 8 * argument), ...exception, refusal]);
}

/** The body ends with an answer, so what follows still sees the number of the call. */
function when(test: Instruction, body: readonly Instruction[]): readonly Instruction[] {
  return [{ ...test, jf: body.length }, ...body];
}

/** `struct sock_filter`, 8 bytes each. */
function assembled(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(8 * program.length);
  for (const [index, { code, jt = 0, jf = 0, k }] of program.entries()) {
    bytes.writeUInt16LE(code, 8 * index);
    bytes.writeUInt8(jt, 8 * index + 2);
    bytes.writeUInt8(jf, 8 * index + 3);
    bytes.writeUInt32LE(k, 8 * index + 4);
  }
  return bytes;
}
