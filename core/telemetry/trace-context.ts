/** W3C trace contexts (https://www.w3.org/TR/trace-context/), and the contexts of the spans of a run. */
import { sha256 } from '../values/digest.ts';

export interface TraceContext {
  /** 32 hexadecimal digits, not all zero. */
  readonly traceId: string;
  /** 16 hexadecimal digits, not all zero. */
  readonly spanId: string;
  /** The spans of a trace that is not sampled are not sent. */
  readonly isSampled: boolean;
}

/** Version 00, or a later one, whose further fields are ignored. */
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const SAMPLED = 1;

/** Returns undefined for a text that is not valid, which callers ignore. */
export function parseTraceparent(text: string | undefined): TraceContext | undefined {
  const [, version, traceId, spanId, flags, rest] = TRACEPARENT.exec(text ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (version === '00' && rest !== undefined) return undefined;
  return { traceId, spanId, isSampled: (parseInt(flags, 16) & SAMPLED) !== 0 };
}

export function traceparentOf({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}

/** The context of a new trace; `ratio` is the share of traces that are sampled. Equal keys give equal contexts. */
export function rootContext(key: string, ratio: number): TraceContext {
  const traceId = hex(`trace ${key}`, 32);
  return { traceId, spanId: hex(`span ${key}`, 16), isSampled: isInShare(traceId, ratio) };
}

/** The context of a span below `parent`; `key` tells it from the other spans below it. */
export function childContext(parent: TraceContext, key: string): TraceContext {
  return { ...parent, spanId: hex(`${parent.traceId} ${parent.spanId} ${key}`, 16) };
}

/** One execution of a run; a reset makes another one in the same trace. */
interface Execution {
  readonly id: string;
  readonly executionId: string;
}

/**
 * The context of the span of a run. It follows from ids, so every worker knows it without asking. Without the `traceparent`
 * of a request, such as for a schedule, the run has a trace of its own.
 */
export function runContext(
  { id, executionId }: Execution,
  traceparent: string | undefined,
  ratio: number,
): TraceContext {
  const parent = parseTraceparent(traceparent);
  if (parent !== undefined) return childContext(parent, executionId);
  return { ...rootContext(id, ratio), spanId: hex(`span ${executionId}`, 16) };
}

function hex(text: string, digits: number): string {
  return sha256(text).slice(0, digits);
}

/** The first 32 bits of a trace id decide, so that all processes decide alike. */
function isInShare(traceId: string, ratio: number): boolean {
  return parseInt(traceId.slice(0, 8), 16) < ratio * 2 ** 32;
}
