import base from './jest.config.js';

/**
 * Tests that go on for minutes and depend on chance: run them by hand, and more than once.
 * @type {import('jest').Config}
 */
export default {
  ...base,
  testMatch: ['<rootDir>/packages/*/test/**/*.soak.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
};
