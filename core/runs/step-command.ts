/** Commands for a run that is stepped through. Zod-free: workflows use these types. */
import type { Principal } from '../rights/principal.ts';
import type { Carried } from '../values/carried.ts';

/** `step` is a step number, from 1. */
export type StepOrder =
  | { readonly command: 'next' | 'continue' | 'skip' | 'abort' }
  | { readonly command: 'edit'; readonly input: Carried }
  | { readonly command: 'break'; readonly step: number };

/** The sender of a command, and what the sender saw. */
export interface CommandSender {
  readonly principal: Principal;
  readonly tenant: string;
  readonly via: 'cli' | 'api' | 'ui';
  /** The execution that is paused. */
  readonly execution: string;
  /** The step before which the run is paused; absent if it is not paused. */
  readonly paused?: number;
  /** Distinguishes otherwise equal commands, so that each applies once. */
  readonly id: string;
  readonly requestId?: string;
  /** Proof that a holder of the server key sent this, to this run. */
  readonly signature?: string;
}

/** The argument of the Update `step`. */
export type StepCommand = StepOrder & { readonly sent?: CommandSender };

/** A command with its sender. */
export type SentCommand = StepOrder & { readonly sent: CommandSender };

/** The number of the first step that runs with what the command changes at the pause before step `paused`. */
export function firstChanged(order: Pick<StepOrder, 'command'>, paused: number): number {
  return order.command === 'edit' ? paused : paused + 1;
}

/** True if the command changes what later steps receive. */
export function changesInput({ command }: Pick<StepOrder, 'command'>): boolean {
  return command === 'edit' || command === 'skip';
}
