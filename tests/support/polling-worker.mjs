/** Stands in for `skillos worker`: polls nothing, but says so, and ends on SIGTERM. */
import process from 'node:process';

if (process.env.SKILLOS_TASK_QUEUE === 'broken') {
  process.stderr.write('Error: this worker is broken\n');
  process.exit(1);
}
process.stdout.write(`${JSON.stringify({ schema: 'skillos.worker/v1', status: 'polling' })}\n`);
process.on('SIGTERM', () => process.exit(0));
setInterval(() => undefined, 60_000);
