import path from 'node:path';

/**
 * Closes a test run with the tests that passed at their second attempt and one plain line of counts, and fails it in CI where
 * anything was skipped.
 */
export default class SummaryReporter {
  #skipped = 0;

  onRunComplete(_contexts, results) {
    this.#skipped = results.numPendingTests + results.numTodoTests;
    for (const name of passedLate(results)) process.stdout.write(`passed at the second attempt: ${name}\n`);
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    process.stdout.write(`${results.numPassedTests} passed, ${failed} failed, ${this.#skipped} skipped\n`);
  }

  getLastError() {
    const isWrong = process.env.CI && this.#skipped > 0;
    return isWrong ? new Error(`${this.#skipped} tests were skipped, and in CI none may be`) : undefined;
  }
}

function passedLate({ testResults }) {
  return testResults.flatMap(({ testFilePath, testResults: tests }) =>
    tests
      .filter(({ status, invocations }) => status === 'passed' && invocations > 1)
      .map(({ fullName }) => `${path.relative(process.cwd(), testFilePath)}: ${fullName}`),
  );
}
