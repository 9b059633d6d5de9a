/**
 * A test outside `core` talks to real processes, servers and clocks, and a busy machine can make one miss its moment: it is
 * tried once more. The first failure is printed, and the summary names each test that needed the second attempt.
 */
import.meta.jest.retryTimes(1, { logErrorsBeforeRetry: true });
