/** Signatures of step commands, made with the server key and verified by the worker. */
import type { JsonValue } from '../json.ts';
import { refuseSignature } from '../rights/trust.ts';
import type { Trust } from '../rights/trust.ts';
import { canonicalJson, hmacSha256 } from '../values/digest.ts';
import type { SentCommand, StepCommand } from './step-command.ts';

/**
 * Signs the command, its sender and the pause that the sender saw, so that the signature is not valid for
 * another command, pause or run.
 */
export function signCommand(serverKey: string, runId: string, { sent, ...order }: SentCommand): string {
  const { signature: _signature, ...sender } = sent;
  return hmacSha256(serverKey, canonicalJson({ runId, command: order, sender } as unknown as JsonValue));
}

/** Returns why the command's signature is not accepted, or undefined if it is. */
export function refuseCommandSignature(
  runId: string,
  command: StepCommand,
  trust: Trust,
): string | undefined {
  const { sent } = command;
  if (sent === undefined) return refuseSignature(undefined, trust, () => '');
  return refuseSignature(sent.signature, trust, (serverKey) =>
    signCommand(serverKey, runId, { ...command, sent }),
  );
}
