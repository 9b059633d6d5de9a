/** Errors of functions that the command line shares, in the words of the API. */
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';

/** Quoted values are matched first, so that they stay as they are. */
const QUOTED_OR_OPTION = /"(?:[^"\\]|\\.)*"|--([a-z][a-z-]*)/g;

/** Runs `work`; an `invalid_schedule` that it throws names fields such as `start_at` instead of options such as `--start-at`. */
export async function namingFields<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isSkillosError(error, 'invalid_schedule')) throw error;
    const message = error.message.replaceAll(QUOTED_OR_OPTION, (found, option: string | undefined) =>
      option === undefined ? found : option.replaceAll('-', '_'),
    );
    throw new SkillosError('invalid_schedule', message, { cause: error });
  }
}
