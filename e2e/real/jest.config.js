import base from '../../jest.config.js';

/**
 * Tests on a cluster with a real Argo: `site.ts` says which one, and what it must have.
 * @type {import('jest').Config}
 */
export default {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/e2e/real/**/*.real.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // Pods are scheduled, images are there, Argo looks every 10 s: minutes, on a small node.
  testTimeout: 600_000,
  // One team at a time: a small node has room for no more.
  maxWorkers: 1,
};
