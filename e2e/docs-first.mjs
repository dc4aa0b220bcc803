import TestSequencer from '@jest/test-sequencer';

/** Starts the tests of the documents first. They take the longest, and their files are small: jest would start them last. */
export default class DocsFirst extends TestSequencer {
  sort(tests) {
    const isDocs = ({ path }) => path.includes('/e2e/docs/');
    const sorted = super.sort(tests);
    return [...sorted.filter(isDocs), ...sorted.filter((test) => !isDocs(test))];
  }
}
