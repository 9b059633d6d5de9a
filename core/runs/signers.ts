/** Signatures of a client's messages to a run, made with the server key. */
import { signDecision } from '../approvals/decision-signature.ts';
import type { Decision } from '../approvals/approval.ts';
import { signRequest } from './request-signature.ts';
import type { RunRequest } from './run.ts';
import type { SentCommand } from './step-command.ts';
import { signCommand } from './step-signature.ts';

/** Each function takes the run id first; undefined without a server key. */
export interface Signers {
  readonly sign?: (runId: string, request: RunRequest) => string;
  readonly signDecision?: (runId: string, decision: Decision) => string;
  readonly signCommand?: (runId: string, command: SentCommand) => string;
}

/** `serverKey` is called for each signature. */
export function signersOf(serverKey: (() => string) | undefined): Signers {
  if (serverKey === undefined) return {};
  return {
    sign: (runId, request) => signRequest(serverKey(), runId, request),
    signDecision: (runId, decision) => signDecision(serverKey(), runId, decision),
    signCommand: (runId, command) => signCommand(serverKey(), runId, command),
  };
}
