// A jest reporter that ends with a line for any CI: `N passed, N failed, N skipped`.
import { appendFileSync } from 'node:fs';

export default class ClosingLine {
  onRunComplete(_contexts, results) {
    // A suite that could not be loaded counts as one failure.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const line = `${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped`;
    const tally = process.env.AGENTTEAM_TEST_TALLY;
    if (tally) appendFileSync(tally, `${results.numPassedTests} ${failed}\n`);
    process.on('exit', () => process.stdout.write(`${line}\n`));
  }
}
