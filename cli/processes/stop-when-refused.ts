/** Stops a process that learns after its start that it may not use the storage. */
import { errorText, isErrorLike } from '../../core/errors/error-chain.ts';

/** As an interrupt does, so that requests and steps in progress are completed. */
export function stopWhenRefused(note: (line: string) => void): (error: unknown) => void {
  return (error) => {
    note(`stopping: ${isErrorLike(error) ? errorText(error) : String(error)}`);
    process.kill(process.pid, 'SIGTERM');
  };
}
