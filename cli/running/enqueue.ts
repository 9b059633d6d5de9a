/** Translates a command that enqueues a job into a submission, and prints the id of the job. */
import { enqueueJob } from '../../client/jobs/enqueue.ts';
import type { JobSubmission } from '../../client/jobs/enqueue.ts';
import { EXIT } from '../../core/errors/exit-codes.ts';
import type { ExitCode } from '../../core/errors/exit-codes.ts';
import { actorOf } from '../input/identity.ts';
import type { IdentifiedCommand } from '../input/identity.ts';
import { readJobAsk } from '../input/job-options.ts';
import type { JobOptions } from '../input/job-options.ts';
import { readPayload } from '../input/payload.ts';
import { retriesOf } from '../input/run-options.ts';
import { openRequestEvents } from '../request-events.ts';
import { openRuntime } from '../runtime.ts';
import { submitPorts } from './submit-ports.ts';

interface Enqueueing {
  readonly wanted: JobSubmission['wanted'];
  readonly given: JobOptions;
  readonly noRollback?: boolean;
}

/** Rejects with `usage` for options that do not parse, before anything is read or written. */
export async function enqueueAndPrint(
  command: IdentifiedCommand,
  { wanted, given, noRollback }: Enqueueing,
): Promise<ExitCode> {
  const { context } = command;
  const { maxRetries, idempotencyKey } = given;
  const job = readJobAsk(given, context.now());
  const retries = maxRetries === undefined ? undefined : retriesOf(maxRetries);
  const actor = await actorOf(command);
  const { requestId, emit } = openRequestEvents(command, actor.rights.tenant);
  const { runId, isReplayed } = await enqueueJob(submitPorts(command, openRuntime(command), { emit }), {
    wanted,
    payload: () => readPayload(given, context.stdin),
    actor,
    job,
    maxRetries: retries,
    noRollback,
    idempotencyKey,
    requestId,
  });
  command.print({
    text: `job_enqueued: ${runId}`,
    json: {
      schema: 'skillos.job.enqueued/v1',
      job_id: runId,
      status: 'queued',
      ...(isReplayed ? { replayed: true } : {}),
    },
  });
  return EXIT.ok;
}
