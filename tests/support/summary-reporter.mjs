/** Closes a test run with one plain line of counts, and fails it in CI where anything was skipped. */
export default class SummaryReporter {
  #skipped = 0;

  onRunComplete(_contexts, results) {
    this.#skipped = results.numPendingTests + results.numTodoTests;
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    process.stdout.write(`${results.numPassedTests} passed, ${failed} failed, ${this.#skipped} skipped\n`);
  }

  getLastError() {
    const isWrong = process.env.CI && this.#skipped > 0;
    return isWrong ? new Error(`${this.#skipped} tests were skipped, and in CI none may be`) : undefined;
  }
}
