// A jest reporter that ends with a line for any CI: `N passed, N failed, N skipped`.
import { appendFileSync } from 'node:fs';
import { relative } from 'node:path';

export default class ClosingLine {
  /** Appends `passed failed` to the file AGENTTEAM_TEST_TALLY, and what failed to AGENTTEAM_TEST_FAILURES. */
  onRunComplete(_contexts, results) {
    // A suite that could not be loaded counts as one failure.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const line = `${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped`;
    append('AGENTTEAM_TEST_TALLY', `${results.numPassedTests} ${failed}\n`);
    for (const { failureMessage, testFilePath } of results.testResults) {
      if (!failureMessage) continue;
      append('AGENTTEAM_TEST_FAILURES', `${relative('.', testFilePath)}\n${failureMessage}\n`);
    }
    process.on('exit', () => process.stdout.write(`${line}\n`));
  }
}

/** @param variable names the file; without it nothing is written. */
function append(variable, text) {
  const file = process.env[variable];
  if (file) appendFileSync(file, text);
}
