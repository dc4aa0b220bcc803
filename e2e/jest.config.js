import base from '../jest.config.js';

/**
 * Tests on a real API server: e2e/testcluster/build makes its programs, once per machine.
 * @type {import('jest').Config}
 */
export default {
  ...base,
  rootDir: '..',
  testMatch: ['<rootDir>/e2e/**/*.cluster.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  testSequencer: '<rootDir>/e2e/docs-first.mjs',
};
