import base from '../../jest.config.js';

/**
 * Toolchains on this machine: in the images of `e2e/real/images/build` with podman, and installed.
 * @type {import('jest').Config}
 */
export default {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/e2e/toolchains/*.toolchains.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // Seven images are copied, and each toolchain compiles.
  testTimeout: 1_200_000,
  maxWorkers: 1,
};
